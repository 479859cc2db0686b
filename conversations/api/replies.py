"""Messages of one conversation: what was said, and what is said next, as from the composer."""

import base64
import binascii
import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations import drafts, replying
from conversations.api.access import agent_of, seen_conversation
from conversations.api.conversations import told_of
from conversations.api.entries import CLIENT_ID_MAX, TEXT_MAX, EntrySerializer, tell, with_all
from conversations.api.marks import as_seen
from conversations.api.nouns import Listed
from conversations.api.pages import InShownOrder
from conversations.api.problems import Conflict, refusals
from conversations.api.reading import BIGGEST, Id, body
from conversations.api.repeating import once
from conversations.locks import lock_customer_row
from conversations.models import Conversation, Entry
from conversations.ways import ways
from helpdesk.lib import clock
from helpdesk.lib.outbound import OutboundFile, QuickReply, Route

COPIES_MAX, FILES_MAX, HOLD_MAX_SECONDS = 50, 20, 120


class OutboundFileSerializer(serializers.Serializer[Any]):
    """A file to send along; all files and texts together at most 4 MiB of JSON."""

    filename = serializers.CharField(max_length=255)
    content_type = serializers.RegexField(r"^[\w.+-]+/[\w.+-]+$", max_length=120, default="application/octet-stream")
    content = serializers.CharField(help_text="Base64.", trim_whitespace=True)

    def validate_content(self, text: str) -> bytes:
        """Read the base64."""
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(_("This is not base64.")) from error


class QuickReplySerializer(serializers.Serializer[Any]):
    """An answer that the customer may press; pressed, it comes back as a message of theirs with this payload."""

    title = serializers.CharField(max_length=250)
    payload = serializers.CharField(
        max_length=1_000, required=False, allow_blank=True, default="", help_text="Without one: the title."
    )


class ReplySerializer(serializers.Serializer[Any]):
    """What to say, and through what; without `channel` and `identity`, the best way to write to them now."""

    text = serializers.CharField(max_length=TEXT_MAX, trim_whitespace=False)
    channel = Id(required=False, help_text="With identity or not at all.")
    identity = Id(required=False, help_text="One of the customer's addresses.")
    subject = serializers.CharField(max_length=998, required=False, default="", allow_blank=True)
    cc = serializers.ListField(child=serializers.CharField(max_length=320), max_length=COPIES_MAX, default=list)
    bcc = serializers.ListField(child=serializers.CharField(max_length=320), max_length=COPIES_MAX, default=list)
    files = serializers.ListField(child=OutboundFileSerializer(), max_length=FILES_MAX, default=list)
    client_id = serializers.CharField(
        max_length=CLIENT_ID_MAX, required=False, help_text="Made by the caller; a repeated one is the same answer."
    )
    seen_seq = serializers.IntegerField(
        min_value=0, max_value=BIGGEST, required=False, allow_null=True, default=None,
        help_text="`last_seq` as you have read it: 409 `stale` when somebody else wrote since.",
    )  # fmt: skip
    hold_seconds = serializers.IntegerField(
        min_value=0, max_value=HOLD_MAX_SECONDS, default=0, help_text="So long it can be taken back."
    )
    send_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Not before.")
    despite_quiet = serializers.BooleanField(default=False, help_text="Else it waits for the end of quiet hours.")
    is_split = serializers.BooleanField(
        default=False, help_text="A text too long for the channel goes in parts; else it is refused."
    )
    is_public = serializers.BooleanField(
        default=False, help_text="Under a comment, for all to see. In private a comment is answered once."
    )
    quick_replies = QuickReplySerializer(
        many=True, default=list, help_text="As many, and as long, as the channel shows; else it is refused."
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A way has both ends or none; a time to send lies ahead."""
        if ("channel" in said) != ("identity" in said):
            raise ValidationError({"identity": [_("Say both of channel and identity, or none.")]})
        if said["send_at"] is not None and said["send_at"] <= clock.now():
            raise ValidationError({"send_at": [_("That time has passed.")]})
        return said


class ConversationMessages(Listed[Entry]):
    """What was said in a conversation, in shown order; and what is said next."""

    scopes = {"get": Scope.CONVERSATIONS_READ, "post": Scope.MESSAGES_SEND}
    acts_on = "the conversation"
    serializer_class = EntrySerializer
    pagination_class = InShownOrder

    @extend_schema(responses={200: EntrySerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(request=ReplySerializer, responses={201: EntrySerializer, **refusals(403, 404, 409)})
    @once
    def post(self, request: Request, number: int) -> Response:
        """Answer the customer, as from the composer."""
        row, said = seen_conversation(request, number, verb="reply"), body(ReplySerializer, request)
        with as_seen(request, lambda: lock_customer_row(row.customer_id), lambda: told_of(request, number)):
            entry = _reply(request, row, said)
        told = tell([with_all(Entry.objects.all()).get(pk=entry.pk)], agent_of(request))
        return Response(told[0], status=status.HTTP_201_CREATED)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page; whom the reader may know is asked once for all of it."""
        entries = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(tell(entries, agent_of(request)))

    def get_queryset(self) -> QuerySet[Entry]:
        row = seen_conversation(self.request, self.kwargs["number"])
        rows = Entry.objects.visible_to(agent_of(self.request))
        return with_all(rows.filter(conversation=row, kind=Entry.Kind.MESSAGE))


def _reply(request: Request, row: Conversation, said: dict[str, Any]) -> Entry:
    files = tuple(OutboundFile(one["filename"], one["content_type"], one["content"]) for one in said["files"])
    answers = tuple(QuickReply(one["title"], one["payload"] or one["title"]) for one in said["quick_replies"])
    # A name of its own: what the agent is writing on a page is another text, and stays a draft.
    client_id = said.get("client_id") or str(uuid.uuid4())
    try:
        return row.reply(
            by=agent_of(request), text=said["text"], to=_route(row, said), attachments=files, client_id=client_id,
            seen_seq=said["seen_seq"], hold_seconds=said["hold_seconds"], send_at=said["send_at"],
            despite_quiet=said["despite_quiet"], is_split=said["is_split"], is_public=said["is_public"],
            quick_replies=answers,
        )  # fmt: skip
    except replying.StaleSend as stale:
        now = {"entry": stale.entry.pk, "seq": stale.entry.seq}
        raise Conflict(_("Somebody else wrote in the meantime."), "stale", now=now) from stale
    except drafts.TakenOver as taken:
        words = _("%(who)s took over what you were writing.") % {"who": taken.by}
        raise Conflict(words, "taken_over") from taken
    except replying.ClientIdTaken as error:
        raise Conflict(_("This client_id belongs to something else."), "taken") from error
    except replying.NoWay as error:
        raise Conflict(_(str(error)), "no_way") from error


def _route(row: Conversation, said: dict[str, Any]) -> Route:
    """Return where it goes. Raises Conflict with why not."""
    found = ways(row.customer, row.brand)
    if "channel" in said:
        found = [way for way in found if (way.channel.pk, way.identity.pk) == (said["channel"], said["identity"])]
    if not found:
        raise Conflict(_("There is no way to write to this customer here."), "no_way")
    if not found[0].can_write:
        raise Conflict(found[0].why_not, "no_way")
    copies = (tuple(said["cc"]), tuple(said["bcc"]))
    return Route(found[0].channel.pk, found[0].identity.pk, *copies, said["subject"])

"""Our own API as a kind of channel, for any system that has no adapter (docs/api-channel.md)."""

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from channels_app import asking
from channels_app.adapters._base import Adapter
from channels_app.adapters.api import client, parse, shapes, signing, uploads
from channels_app.adapters.api.config import ApiConfigForm
from channels_app.adapters.api.description import description
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel, RawEvent

MEGABYTE = 1024 * 1024
RULES = tuple(FileRule(kind, 25 * MEGABYTE) for kind in ("image", "audio", "video", "file"))


class ApiAdapter(Adapter):
    """Takes signed JSON and sends signed JSON."""

    kind: ClassVar[str] = "api"
    label: ClassVar[str] = cast("str", _("API"))
    icon: ClassVar[str] = "api"
    about: ClassVar[str] = cast(
        "str", _("Any other system: it calls this desk and is called by it, both signed with one secret.")
    )
    identity_kind: ClassVar[str] = Identity.Kind.OTHER
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=100_000, max_files_bytes=25 * MEGABYTE, in_pieces=True, max_caption_characters=100_000,
        file_rules=RULES, is_idempotent=True, has_typing=True, has_read_receipts=True, has_delivered=True,
        has_reactions=True, has_edits=True, has_deletes=True, has_quotes=True, quick_replies=10,
    )  # fmt: skip
    ConfigForm: ClassVar[type[forms.Form]] = ApiConfigForm
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Make up a secret of at least 16 characters and give it to both sides.")),
        cast("str", _("Let the other system send what its people write to this address, signed: {webhook}messages/")),
        cast("str", _("Give the address where it takes answers, and let it check our signature.")),
        cast("str", _("Examples stand in docs/api-channel.md; a description for programs at: {webhook}openapi.json")),
    )

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name the other system: its ids mean something only there."""
        return str(config.get("address", ""))[:120]

    def handshake(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Give the description, which holds no secret, to whoever knows the address."""
        if request.method == "GET" and _rest(request).strip("/") == "openapi.json":
            return JsonResponse(description())
        return None

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless the other system signed the body just now."""
        config = channel.config
        signing.verify(request, [str(config.get(name) or "") for name in ("secret", "secret_next")])

    def answer(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Say what is wrong with a call, so that its programmer sees it; None for one that is to be kept."""
        place, method = shapes.place_of(_rest(request)), str(request.method)
        if place is None:
            return _problem(404, "There is nothing at this address.")
        if method not in shapes.METHODS[place.noun]:
            allowed = ", ".join(shapes.METHODS[place.noun])
            return _problem(405, f"This address takes {allowed}.", headers={"Allow": allowed})
        if place.noun == "files":
            return _uploaded(channel, request)
        if method == "DELETE":
            return None
        given = shapes.read(request.body)
        if given is None:
            return _problem(400, "The body is no JSON object.")
        wrong = shapes.problems(place.noun, given) or _unknown_files(channel, place.noun, given)
        errors = [{"pointer": one.pointer, "detail": one.detail} for one in wrong]
        return _problem(400, "Some of it does not fit.", errors=errors) if wrong else None

    def stored(self, channel: "Channel", event: "RawEvent", request: HttpRequest) -> HttpResponse:
        """Say that it was taken, the same for every repetition; 409 for another body under the same key."""
        if not hmac.compare_digest(event.body_sha256, hashlib.sha256(request.body).hexdigest()):
            return _problem(409, "This Idempotency-Key came with another body before.")
        return JsonResponse({"id": str(event.pk), "state": "accepted"}, status=202)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its Idempotency-Key; else by its bytes and when they were signed."""
        said = [raw.headers.get(name, "") for name in ("x-telaio-method", "x-telaio-path", "idempotency-key")]
        if not said[2]:
            at, _given = signing.read(raw.headers.get("x-signature", ""))
            said += [str(at), hashlib.sha256(raw.body).hexdigest()]
        return hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one call. Raises Malformed."""
        return parse.understand(raw)

    def complete(self, channel: "Channel", event: Event) -> Event:
        """Say of files that were uploaded what they are."""
        if not any(one.ref for one in event.files):
            return event
        return replace(event, files=tuple(uploads.complete(channel, one) for one in event.files))

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Tell the other system of one piece. Raises SendError."""
        return client.send(channel, outbound)

    def check(self, channel: "Channel") -> None:
        """Ask whether the other system is there. Raises SendError."""
        if channel.config.get("target_url"):
            client.ping(channel)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch what came with a message: uploaded here, or at a public address. Raises MediaGone, SendError."""
        if file.ref:
            return uploads.fetch(channel, file.ref)
        return asking.download(channel, file.url)

    def react(self, channel: "Channel", party: Party, external_id: str, emoji: str) -> None:
        """Tell of a sign on a message, or that it is gone. Raises SendError."""
        client.tell(channel, "reaction", party, message_id=external_id, emoji=emoji)

    def edit(self, channel: "Channel", party: Party, external_id: str, text: str) -> None:
        """Tell of new words of a message. Raises SendError."""
        client.tell(channel, "edit", party, message_id=external_id, text=text)

    def withdraw(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Tell that a message was deleted. Raises SendError."""
        client.tell(channel, "delete", party, message_id=external_id)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Tell that somebody types. Raises SendError."""
        client.tell(channel, "typing", party)

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Tell that a message of theirs was seen. Raises SendError."""
        client.tell(channel, "read", party, message_id=external_id)


def _rest(request: HttpRequest) -> str:
    """Return what follows the channel's address."""
    match = request.resolver_match
    return str(match.kwargs.get("rest", "")) if match else ""


def _uploaded(channel: "Channel", request: HttpRequest) -> HttpResponse:
    """Keep a file and say how to name it."""
    try:
        return JsonResponse(uploads.take(channel, request), status=201)
    except uploads.Unfit as unfit:
        return _problem(400, str(unfit))
    except uploads.Conflict as conflict:
        return _problem(409, str(conflict))


def _unknown_files(channel: "Channel", noun: str, given: dict[str, Any]) -> list[shapes.Problem]:
    """Return what a message names that is not here; of what is here note that it is used."""
    if noun != "messages":
        return []
    words = "No upload of this id is here: it belongs to this channel and is good for 24 hours."
    wrong = [shapes.Problem(f"/attachments/{place}/upload_id", words) for place in uploads.missing(channel, given)]
    if not wrong:
        uploads.name(channel, given)
    return wrong


def _problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> HttpResponse:
    """Answer as RFC 9457 says."""
    titles = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 409: "Conflict"}
    said = {"type": "about:blank", "title": titles[status], "status": status, "detail": detail, **more}
    return JsonResponse(said, status=status, content_type="application/problem+json", headers=headers)


adapter = ApiAdapter()

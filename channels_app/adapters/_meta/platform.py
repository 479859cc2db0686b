"""The Messenger Platform's way of sending, which Instagram shares: one text or one file a call."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app.adapters._meta import errors
from channels_app.adapters._meta.errors import Verdict
from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import text
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, ProviderProfile, QuickReply, SendError, Sent, SentPart

Payload = dict[str, Any]
NOT_HIDDEN = _("Meta does not let this comment be hidden or shown. It may be deleted, or stand under another post.")
QUICK_REPLIES_MAX, TITLE_MAX, PAYLOAD_MAX = 13, 20, 1000
# Their subcodes of 10 and 551: the window is over; of 100: no such person, no such comment to answer any more.
WINDOW_SUBCODES = frozenset({2018278, 2018065, 2534022})
PERSON_SUBCODES = frozenset({2018001, 2018218, 2018108, 2018109, 2534014})
VERDICTS: dict[int, Verdict] = {
    **dict.fromkeys((4, 32, 613), errors.THROTTLED),
    **dict.fromkeys((1, 2, 1200), errors.TRANSIENT),
    190: errors.CREDENTIALS,
    200: errors.PERMISSION,
    551: errors.GONE,
    368: errors.BLOCKED,
    2018344: errors.BLOCKED,
    1545041: errors.GONE,
    10903: errors.GONE,
}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose messages these are. path: of its edge; kind, realm: of its people; has_metadata: echoes carry it back."""

    path: str
    kind: str
    realm: str
    has_metadata: bool
    comments_edge: str


def judge(code: int, subcode: int) -> Verdict | None:
    """Return the verdict on a code of the Messenger Platform."""
    if subcode in WINDOW_SUBCODES:
        return errors.WINDOW
    if subcode in PERSON_SUBCODES:
        return errors.GONE
    if subcode == 1893063:
        return errors.BLOCKED
    if code == 100:
        return errors.CONTENT
    return VERDICTS.get(code)


def send(graph: Graph, account: Account, outbound: Outbound) -> Sent:
    """Send one piece: privately, or publicly under a comment. Raises SendError."""
    if outbound.is_public:
        return comment(graph, account, outbound)
    payload, file = _payload(account, outbound), outbound.files[0] if outbound.files else None
    call = Call(
        f"{account.path}/messages",
        "Send a message",
        "POST",
        body=payload,
        file=file,
        file_field="filedata",
        sends=True,
        seconds=40 if file else 12,
    )
    found = graph.ask(call)
    name, recipient = text(found.get("message_id")), text(found.get("recipient_id"))
    if not name:
        raise SendError("provider_error", _("Meta took it, but its answer could not be read."), maybe_sent=True)
    aliases: tuple[Party, ...] = ()
    if recipient and recipient != outbound.to.value:
        aliases = (Party(account.kind, recipient, account.realm),)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),), aliases)


def comment(graph: Graph, account: Account, outbound: Outbound) -> Sent:
    """Answer a comment under it, for all to see. Raises SendError."""
    if outbound.files:
        raise SendError("unsupported", _("A public answer is text only here. Send the file in a private message."))
    media, mentioned = outbound.hints.get("mention_media", ""), outbound.hints.get("mention_comment", "")
    body: Payload = {"message": outbound.text}
    path = f"{outbound.comment_id}/{account.comments_edge}"
    if media:
        # Under somebody else's post one answers the mention, not the comment.
        path, body = f"{account.path}/mentions", {**body, "media_id": media}
        body |= {"comment_id": mentioned} if mentioned else {}
    found = graph.ask(Call(path, "Answer a comment", "POST", body=body, sends=True))
    name = text(found.get("id"))
    if not name:
        raise SendError("provider_error", _("Meta took it, but its answer could not be read."), maybe_sent=True)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def hide(graph: Graph, comment_id: str, key: str, *, is_hidden: bool) -> None:
    """Hide a comment, or show it again. key: the account's word for it. Raises SendError."""
    what = "Hide a comment" if is_hidden else "Show a comment again"
    try:
        found = graph.ask(Call(comment_id, what, "POST", body={key: is_hidden}))
    except SendError as error:
        if error.code != "rejected_content":
            raise
        raise SendError("rejected_content", NOT_HIDDEN, provider_code=error.provider_code) from error
    if found.get("success") is False:
        raise SendError("rejected_content", NOT_HIDDEN)


def act(graph: Graph, account: Account, somebody: Party, action: str) -> None:
    """Show that somebody types or has read. Raises SendError."""
    body = {"recipient": {"id": somebody.value}, "sender_action": action}
    graph.ask(Call(f"{account.path}/messages", action.replace("_", " ").capitalize(), "POST", body=body))


def profile(graph: Graph, person: str, fields: str) -> ProviderProfile | None:
    """Ask who somebody is; None where Meta does not say. Raises SendError that may pass."""
    try:
        found = graph.ask(Call(person, "Look up a name", query={"fields": fields}))
    except SendError as error:
        if error.retryable or error.provider_code.startswith("190"):
            raise
        # Names need a permission that not every account is given, and not everybody shows theirs.
        return None
    names = [text(found.get(key)) for key in ("first_name", "last_name")]
    return ProviderProfile(
        name=text(found.get("name")) or " ".join(name for name in names if name),
        username=text(found.get("username")),
        picture_url=text(found.get("profile_pic")),
    )


def _payload(account: Account, outbound: Outbound) -> Payload:
    payload: Payload = {"recipient": _recipient(outbound), **_type(outbound)}
    message: Payload = {}
    file = outbound.files[0] if outbound.files else None
    if file and outbound.text:
        raise SendError("unsupported", _("A file carries no text here. Send the text by itself."))
    if file is None:
        message["text"] = outbound.text
    else:
        message["attachment"] = {"type": kind_of(file), "payload": {"is_reusable": False}}
    if outbound.quick_replies:
        message["quick_replies"] = [_quick_reply(one) for one in outbound.quick_replies[:QUICK_REPLIES_MAX]]
    if outbound.quotes:
        payload["reply_to"] = {"mid": outbound.quotes}
    if outbound.piece_key and account.has_metadata:
        message["metadata"] = outbound.piece_key[:PAYLOAD_MAX]
    return {**payload, "message": message}


def kind_of(file: OutboundFile) -> str:
    """Say as what a file is sent."""
    if file.kind:
        return file.kind
    kind = file.content_type.partition("/")[0].strip().lower()
    return kind if kind in {"image", "audio", "video"} and "svg" not in file.content_type else "file"


def _recipient(outbound: Outbound) -> Payload:
    """Say who it is for: a comment of theirs that is answered privately, or the person."""
    if outbound.comment_id:
        return {"comment_id": outbound.comment_id}
    return {"id": outbound.to.value}


def _type(outbound: Outbound) -> Payload:
    """Say why it may be sent. HUMAN_AGENT is for what a person wrote by hand, and for nothing else."""
    if outbound.window == "human" and outbound.written_by_person:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"messaging_type": "RESPONSE"}


def _quick_reply(reply: QuickReply) -> Payload:
    if len(reply.title) > TITLE_MAX:
        raise SendError("rejected_content", _("An answer to press has at most 20 characters."))
    return {"content_type": "text", "title": reply.title, "payload": reply.payload[:PAYLOAD_MAX]}

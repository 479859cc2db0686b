"""Asking Telegram, and what its refusals mean (Bot API 10, "Making requests", read 2026-11)."""

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._chat import multipart
from channels_app.adapters._chat.reading import Json, name_of, part, whole
from channels_app.adapters.telegram.config import API
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import OutboundFile, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

ANSWER_MAX_BYTES = 1024 * 1024
# A file of 50 MB takes its time; Capabilities.send_seconds is longer.
SECONDS, UPLOAD_SECONDS = 15.0, 50.0
SENDS = "send"
# A refusal's code and sentence; the first row whose words Telegram's description has.
REFUSALS = (
    ("bot can't initiate conversation", "rejected_recipient", _("On Telegram the customer has to write first.")),
    ("user is deactivated", "rejected_recipient", _("This Telegram account does not exist any more.")),
    ("bot was blocked", "opted_out", _("The customer has blocked the bot. Write through another channel.")),
    ("bot was kicked", "opted_out", _("The bot was removed from this group.")),
    ("chat not found", "rejected_recipient", _("Telegram does not know this customer for your bot.")),
    ("user not found", "rejected_recipient", _("Telegram does not know this customer for your bot.")),
    ("peer_id_invalid", "rejected_recipient", _("Telegram does not know this customer for your bot.")),
    ("not enough rights", "rejected_recipient", _("The bot may not write in this group.")),
    ("have no rights", "rejected_recipient", _("The bot may not write in this group.")),
    ("chat_write_forbidden", "rejected_recipient", _("The bot may not write in this group.")),
    ("voice_messages_forbidden", "rejected_content", _("The customer does not take voice messages. Send a file.")),
    ("business", "account", _("Telegram does not let the bot answer for this business any more.")),
    ("caption is too long", "rejected_content", _("The text is too long to go with a file. Send it on its own.")),
    ("message is too long", "rejected_content", _("The text is too long for Telegram. Shorten or split it.")),
    ("too big", "too_large", _("The file is too large for Telegram.")),
    ("too large", "too_large", _("The file is too large for Telegram.")),
    ("can't be edited", "rejected_content", _("Telegram does not let this message be changed any more.")),
    ("to edit not found", "rejected_content", _("This message is not on Telegram any more.")),
    ("can't be deleted", "rejected_content", _("Telegram does not let this message be deleted any more.")),
    ("to delete not found", "rejected_content", _("This message is not on Telegram any more.")),
    ("to react not found", "rejected_content", _("This message is not on Telegram any more.")),
    ("reaction_invalid", "rejected_content", _("Telegram does not have this reaction.")),
    ("topic_closed", "rejected_recipient", _("This topic of the group is closed.")),
)


class Moved(Exception):
    """The group has another id now."""

    def __init__(self, chat_id: str) -> None:
        super().__init__("The group has another id now.")
        self.chat_id = chat_id


def call(channel: "Channel", method: str, fields: Json | None = None, file: tuple[str, OutboundFile] | None = None,
         *, sends: bool = False) -> Any:  # fmt: skip
    """Call a method and return its result. file: the name of its field, and the file. Raises SendError, Moved."""
    body, kind = _body({name: value for name, value in (fields or {}).items() if value not in ("", None)}, file)
    ask = Ask(
        f"{_root(channel)}/bot{channel.config.get('token', '')}/{method}", "POST", {"content-type": kind}, body,
        max_bytes=ANSWER_MAX_BYTES, timeout_seconds=UPLOAD_SECONDS if file else SECONDS, redirects_max=0, is_ours=True,
    )  # fmt: skip
    answer = asking.call(channel, ask, what=method, sends=sends)
    told = asking.json_of(answer)
    if answer.status == 200 and told.get("ok") is True:
        return told.get("result")
    raise _refused(answer, told, sends=sends)


def file_url(channel: "Channel", path: str) -> str:
    """Return where a file lies. The address has the token in it: it is never kept, logged or shown."""
    return f"{_root(channel)}/file/bot{channel.config.get('token', '')}/{path}"


def is_about_picture(error: SendError) -> bool:
    """Whether Telegram could not make a picture of a file, which it would take as a file."""
    return any(word in error.provider_code for word in ("PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"))


def _root(channel: "Channel") -> str:
    return str(channel.config.get("base_url") or API).rstrip("/")


def _body(fields: Json, file: tuple[str, OutboundFile] | None) -> tuple[bytes, str]:
    if file is None:
        return json.dumps(fields).encode(), "application/json"
    # In a form everything is text, and what is an object is JSON in it.
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    return multipart.encode(written, *file)


def _refused(answer: Answer, told: Json, *, sends: bool) -> Exception:
    """Return what an answer that is no success means."""
    said, more = str(told.get("description") or "")[:200], part(told.get("parameters"))
    code = f"{answer.status} {said}".strip()
    if new_chat := name_of(more.get("migrate_to_chat_id")):
        return Moved(new_chat)
    if answer.status == 429:
        wanted = whole(more.get("retry_after"))
        seconds = asking.retry_after(answer) if wanted is None else min(wanted, asking.RETRY_AFTER_MAX_SECONDS)
        return asking.throttled(seconds, code)
    if passing := asking.passing(answer, code):
        return passing
    if answer.status == 200:
        words = _("Telegram answered something we do not understand. It may have been sent.")
        return SendError("timeout", words, maybe_sent=sends, provider_code=code)
    # A token with a wrong form is "Not Found".
    if answer.status == 401 or (answer.status == 404 and said in {"", "Not Found"}):
        words = _("Telegram does not accept the bot's token. An administrator has to connect it again.")
        return SendError("credentials", words, our_fault=True, provider_code=code)
    return _rejected(answer.status, said, code)


def _rejected(status: int, said: str, code: str) -> SendError:
    for words, ours, sentence in REFUSALS:
        if words in said.lower():
            return SendError(ours, sentence, provider_code=code)
    if status == 403:
        return SendError("opted_out", _("The customer does not let the bot write to them."), provider_code=code)
    if status == 413:
        return SendError("too_large", _("The file is too large for Telegram."), provider_code=code)
    return SendError("rejected_content", _("Telegram did not take the message."), provider_code=code)

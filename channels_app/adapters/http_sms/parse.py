"""Reading a gateway's bodies by the places that its configuration names. Pure."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from channels_app.adapters._sms.reading import each, moment, part, read, text, word
from channels_app.adapters.http_sms.config import settings_of
from channels_app.adapters.http_sms.filling import at
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Malformed, RawInput

FILES_MAX = 20
MILLISECONDS = 100_000_000_000


def understand(raw: RawInput) -> list[Inbound]:
    """Return the events of one call. Raises Malformed."""
    config = settings_of(raw.config)
    given = read(raw)
    listed = [one for body in given for one in _listed(body, config)] if config.get("list_at") else given
    if not listed:
        return [Ignored("The list of messages is empty.")]
    return each(listed, lambda one: [_event(one, config, raw)])


def has_names(found: list[Inbound]) -> bool:
    """Whether the gateway named every message itself."""
    named = [one for one in found if isinstance(one, Event)]
    return bool(named) and not any(one.message_id.startswith("sum:") for one in named)


def _listed(body: dict[str, Any], config: dict[str, Any]) -> list[dict[str, Any]]:
    found = at(body, str(config["list_at"]))
    if not isinstance(found, list):
        raise Malformed("There is no list of messages where one is expected.")
    return [one for one in found if isinstance(one, dict)]


def _event(given: dict[str, Any], config: dict[str, Any], raw: RawInput) -> Inbound:
    sender, said = word(_at(given, config, "from_at")), text(_at(given, config, "text_at"))
    state = word(_at(given, config, "status_at")).lower()
    # A gateway may send a state along with what a customer wrote ("received"): a text makes it a message.
    if state and not said:
        return _status(given, config, state)
    files = _files(_at(given, config, "media_at"))
    if not sender and not said and not files:
        raise Malformed("There is no sender and no text where they are expected.")
    name = word(_at(given, config, "id_at"))
    recipient = word(_at(given, config, "to_at"))
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=sender,
        recipient_id=recipient,
        message_id=name or _sum(sender, recipient, said, raw.received_at),
        text=said,
        files=files,
        occurred_at=_moment(word(_at(given, config, "time_at"))),
    )


def _status(given: dict[str, Any], config: dict[str, Any], state: str) -> Inbound:
    ours = part(config.get("status_words")).get(state)
    name = word(_at(given, config, "status_id_at"))
    if not ours or not name:
        return Ignored(f"The state “{state[:40]}” is none of those that were named, or of no message.")
    code = word(_at(given, config, "status_error_at"), 40) if ours == "failed" else ""
    about = {"said": state, "code": part(config.get("error_words")).get(code.lower(), "")}
    return Event(
        kind=EventKind.STATUS,
        direction="out",
        recipient_id=word(_at(given, config, "from_at")),
        target_id=name,
        status=ours,
        error_code=code,
        occurred_at=_moment(word(_at(given, config, "time_at"))),
        details={key: value for key, value in about.items() if value},
    )


def _at(given: dict[str, Any], config: dict[str, Any], place: str) -> Any:
    return at(given, str(config.get(place) or ""))


def _sum(*said: object) -> str:
    """Name a message that its gateway gave no name: by who, what and the minute, whatever the risk of two alike."""
    *words, received_at = said
    minute = received_at.strftime("%Y-%m-%dT%H:%M") if isinstance(received_at, datetime) else ""
    return "sum:" + hashlib.sha256("\0".join([*map(str, words), minute]).encode()).hexdigest()


def _files(given: object) -> tuple[EventFile, ...]:
    listed = given if isinstance(given, list) else [given]
    urls = [word(one.get("url") if isinstance(one, dict) else one, 2_000) for one in listed[:FILES_MAX]]
    return tuple(EventFile("file", url=url) for url in urls if url.startswith(("http://", "https://")))


def _moment(written: str) -> datetime | None:
    """Read a time as it may be written: ISO 8601, or seconds or milliseconds since 1970."""
    if not (written.isascii() and written.isdigit()):
        return moment(written)
    number = int(written[:15])
    try:
        return datetime.fromtimestamp(number / 1_000 if number > MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None

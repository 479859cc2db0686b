"""What the API channel takes: where, by which method, and what has to stand in the body. Pure."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

TEXT_MAX, ID_MAX, PERSON_MAX, FILES_MAX = 100_000, 150, 320, 20
STATES = ("sent", "delivered", "read", "failed")
HAPPENINGS = ("typing", "read", "reaction")
UPLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
SORTS = ("image", "audio", "video", "file", "sticker")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a body. pointer: where, as RFC 6901 writes it."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was sent: the name of the noun, and the id behind it ('' for none)."""

    noun: str
    name: str = ""


# Which methods each noun takes; `message`: one that was named.
METHODS = {"messages": ("POST",), "message": ("PATCH", "DELETE"), "events": ("POST",), "statuses": ("POST",),
           "files": ("POST",)}  # fmt: skip


def place_of(path: str) -> Place | None:
    """Read what follows the channel's address; None for what is nothing here. Nothing at all: messages."""
    noun, _, name = path.strip("/").partition("/")
    if noun == "messages" and name:
        return Place("message", name) if len(name) <= ID_MAX else None
    return Place(noun or "messages") if not name and (noun or "messages") in METHODS else None


def read(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def problems(noun: str, given: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with a body."""
    return [one for check in CHECKS[noun] for one in check(given)]


def _text(name: str, limit: int, *, needed: bool = True) -> Callable[[dict[str, Any]], list[Problem]]:
    def check(given: dict[str, Any]) -> list[Problem]:
        value = given.get(name)
        if value is None and not needed:
            return []
        if not isinstance(value, str) or (needed and not value.strip()):
            return [Problem(f"/{name}", "A text is needed here.")]
        return [Problem(f"/{name}", f"It may have {limit} characters.")] if len(value) > limit else []

    return check


def _choice(name: str, choices: tuple[str, ...]) -> Callable[[dict[str, Any]], list[Problem]]:
    def check(given: dict[str, Any]) -> list[Problem]:
        return [] if given.get(name) in choices else [Problem(f"/{name}", f"It is one of: {', '.join(choices)}.")]

    return check


def _person(given: dict[str, Any]) -> list[Problem]:
    person = given.get("contact")
    if not isinstance(person, dict):
        return [Problem("/contact", "An object is needed here.")]
    checks = [
        _text("external_id", PERSON_MAX),
        *(_text(name, PERSON_MAX, needed=False) for name in ("name", "email", "phone")),
    ]
    found = [Problem(f"/contact{one.pointer}", one.detail) for check in checks for one in check(person)]
    if not isinstance(person.get("attributes", {}), dict):
        found.append(Problem("/contact/attributes", "An object is needed here."))
    return found


def _content(given: dict[str, Any]) -> list[Problem]:
    files = given.get("attachments") or []
    if not isinstance(files, list) or len(files) > FILES_MAX:
        return [Problem("/attachments", f"A list of at most {FILES_MAX} is needed here.")]
    if not files and not str(given.get("text") or "").strip():
        return [Problem("/text", "A text or an attachment is needed.")]
    return [one for number, file in enumerate(files) for one in _file(number, file)]


def _file(number: int, file: Any) -> list[Problem]:
    known = file if isinstance(file, dict) else {}
    url = known.get("url")
    if "upload_id" in known:
        name = known["upload_id"]
        if "url" in known or not isinstance(name, str) or not UPLOAD.fullmatch(name):
            return [Problem(f"/attachments/{number}/upload_id", "An id of an upload is needed here, and no address.")]
        return []
    if not isinstance(url, str) or not url.startswith(("https://", "http://")) or len(url) > 2_000:
        return [Problem(f"/attachments/{number}/url", "An address on the web is needed here.")]
    return []


def _moment(given: dict[str, Any]) -> list[Problem]:
    value = given.get("occurred_at")
    try:
        if value is not None and datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except (ValueError, TypeError):
        return [Problem("/occurred_at", "A time with its zone is needed here, such as 2026-11-28T09:30:00Z.")]
    return []


CHECKS: dict[str, list[Callable[[dict[str, Any]], list[Problem]]]] = {
    "messages": [
        _text("external_id", ID_MAX), _person, _text("text", TEXT_MAX, needed=False), _content, _moment,
        _text("conversation_external_id", ID_MAX, needed=False), _text("reply_to", ID_MAX, needed=False),
    ],
    "message": [_text("text", TEXT_MAX), _moment],
    "events": [_choice("type", HAPPENINGS), _person, _moment],
    "statuses": [_text("message_id", ID_MAX), _choice("status", STATES), _moment],
}  # fmt: skip

"""Reading what a message holds: its words, files, places and address cards. Pure."""

from channels_app.adapters._meta.reading import (
    Json,
    degrees,
    dicts,
    first,
    mapping,
    number,
    sha256_of,
    text,
    texts,
    whole,
)
from helpdesk.lib.events import EventFile

# Their types, in our words.
FILES = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "audio",
    "document": "file",
    "sticker": "sticker",
}
CARDS_MAX = 50


def read(item: Json, *, error: str = "") -> tuple[str, tuple[EventFile, ...]]:
    """Return the words of a message and what came with it. error: why Meta has no file, in a sentence."""
    body = mapping(item.get("text"))
    said = text(body.get("body"))
    found: list[EventFile] = []
    for name, kind in FILES.items():
        if isinstance(item.get(name), dict):
            given = mapping(item[name])
            said = said or text(given.get("caption"))
            found.append(_file(given, kind, name, error))
    if isinstance(item.get("location"), dict):
        found.append(_place(mapping(item["location"])))
    found += [_card(card) for card in dicts(item.get("contacts"))[:CARDS_MAX]]
    return said, tuple(found)


def amount(value: object) -> str:
    """Write a quantity or a price; prices come as 7.5 or "7.5"."""
    found = number(value)
    return text(value) or (f"{found:g}" if found is not None else "")


def _file(given: Json, kind: str, name: str, error: str) -> EventFile:
    return EventFile(
        type=kind,
        ref=text(given.get("id")),
        url=text(given.get("url")),
        mime=text(given.get("mime_type")),
        name=text(given.get("filename"))[:255],
        is_voice=given.get("voice") is True or name == "voice",
        is_animated=given.get("animated") is True,
        sha256=sha256_of(given.get("sha256")),
        size_bytes=whole(given.get("file_size")),
        error=error,
    )


def _place(given: Json) -> EventFile:
    return EventFile(
        type="location",
        url=text(given.get("url")),
        name=text(given.get("name"))[:255],
        lat=degrees(given.get("latitude"), 90),
        lng=degrees(given.get("longitude"), 180),
        text=text(given.get("address")),
    )


def _card(given: Json) -> EventFile:
    """Read an address card; its name may be missing."""
    name = mapping(given.get("name"))
    spoken = " ".join(part for key in ("first_name", "middle_name", "last_name") if (part := text(name.get(key))))
    company = text(mapping(given.get("org")).get("company"))
    return EventFile(
        type="contact",
        name=first(name.get("formatted_name"), spoken, company)[:255],
        phones=texts([first(one.get("phone"), one.get("wa_id")) for one in dicts(given.get("phones"))]),
        emails=texts([text(one.get("email")) for one in dicts(given.get("emails"))]),
        text=company,
    )

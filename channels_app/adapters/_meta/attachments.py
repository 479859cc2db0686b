"""Reading the attachments of a direct message on Messenger or Instagram. Pure."""

from channels_app.adapters._meta.reading import Json, degrees, dicts, first, mapping, text
from helpdesk.lib.events import EventFile

FILES_MAX = 50
# A preview of a link, and other people's posts: things that are somewhere else.
SHARES = {"fallback": "share", "post": "share"}


def files_of(message: Json) -> tuple[EventFile, ...]:
    """Return what came with a message, each thing once.

    A sticker came as an image with a sticker_id, for a while as both, since 2026-09 as a sticker alone
    (provider documentation, read 2026-11).
    """
    lone = text(message.get("sticker_id"))
    given = dicts(message.get("attachments"))[:FILES_MAX]
    found = [_file(one, lone if len(given) == 1 else "") for one in given]
    stickers = {key for one in found if one.type == "sticker" for key in (one.ref, one.url) if key}
    kept: list[EventFile] = []
    for one in found:
        is_doubled = one.type in {"sticker", "image"} and any(_is_same(one, other, stickers) for other in kept)
        if not is_doubled:
            kept.append(one)
    return tuple(kept)


def _is_same(one: EventFile, other: EventFile, stickers: set[str]) -> bool:
    """Whether two are one sticker: by its id or its address."""
    keys = {one.ref, one.url} - {""}
    return bool(keys & {other.ref, other.url} & stickers)


def _file(given: Json, lone_sticker: str) -> EventFile:
    payload = mapping(given.get("payload"))
    kind = text(given.get("type")) or "file"
    sticker = first(payload.get("sticker_id"), lone_sticker if kind in {"image", "sticker"} else "")
    if kind == "location":
        return _place(given, payload)
    if sticker and kind == "image":
        kind = "sticker"
    names = ("sticker_id", "reel_video_id", "ig_post_media_id", "id")
    return EventFile(
        type=SHARES.get(kind, kind)[:40],
        ref=first(sticker, *(payload.get(name) for name in names)),
        url=first(payload.get("url"), given.get("url")),
        name=text(payload.get("name"))[:255],
        text=first(payload.get("title"), given.get("title"), payload.get("text"), _headline(payload)),
    )


def _place(given: Json, payload: Json) -> EventFile:
    where = mapping(payload.get("coordinates"))
    return EventFile(
        type="location",
        url=first(payload.get("url"), given.get("url")),
        name=text(given.get("title"))[:255],
        lat=degrees(where.get("lat"), 90),
        lng=degrees(where.get("long"), 180),
    )


def _headline(payload: Json) -> str:
    """Return the title of a template's first element."""
    elements = dicts(mapping(payload.get("generic")).get("elements")) or dicts(payload.get("elements"))
    return text(elements[0].get("title")) if elements else ""

"""What is drawn of an entry's files: pictures, films, sounds, places, people, links; all else by name. No markup.

A file is drawn by what its bytes are; what its provider called it says only how its place looks until it is here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from conversations.files import keeping
from conversations.models.attachment import Attachment
from conversations.models.message import Message
from helpdesk.lib import files as kinds

# Words for what a provider may call a file.
WORDS = {
    "image": gettext_lazy("Photo"), "sticker": gettext_lazy("Sticker"), "video": gettext_lazy("Video"),
    "audio": gettext_lazy("Audio"), "voice": gettext_lazy("Voice message"), "file": gettext_lazy("File"),
    "location": gettext_lazy("Place"), "contact": gettext_lazy("Contact"), "story": gettext_lazy("Story"),
    "share": gettext_lazy("Shared post"), "reel": gettext_lazy("Reel"),
}  # fmt: skip
# How kinds of EventFile are drawn that are no files of their own.
REELS, STORIES = {"reel", "ig_reel"}, {"story_mention", "ig_story", "story"}
# A picture of ours without a small one is shown whole up to here.
WHOLE_MAX_BYTES = 5 * 1024 * 1024
# The longer side of a picture and of a sticker, in CSS pixels.
SIDE, STICKER = 320, 144
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lng}#map=16/{lat}/{lng}"
# Why a file is not here (helpdesk.lib and channels_app say it), so that the catalogues hold it.
REASONS = (
    gettext_noop("The provider has it no more."),
    gettext_noop("It could not be fetched."),
    gettext_noop("The provider gave an empty file."),
    gettext_noop("This channel has no files to fetch."),
)
STORY_OVER = gettext_lazy("The story has expired.")


@dataclass(frozen=True, slots=True)
class Shown:
    """One file, ready to be drawn. look: picture, sticker, video, audio, place, contact, share or file.

    word: what it is called; state: here, waiting or unavailable; why: it is unavailable. title: the name of a place or
    a person; said: a place's address, a shared thing's title. width and height: as it is drawn, 0 where not known.
    """

    file: Attachment
    look: str
    word: str
    state: str
    why: str = ""
    title: str = ""
    said: str = ""
    url: str = ""
    lat: str = ""
    lng: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    length: str = ""
    size: int | None = None
    width: int = 0
    height: int = 0

    @property
    def is_waiting(self) -> bool:
        return self.state == Attachment.State.WAITING

    @property
    def is_lost(self) -> bool:
        return self.state == Attachment.State.UNAVAILABLE

    @property
    def map_url(self) -> str:
        """Where a place is seen on a map; nothing is asked of it before somebody goes there."""
        return MAP.format(lat=self.lat, lng=self.lng) if self.lat and self.lng else ""


@dataclass(frozen=True, slots=True)
class Files:
    """An entry's files by how they are drawn; documents stay a list of names."""

    pictures: list[Shown] = field(default_factory=list)
    others: list[Shown] = field(default_factory=list)
    documents: list[Shown] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.pictures or self.others or self.documents)

    @property
    def is_bare(self) -> bool:
        """Whether it is one sticker, which stands without a bubble."""
        return [one.look for one in (*self.pictures, *self.others, *self.documents)] == ["sticker"]


def show(files: Iterable[Attachment], message: Message) -> Files:
    """Sort a message's files by how they are drawn. What an HTML text holds itself is not among them."""
    found = Files()
    if message.deleted_at is not None:
        return found
    for file in files:
        if file.is_inline and message.html:
            continue
        shown = _shown(file, message)
        if shown.look == "picture" and shown.state == "here":
            found.pictures.append(shown)
        elif shown.look == "file" and shown.state == "here":
            found.documents.append(shown)
        else:
            found.others.append(shown)
    return found


def _shown(file: Attachment, message: Message) -> Shown:
    source, look = file.source, _look(file, message)
    word = _word(file, look)
    return Shown(
        file, look, str(WORDS[word]), file.state,
        why=_why(file, word) if file.state == Attachment.State.UNAVAILABLE else "",
        said=text_in(source.get("text")), url=web_in(source.get("url")) if look == "share" else "",
        lat=_degrees(source.get("lat"), 90), lng=_degrees(source.get("lng"), 180),
        phones=_texts(source.get("phones")), emails=_texts(source.get("emails")),
        length=_length(source), size=getattr(file, "size_bytes", None), title=text_in(source.get("name")),
        **_box(source, STICKER if look == "sticker" else SIDE),
    )  # fmt: skip


def _look(file: Attachment, message: Message) -> str:
    """How it is drawn: by its bytes where they are here, else by what its provider called it."""
    if file.kind == "location":
        return "place"
    if file.kind == "contact":
        return "contact"
    if file.state == Attachment.State.HERE and file.blob_id is None:
        return "share"
    if not file.kind:
        return _look_of_ours(file, message)
    if file.is_here:
        look = _look_of(file.content_type, file.kind)
        # One that could not be drawn small would be no better for a browser.
        return "file" if look in {"picture", "sticker"} and file.thumbnail_id is None else look
    return {"image": "picture", "sticker": "sticker", "video": "video", "audio": "audio", "voice": "audio"}.get(
        file.kind, "file"
    )


def _look_of(content_type: str, kind: str) -> str:
    if content_type in kinds.PICTURES:
        return "sticker" if kind == "sticker" else "picture"
    if content_type in kinds.FILMS:
        return "audio" if kind in {"audio", "voice"} else "video"
    return "audio" if content_type in kinds.SOUNDS else "file"


def _look_of_ours(file: Attachment, message: Message) -> str:
    """What an agent sent by a messenger is seen as it was sent; whatever came by mail is a name."""
    size = getattr(file, "size_bytes", None) or 0
    if message.is_inbound or message.html or not file.is_here or size > WHOLE_MAX_BYTES:
        return "file"
    return _look_of(file.content_type, "")


def _word(file: Attachment, look: str) -> str:
    if file.kind in STORIES:
        return "story"
    if file.kind in REELS:
        return "reel"
    if look == "audio" and (file.kind == "voice" or file.source.get("is_voice")):
        return "voice"
    known = {"picture": "image", "place": "location"}.get(look, look)
    return "share" if file.kind in keeping.LINKS else known


def _why(file: Attachment, word: str) -> str:
    if word == "story":
        return str(STORY_OVER)
    return _(text_in(file.source.get("error")) or "It could not be fetched.")


def _length(source: dict[str, Any]) -> str:
    """Write a length as players do: 0:07."""
    seconds = _whole(source.get("seconds") or source.get("duration_seconds"))
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds else ""


def _box(source: dict[str, Any], side: int) -> dict[str, int]:
    """Return how large a picture is drawn, in the proportions that were seen when it was fetched."""
    width, height = _whole(source.get("width")), _whole(source.get("height"))
    if not width or not height:
        return {}
    scale = min(1.0, side / width, side / height)
    return {"width": max(1, round(width * scale)), "height": max(1, round(height * scale))}


def _degrees(value: object, most: int) -> str:
    """Write degrees as maps take them; '' for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def web_in(url: object) -> str:
    """Return an address that may be a link; '' for all else."""
    return url if isinstance(url, str) and url.lower().startswith(("https://", "http://")) else ""


def text_in(value: object) -> str:
    """Return a text; '' for all else."""
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list | tuple) else ()


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0

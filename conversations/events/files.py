"""The files, places and cards of an event: a row each; the bytes are fetched by a worker."""

import mimetypes
from dataclasses import asdict
from typing import Any

from conversations.events.wording import plain
from conversations.models.attachment import Attachment
from conversations.models.entry import Entry
from helpdesk.lib.events import EventFile
from helpdesk.lib.queue import ring

FETCH = "channels_app.fetch_media"
# They are all there, in their source.
WITHOUT_BYTES = frozenset({"location", "contact"})
EXTENSIONS = {"image": ".jpg", "sticker": ".webp", "audio": ".ogg", "video": ".mp4", "voice": ".ogg"}
# What a list shows of a message without words.
SIGNS = {
    "image": "📷", "sticker": "🏷", "audio": "🎵", "video": "🎬", "location": "📍", "contact": "👤", "file": "📎",
    "story_mention": "📷", "share": "🔗", "reel": "🎬", "ig_reel": "🎬", "ig_post": "🔗",
}  # fmt: skip


def keep(entry: Entry, files: tuple[EventFile, ...]) -> None:
    """Hang the files of an event on its entry and ring for those that must be fetched, after commit."""
    for file in files:
        row = Attachment.objects.create(
            entry=entry, kind=file.type[:20], filename=name_of(file)[:255], state=_state_of(file),
            content_type=(file.mime.partition(";")[0].strip().lower() or "application/octet-stream")[:120],
            source=_source_of(file),
        )  # fmt: skip
        if row.state == Attachment.State.WAITING:
            ring(FETCH, row.pk)


def name_of(file: EventFile) -> str:
    """Return what a file is called: as it came, or after what it is."""
    given = str(plain(file.name)).strip()
    if given:
        return given
    if file.type in WITHOUT_BYTES:
        return str(plain(file.text)) or file.type
    guessed = mimetypes.guess_extension(file.mime.partition(";")[0].strip()) or EXTENSIONS.get(file.type, "")
    return f"{file.type or 'file'}{guessed}"


def line_of(files: tuple[EventFile, ...]) -> str:
    """Return the one line that a list shows of a message that is all files; '' for none."""
    if not files:
        return ""
    first = files[0]
    sign = "🎤" if first.is_voice else SIGNS.get(first.type, "📎")
    said = str(plain(first.text or first.name))
    more = f" +{len(files) - 1}" if len(files) > 1 else ""
    return f"{sign} {said}{more}".replace("  ", " ").strip()


def _state_of(file: EventFile) -> str:
    if file.error:
        return Attachment.State.UNAVAILABLE
    if file.type in WITHOUT_BYTES:
        return Attachment.State.HERE
    return Attachment.State.WAITING if file.ref or file.url else Attachment.State.UNAVAILABLE


def _source_of(file: EventFile) -> dict[str, Any]:
    """Write an EventFile as JSON, without what was not said."""
    said: dict[str, Any] = plain(asdict(file))
    return {
        name: value for name, value in said.items() if value or name == "type" or (value == 0 and value is not False)
    }

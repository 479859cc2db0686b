"""What the frame draws of each entry beside its words: files with addresses of their own, and answers to press."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from channels_app.adapters.webchat import giving_sql, passes
from channels_app.models import Channel, Visitor
from conversations.models import Attachment, Entry
from conversations.reading import showing
from helpdesk.lib import clock


@dataclass(frozen=True, slots=True)
class Given:
    """A file and where this visitor's browser finds it."""

    shown: showing.Shown
    small: str
    large: str
    saved: str

    @property
    def ending(self) -> str:
        """Name its sort as people do: PDF, DOCX."""
        return PurePosixPath(self.shown.file.filename).suffix[1:].upper()[:5]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry, its files as they are drawn, and the answers that it offers."""

    entry: Entry
    pictures: list[Given] = field(default_factory=list)
    others: list[Given] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)

    @property
    def lasts(self) -> int:
        """For how many seconds the addresses are good."""
        return passes.ends() - int(clock.real().timestamp())


def draw(entries: Sequence[Entry], channel: Channel, visitor: Visitor) -> list[Drawn]:
    """Gather what is drawn of entries that this visitor may read; of deleted ones nothing."""
    kept = [entry.pk for entry in entries if entry.message.deleted_at is None]
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in giving_sql.files(kept) if kept else []:
        files[file.entry_id].append(file)
    answers = giving_sql.answers(kept) if kept else {}
    return [_drawn(entry, files[entry.pk], answers.get(entry.pk, []), (channel, visitor)) for entry in entries]


def _drawn(
    entry: Entry, files: list[Attachment], answers: list[dict[str, str]], whose: tuple[Channel, Visitor]
) -> Drawn:
    found = showing.show(files, entry.message)
    rest = [*found.others, *found.documents]
    return Drawn(entry, [_given(one, *whose) for one in found.pictures], [_given(one, *whose) for one in rest], answers)


def _given(shown: showing.Shown, channel: Channel, visitor: Visitor) -> Given:
    large, saved = (passes.address(channel, visitor, shown.file.pk, way) for way in (passes.SHOWN, passes.SAVED))
    small = passes.address(channel, visitor, shown.file.pk, passes.SMALL) if shown.file.thumbnail_id else large
    return Given(shown, small, large, saved)

"""Fetching the files that came with messages, while their providers still have them. The one recipe of every channel.

Runs beside webhooks in the worker `hooks`, so it holds few of its threads: whoever has one goes on with what is due.
"""

import threading
from collections import Counter

from django.utils.translation import gettext_noop as _

from agents.models import Workspace
from channels_app.sweeping import is_queue_full
from conversations.files import drawing, keeping, sounds
from conversations.models.attachment import Attachment
from helpdesk.lib import files as kinds
from helpdesk.lib.advisory import Space, Sweep, only_one
from helpdesk.lib.again import insist
from helpdesk.lib.events import file_from_json
from helpdesk.lib.outbound import Media, MediaGone, SendError
from helpdesk.lib.queue import ring_now

BATCH = 200
# At most so many at once in a process, and so many of one channel: a slow provider delays no other.
AT_ONCE = 4
OF_A_CHANNEL = 2
# How many one ring fetches before the next ring has its turn.
IN_A_ROW = 50
# Whatever happens to who fetches it (the process may be killed each time), a file is given up after so many.
ATTEMPTS_MAX = 8
TOO_OFTEN = _("It could not be fetched.")
EMPTY = _("The provider gave an empty file.")

_lock = threading.Lock()
_busy: Counter[int] = Counter()


def fetch(pk: int) -> int:
    """Fetch a file and what else is due, unless as many are being fetched as may be; return how many were."""
    wanted, count = Attachment.objects.filter(pk=pk, state=Attachment.State.WAITING).first(), 0
    while wanted is not None and count < IN_A_ROW:
        channel = _channel_of(wanted)
        if channel is None or not _begin(channel):
            break
        try:
            count += _fetch_one(wanted.pk)
        finally:
            _end(channel)
        wanted = _next()
    return count


def sweep() -> int:
    """Ring for files whose ring was lost or whose time has come; return how many were found."""
    with only_one(Space.SWEEPS, Sweep.MEDIA) as is_me:
        found = list(keeping.due().values_list("pk", flat=True)[:BATCH]) if is_me else []
    if found and not is_queue_full("hooks"):
        for pk in found:
            ring_now(keeping.FETCH, pk)
    return len(found)


def _fetch_one(pk: int) -> bool:
    """Claim, ask with no transaction open, keep. Whatever else a file does to us: its claim ends and it comes again."""
    if Workspace.held().exists():
        return False
    file = insist(lambda: keeping.claim(pk))
    if file is None:
        return False
    if file.attempts > ATTEMPTS_MAX:
        insist(lambda: keeping.fail(file, TOO_OFTEN, may_retry=False))
        return True
    try:
        kept = _ask(file)
    except MediaGone as gone:
        _give_up(file, str(gone)[:500])
    except SendError as error:
        seconds, words, again = error.retry_after_seconds, error.message, error.retryable
        insist(lambda: keeping.fail(file, words, may_retry=again, after_seconds=seconds))
    else:
        if file.kind in keeping.LINKS and kinds.type_of(kept.content) not in kinds.SHOWN:
            insist(lambda: keeping.keep_link(file))
        else:
            insist(lambda: keeping.keep(file, kept))
    return True


def _give_up(file: Attachment, sentence: str) -> None:
    if file.kind in keeping.LINKS and file.source.get("url"):
        insist(lambda: keeping.keep_link(file))
    else:
        insist(lambda: keeping.fail(file, sentence, may_retry=False))


def _ask(file: Attachment) -> keeping.Kept:
    """Get the content from its provider and look at it."""
    channel = file.entry.message.channel
    wanted = file_from_json(file.source)
    if wanted.error and not (wanted.ref or wanted.url):
        raise MediaGone(wanted.error)
    return look_at(channel.adapter.fetch_media(channel, wanted))


def look_at(media: Media) -> keeping.Kept:
    """See what a content is: a picture is drawn small, a voice note's length is read."""
    if not media.content:
        raise MediaGone(EMPTY)
    content_type = kinds.type_of(media.content)
    drawn = drawing.draw(media.content, content_type)
    if drawn is not None:
        return keeping.Kept(media.content, media.name, drawn.thumbnail, drawn.seen)
    seconds = sounds.seconds_of(media.content, content_type)
    return keeping.Kept(media.content, media.name, seen={"seconds": seconds} if seconds else None)


def _next() -> Attachment | None:
    """Return what is due of a channel that does not have its share already."""
    with _lock:
        full = [channel for channel, count in _busy.items() if count >= OF_A_CHANNEL]
    return keeping.due().exclude(entry__message__channel__in=full).first()


def _channel_of(file: Attachment) -> int | None:
    return file.entry.message.channel_id if file.entry.said else None


def _begin(channel: int) -> bool:
    with _lock:
        if _busy.total() >= AT_ONCE or _busy[channel] >= OF_A_CHANNEL:
            return False
        _busy[channel] += 1
        return True


def _end(channel: int) -> None:
    with _lock:
        _busy[channel] -= 1

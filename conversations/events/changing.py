"""A message that was edited or deleted where it was written. The outcome is the same in whatever order it is told."""

from datetime import datetime

from conversations import after, timeline
from conversations.events.happening import Happening
from conversations.files import bytes_of
from conversations.known import facts
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.models.message import Message, MessageVersion
from conversations.searching import filling
from helpdesk.lib.events import EventKind

# What stays of a deleted message: that it was there, how it came and who removed it.
AUDIT = {"proof", "proof_detail", "from", "held", "despite_quiet", "undone", "reply_to", "read_by"}
OURS = {EventKind.ECHO_EDIT, EventKind.ECHO_DELETE}


def edit(message: Message, happening: Happening) -> None:
    """Let a message say what it says now; what it said before stays as a version. Its customer is locked.

    An edit that is older than the last one changes nothing and is kept as a version.
    """
    event, at = happening.event, happening.at
    if message.deleted_at is not None or not _is_by_its_author(message, event.kind) or not (event.text or event.files):
        return
    # What an agent changed from here is told back, at another time than ours.
    is_told_again = event.text in {message.text, _left(message)} and (event.occurred_at is None or event.kind in OURS)
    if is_told_again or _is_known(message, event.text, at):
        return
    if message.edited_at is not None and at < message.edited_at:
        MessageVersion.objects.create(message=message, text=event.text, at=at)
        return
    said_at = message.edited_at or message.entry.occurred_at
    MessageVersion.objects.create(message=message, text=message.text, html=message.html, at=said_at)
    message.text, message.html, message.edited_at = event.text, "", at
    message.save(update_fields=["text", "html", "edited_at"])
    _show(message)
    _learn_again(message.entry)
    # What came from elsewhere is shown as it came.
    timeline.touch(message.entry, data={name: value for name, value in message.entry.data.items() if name != "marked"})


def delete(message: Message, happening: Happening) -> None:
    """Leave a tombstone: who and when, and none of the words and files. Its customer is locked."""
    if message.deleted_at is not None or not _is_by_its_author(message, happening.event.kind):
        return
    entry = message.entry
    message.text = message.html = message.quoted = message.subject = ""
    message.deleted_at, message.edited_at, message.has_remote_images = happening.at, None, False
    message.save(update_fields=["text", "html", "quoted", "subject", "deleted_at", "edited_at", "has_remote_images"])
    message.versions.all().delete()
    message.reactions.all().delete()
    _drop_files(entry)
    Fact.objects.filter(entry=entry).delete()
    _show(message)
    timeline.touch(entry, data={name: value for name, value in entry.data.items() if name in AUDIT})


def _left(message: Message) -> str:
    """Return its words as the provider has them from us."""
    return message.leaving().part(0, len(message.text)).stripped().text


def _is_by_its_author(message: Message, kind: EventKind) -> bool:
    """Whether whoever changes a message may have written it: customers never change ours."""
    if kind == EventKind.CHANNEL_EDIT:
        return True
    return message.is_inbound != (kind in OURS)


def _is_known(message: Message, text: str, at: datetime) -> bool:
    """Whether this edit was told before."""
    return (message.text, message.edited_at) == (text, at) or message.versions.filter(text=text, at=at).exists()


def _show(message: Message) -> None:
    """Let searches and lists know the words as they are now."""
    filling.keep([message.entry])
    conversation = message.entry.conversation_id
    said = Message.objects.filter(entry__conversation=conversation).order_by("-pk")
    newest = said.filter(direction=Message.Direction.IN).first() or said.first()
    if conversation is not None and newest == message:
        # No version of the row is counted up: nothing that an agent decides has changed.
        preview = timeline.preview(message.words, message.subject)
        Conversation.objects.filter(pk=conversation).update(last_preview=preview)


def _learn_again(entry: Entry) -> None:
    """Let the words as they are now teach what those of before did; what people decided of it stands."""
    if entry.done_at is None:
        # The step after the entry is still to come.
        return
    Fact.objects.filter(entry=entry, is_current=True).delete()
    fresh = after.with_parts().get(pk=entry.pk)
    learnt = facts.learnt_from(fresh)
    if learnt:
        facts.keep(fresh, learnt, is_new=False)


def _drop_files(entry: Entry) -> None:
    """Take the files away, and their bytes where nothing else needs them."""
    rows = list(entry.attachments.all())
    names = {name for row in rows for name in (row.blob_id, row.thumbnail_id) if name}
    entry.attachments.all().delete()
    bytes_of.forget_unused(names)

"""Files that came with messages: fetched once, kept, tried again, given up with a sentence, asked for anew."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from agents.models import Agent, Workspace
from channels_app import media
from channels_app.models import Channel
from conversations.files import keeping
from conversations.models import Attachment, Conversation, Entry
from helpdesk.lib import clock as our_clock
from helpdesk.lib import queue
from helpdesk.lib.events import EventFile, file_as_json
from helpdesk.lib.outbound import Media, MediaGone, SendError
from tests import paper
from tests.conversations.files.pictures import picture
from tests.waiting import together

pytestmark = pytest.mark.django_db


class Store:
    """A provider's files: what it gives, and what it was asked for."""

    def __init__(self) -> None:
        self.gives: Media | Exception = Media(b"%PDF-1.7", "text/html")
        self.asked: list[EventFile] = []
        self.in_transaction: list[bool] = []

    def fetch(self, channel: Channel, file: EventFile) -> Media:
        self.asked.append(file)
        self.in_transaction.append(connection.in_atomic_block)
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    found = Store()
    monkeypatch.setattr(paper.adapter, "fetch_media", found.fetch)
    return found


@pytest.fixture
def file(conversation: Conversation) -> Attachment:
    return waiting(conversation)


def waiting(conversation: Conversation, **fields: Any) -> Attachment:
    entry = Entry.objects.filter(conversation=conversation, kind="message").earliest("pk")
    source = file_as_json(EventFile(**{"type": "image", "ref": "9", "name": "Città.jpg", **fields}))
    return Attachment.objects.create(
        entry=entry, kind="image", filename="Città.jpg", content_type="image/jpeg", state="waiting", source=source
    )


def test_a_picture_is_kept_by_what_it_is_and_drawn_small(file: Attachment, store: Store) -> None:
    before = file.entry.touched_seq
    store.gives = Media(picture(), "text/html")
    assert media.fetch(file.pk) == 1
    file.refresh_from_db()
    assert (file.state, file.filename, file.content_type) == ("here", "Città.jpg.png", "image/png")
    assert file.blob is not None and bytes(file.blob.content) == picture()
    assert (file.source["width"], file.source["height"], file.source["ref"]) == (40, 20, "9")
    assert file.thumbnail_id and Entry.objects.get(pk=file.entry_id).touched_seq > before
    assert store.asked == [EventFile("image", ref="9", name="Città.jpg")]


def test_it_is_fetched_once(file: Attachment, store: Store) -> None:
    assert [media.fetch(file.pk), media.fetch(file.pk), media.sweep()] == [1, 0, 0]
    assert len(store.asked) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_fetch_once(file: Attachment, store: Store) -> None:
    assert sorted(together(*[lambda: media.fetch(file.pk)] * 3)) == [0, 0, 1]
    assert store.in_transaction == [False]


def test_who_has_a_place_goes_on_with_what_is_due(conversation: Conversation, store: Store) -> None:
    files = [waiting(conversation, ref=str(number)) for number in range(3)]
    assert media.fetch(files[1].pk) == 3
    assert [one.ref for one in store.asked] == ["1", "0", "2"]


def test_a_channel_takes_its_share_and_no_more(
    file: Attachment, store: Store, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(media._busy, channel.pk, media.OF_A_CHANNEL)
    assert media.fetch(file.pk) == 0
    assert media._next() is None
    # Its ring is not lost: the sweeper finds it.
    assert media.sweep() == 1


def test_a_provider_in_trouble_is_asked_later_and_later(
    file: Attachment, store: Store, clock: time_machine.Traveller
) -> None:
    store.gives = SendError("provider_error", "The provider has a problem at the moment.", retryable=True)
    for seconds in keeping.RETRY_SECONDS:
        assert media.fetch(file.pk) == 1
        file.refresh_from_db()
        assert file.state == "waiting" and file.next_try_at == our_clock.real() + timedelta(seconds=seconds)
        assert [media.fetch(file.pk), media.sweep()] == [0, 0]
        clock.shift(seconds)
        assert media.sweep() == 1
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, file.source["error"]) == ("unavailable", "The provider has a problem at the moment.")
    assert media.sweep() == 0


def test_a_provider_says_when_to_ask_again(file: Attachment, store: Store, clock: time_machine.Traveller) -> None:
    store.gives = SendError("throttled", "Slowly.", retryable=True, retry_after_seconds=600)
    media.fetch(file.pk)
    file.refresh_from_db()
    assert file.next_try_at == our_clock.real() + timedelta(seconds=600)


@pytest.mark.parametrize(
    ("gives", "sentence"),
    [
        (MediaGone("The provider has it no more."), "The provider has it no more."),
        (SendError("credentials", "The token is over."), "The token is over."),
        (Media(b""), media.EMPTY),
    ],
)
def test_what_is_not_to_be_had_is_said(file: Attachment, store: Store, gives: Any, sentence: str) -> None:
    store.gives = gives
    before = file.entry.touched_seq
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, file.source["error"], file.blob_id) == ("unavailable", sentence, None)
    assert Entry.objects.get(pk=file.entry_id).touched_seq > before


def test_what_the_provider_never_had_is_not_asked_for(conversation: Conversation, store: Store) -> None:
    file = waiting(conversation, ref="", error="Media download error")
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, store.asked) == ("unavailable", [])


@pytest.mark.parametrize("gives", [Media(b"<html><p>A post</p>"), MediaGone("The provider has it no more.")])
def test_what_was_shared_and_is_no_picture_stays_a_link(conversation: Conversation, store: Store, gives: Any) -> None:
    file = waiting(conversation, type="share", url="https://www.example.test/p/1")
    Attachment.objects.update(kind="share")
    store.gives = gives
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, file.blob_id, file.source["url"]) == ("here", None, "https://www.example.test/p/1")


def test_a_worker_that_died_is_followed_by_another(
    file: Attachment, store: Store, clock: time_machine.Traveller
) -> None:
    assert keeping.claim(file.pk) is not None
    assert (media.sweep(), keeping.claim(file.pk)) == (0, None)
    clock.shift(keeping.CLAIM)
    assert (media.sweep(), media.fetch(file.pk)) == (1, 1)


def test_who_comes_too_late_keeps_nothing(file: Attachment, clock: time_machine.Traveller) -> None:
    first = keeping.claim(file.pk)
    clock.shift(keeping.CLAIM)
    second = keeping.claim(file.pk)
    assert first is not None and second is not None
    assert not keeping.keep(first, keeping.Kept(b"old"))
    assert keeping.fail(first, "Gone", may_retry=False) == "unavailable"
    assert keeping.keep(second, keeping.Kept(b"new"))
    file.refresh_from_db()
    assert file.blob is not None and bytes(file.blob.content) == b"new"


def test_one_that_kills_its_worker_each_time_is_given_up(file: Attachment, store: Store) -> None:
    Attachment.objects.update(attempts=media.ATTEMPTS_MAX)
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, file.source["error"], store.asked) == ("unavailable", media.TOO_OFTEN, [])


def test_what_was_deleted_meanwhile_is_not_kept(file: Attachment, store: Store) -> None:
    claimed = keeping.claim(file.pk)
    assert claimed is not None
    file.entry.message.deleted_at = our_clock.now()
    file.entry.message.save()
    assert not keeping.keep(claimed, keeping.Kept(b"secret"))


def test_nobody_is_asked_while_the_channel_is_down_or_the_outbox_held(
    file: Attachment, store: Store, channel: Channel
) -> None:
    Channel.objects.update(state="down")
    assert media.sweep() == 0
    Channel.objects.update(state="active")
    Workspace.objects.update(held_since=our_clock.real())
    assert (media.sweep(), media.fetch(file.pk), store.asked) == (0, 0, [])


@pytest.fixture
def gone(file: Attachment, store: Store, monkeypatch: pytest.MonkeyPatch) -> Attachment:
    store.gives = MediaGone("The provider has it no more.")
    media.fetch(file.pk)
    return file


def test_an_agent_asks_for_it_again(
    client: Client,
    colleague: Agent,
    gone: Attachment,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(queue, "ring_now", lambda *args, **named: rung.append(args))
    client.force_login(colleague)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/attachments/{gone.pk}/fetching/").status_code == 302
        gone.refresh_from_db()
        assert (gone.state, gone.attempts, gone.source["error"]) == ("waiting", 0, "")
        # A second press changes nothing.
        assert client.post(f"/attachments/{gone.pk}/fetching/", headers={"HX-Request": "true"}).status_code == 204
    assert [args for args in rung if args[0] == keeping.FETCH] == [(keeping.FETCH, gone.pk)]
    store.gives = Media(b"%PDF-1.7")
    assert media.fetch(gone.pk) == 1


def test_outsiders_and_strangers_do_not(client: Client, outsider: Agent, gone: Attachment) -> None:
    path = f"/attachments/{gone.pk}/fetching/"
    assert client.post(path).status_code == 302
    client.force_login(outsider)
    assert client.post(path).status_code == 404
    gone.refresh_from_db()
    assert gone.state == "unavailable"


def test_the_page_says_what_is_missing_and_offers_another_try(client: Client, agent: Agent, gone: Attachment) -> None:
    client.force_login(agent)
    page = client.get(f"/customers/{gone.entry.customer_id}/").content.decode()
    assert "The provider has it no more." in page and "Try again" in page
    assert f"/attachments/{gone.pk}/fetching/" in page

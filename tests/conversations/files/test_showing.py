"""How files, quotes, reactions and edits look on the timeline, and that they cost no statement for each message."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from conversations.models import Attachment, Blob, Conversation, Entry, MessageVersion
from conversations.models.message import Reaction
from conversations.reading.stretches import Lens, newest
from conversations.reading.telling import Told, tell
from helpdesk.lib import clock, sql
from helpdesk.lib.inbound import Proof
from tests import factories
from tests.conversations.files.pictures import picture

pytestmark = pytest.mark.django_db


def say(conversation: Conversation, **fields: Any) -> Entry:
    thread = conversation.threads.get()
    fields = {"proof": Proof.TOKEN, "thread_key": thread.external_id, "text": "Hello", **fields}
    return factories.receive(
        channel=thread.channel, inbound=factories.make_inbound(address="giulia@example.test", **fields)
    )


def attach(entry: Entry, kind: str, content: bytes = b"", content_type: str = "", **source: Any) -> Attachment:
    blob = Blob.keep(content) if content else None
    state = source.pop("state", "here")
    return Attachment.objects.create(
        entry=entry, kind=kind, filename=source.pop("filename", f"a.{kind}"), content_type=content_type, state=state,
        blob_id=blob, thumbnail_id=blob if content_type.startswith("image/") else None, source=source,
    )  # fmt: skip


def told(entry: Entry, agent: Agent) -> Told:
    customer = Entry.objects.get(pk=entry.pk).customer
    customer.refresh_from_db()
    rows = tell(newest(Lens(customer, agent)).entries, agent)
    return next(row for row in rows if row.entry.pk == entry.pk)


def page(client: Client, agent: Agent, conversation: Conversation) -> str:
    client.force_login(agent)
    return client.get(f"/customers/{conversation.customer_id}/").content.decode()


@pytest.fixture
def entry(conversation: Conversation) -> Entry:
    return Entry.objects.filter(conversation=conversation, kind="message").earliest("pk")


@pytest.mark.parametrize(
    ("kind", "content_type", "source", "look", "word"),
    [
        ("image", "image/jpeg", {}, "picture", "Photo"), ("sticker", "image/webp", {}, "sticker", "Sticker"),
        ("image", "application/octet-stream", {}, "file", "File"), ("file", "image/png", {}, "picture", "Photo"),
        ("video", "video/mp4", {}, "video", "Video"), ("audio", "audio/ogg", {}, "audio", "Audio"),
        ("audio", "video/mp4", {"is_voice": True}, "audio", "Voice message"),
        ("audio", "audio/amr", {}, "file", "File"),
        ("story_mention", "image/jpeg", {}, "picture", "Story"), ("ig_reel", "video/mp4", {}, "video", "Reel"),
        ("file", "application/pdf", {}, "file", "File"), ("", "image/png", {}, "file", "File"),
    ],
)  # fmt: skip
def test_a_file_is_drawn_by_what_it_is(
    entry: Entry, agent: Agent, kind: str, content_type: str, source: dict[str, Any], look: str, word: str
) -> None:
    attach(entry, kind, b"content", content_type, **source)
    files = told(entry, agent).files
    (shown,) = (*files.pictures, *files.others, *files.documents)
    assert (shown.look, shown.word, shown.size) == (look, word, 7)


def test_a_picture_that_could_not_be_drawn_small_is_a_download(entry: Entry, agent: Agent) -> None:
    attach(entry, "image", b"bomb", "image/png")
    Attachment.objects.update(thumbnail=None)
    assert told(entry, agent).files.documents and not told(entry, agent).files.pictures


def test_pictures_have_their_place_before_they_are_here(client: Client, agent: Agent, entry: Entry) -> None:
    file = attach(entry, "image", picture(), "image/png", width=4000, height=2000, filename="Città <b>.png")
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert f'src="/attachments/{file.pk}/thumbnail/"' in text and f'href="/attachments/{file.pk}/media/"' in text
    assert 'width="320" height="160"' in text and 'alt="Photo: Città &lt;b&gt;.png"' in text


def test_sounds_and_films_are_played_only_when_asked(client: Client, agent: Agent, entry: Entry) -> None:
    attach(entry, "audio", b"OggS", "audio/ogg", is_voice=True, seconds=74)
    attach(entry, "video", b"ftyp", "video/mp4")
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert '<audio controls preload="none"' in text and 'aria-label="Voice message, 1:14"' in text
    assert '<video controls playsinline preload="none"' in text


def test_places_people_and_posts_are_cards(client: Client, agent: Agent, entry: Entry) -> None:
    attach(entry, "location", name="Bottega", lat=43.7695604, lng=-11.5, text="Via dei Neri 14")
    attach(entry, "location", lat=0, lng=0)
    attach(entry, "contact", name="Marco <i>", phones=["+390555550142"], emails=["marco@example.test"])
    attach(entry, "share", url="https://www.example.test/p/1", text="A post")
    attach(entry, "share", url="javascript:alert(1)", text="No link")
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert 'href="geo:43.76956,-11.5"' in text and "mlat=43.76956&amp;mlon=-11.5#map=16" in text
    assert 'href="geo:0,0"' in text
    assert 'value="+390555550142" readonly' in text and "Marco &lt;i&gt;" in text
    assert 'href="https://www.example.test/p/1" target="_blank" rel="noopener noreferrer nofollow"' in text
    assert "javascript:" not in text and "No link" in text


@pytest.mark.parametrize("source", [{"lat": "x", "lng": None}, {"lat": 91, "lng": 0}, {"lat": True, "lng": 1}, {}])
def test_a_place_without_degrees_has_no_map(entry: Entry, agent: Agent, source: dict[str, Any]) -> None:
    attach(entry, "location", **source)
    assert told(entry, agent).files.others[0].map_url == ""


def test_what_is_not_here_says_why(client: Client, agent: Agent, entry: Entry) -> None:
    attach(entry, "image", state="waiting")
    attach(entry, "video", state="unavailable", error="The provider has it no more.")
    attach(entry, "story_mention", state="unavailable", error="The provider has it no more.")
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert "Being fetched" in text and text.count("The provider has it no more.") == 1
    assert "The story has expired." in text and text.count("Try again") >= 2


def test_an_answer_quotes_what_it_answers(conversation: Conversation, entry: Entry, agent: Agent) -> None:
    answer = say(conversation, in_reply_to=entry.message.external_id)
    (line,) = told(answer, agent).beside.lines  # type: ignore[union-attr]
    assert (line.pk, line.words, line.said) == (entry.pk, "Giulia Tedesco", "Where is my parcel?")


def test_a_piece_of_ours_is_found_by_its_own_name(conversation: Conversation, agent: Agent) -> None:
    ours = conversation.reply(by=agent, text="Here it is", to=factories.route_to(conversation))
    delivery = ours.message.deliveries.get()
    delivery.parts.update(external_id="piece-2")
    answer = say(conversation, in_reply_to="piece-2")
    (line,) = told(answer, agent).beside.lines  # type: ignore[union-attr]
    assert (line.pk, line.words) == (ours.pk, "Ana Ionescu")
    # Ours shows what the agent chose to quote, not what a mail program would string together.
    assert told(ours, agent).beside.lines == []  # type: ignore[union-attr]
    delivery.route["quotes"] = answer.pk
    delivery.save()
    assert told(ours, agent).beside.lines[0].pk == answer.pk  # type: ignore[union-attr]


def test_what_a_reader_does_not_see_is_not_quoted(conversation: Conversation, entry: Entry, agent: Agent) -> None:
    answer = say(conversation, in_reply_to=entry.message.external_id)
    private = factories.make_channel(team=factories.make_team(is_private=True))
    secret = factories.receive(channel=private, inbound=factories.make_inbound(address="giulia@example.test"))
    Entry.objects.filter(pk=entry.pk).update(conversation=secret.conversation)
    assert told(answer, agent).beside.lines == []  # type: ignore[union-attr]


def test_nor_what_another_customer_said(conversation: Conversation, agent: Agent) -> None:
    channel = conversation.threads.get().channel
    other = factories.receive(channel=channel, inbound=factories.make_inbound(address="other@example.test"))
    answer = say(conversation, in_reply_to=other.message.external_id)
    assert told(answer, agent).beside.lines == []  # type: ignore[union-attr]


def test_reactions_stand_once_with_all_whose_they_are(entry: Entry, agent: Agent, client: Client) -> None:
    for fields in ({"identity": entry.message.sender}, {"by": agent}):
        Reaction.objects.create(message=entry.message, emoji="👍", at=clock.now(), **fields)
    (sign,) = told(entry, agent).beside.signs  # type: ignore[union-attr]
    assert (sign.emoji, sign.who, sign.count) == ("👍", "Giulia Tedesco, Ana Ionescu", 2)
    assert 'aria-label="Reactions"' in page(client, agent, entry.conversation)  # type: ignore[arg-type]


def test_an_edit_says_so_and_a_deletion_leaves_nothing(client: Client, agent: Agent, entry: Entry) -> None:
    MessageVersion.objects.create(message=entry.message, text="Before", at=clock.now())
    attach(entry, "image", picture(), "image/png", filename="secret.png")
    entry.message.edited_at = clock.now()
    entry.message.save()
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert f'hx-get="/messages/{entry.pk}/versions/"' in text and "Before" not in text
    entry.message.deleted_at = clock.now()
    entry.message.save()
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert "The customer deleted this message." in text and "secret.png" not in text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"forwarded": True}, "Forwarded"), ({"from": "provider_app"}, "Sent from the provider’s own app"),
        ({"story": "https://cdn.example.test/s"}, "Answers a story"),
        ({"button": True, "payload": "x"}, "Pressed a button"),
        ({"event": "story_mention"}, "Mentions you in a story"),
        ({"event": "postback"}, "Pressed a button"), ({"payload": "yes"}, "Pressed a button"),
        ({"comment": {"post": "Autumn glazes", "url": "https://www.example.test/p"}}, "Autumn glazes"),
        ({"comment": {"post": "17_9", "link": "https://www.example.test/p"}}, "https://www.example.test/p"),
        ({"referral": {"ad_id": "9", "headline": "Spring vases"}}, "Spring vases"),
        ({"referral": {"ref": "spring"}}, "Came by a link"), ({"event": "unsupported"}, "Look at it in the provider"),
        ({"unsupported": "poll"}, "(poll)"),
        ({"payload": '{"Reason": "Broken"}', "event": "form_reply"}, '<dt dir="auto">Reason</dt>'),
    ],
)  # fmt: skip
def test_where_a_message_is_from_is_said(
    client: Client, agent: Agent, conversation: Conversation, data: dict[str, Any], expected: str
) -> None:
    entry = say(conversation, text="")
    Entry.objects.filter(pk=entry.pk).update(data=data)
    assert expected in page(client, agent, conversation)


@pytest.mark.parametrize(
    "data",
    [
        {"comment": "x", "referral": [1], "story": {"a": 1}, "payload": 7}, {"payload": "{" * 5_000},
        {"comment": {"url": "javascript:alert(1)", "post": 9}}, {"payload": "{}", "unsupported": {"a": 1}},
    ],
)  # fmt: skip
def test_odd_data_breaks_no_page(client: Client, agent: Agent, entry: Entry, data: dict[str, Any]) -> None:
    Entry.objects.filter(pk=entry.pk).update(data=data)
    attach(entry, "contact", phones="x", emails=7, name=[1], text={"a": 1})
    attach(entry, "odd", state="unavailable", error=9, width="x", height=-1)
    text = page(client, agent, entry.conversation)  # type: ignore[arg-type]
    assert "javascript:" not in text and f'id="m-{entry.pk}"' in text


def test_more_messages_ask_no_more(
    conversation: Conversation, agent: Agent, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    run = sql.run

    def counted(text: str, values: dict[str, Any]) -> Any:
        prepared.append(text)
        return run(text, values)

    monkeypatch.setattr(sql, "run", counted)

    def asked() -> int:
        conversation.customer.refresh_from_db()
        prepared.clear()
        with CaptureQueriesContext(connection) as found:
            tell(newest(Lens(conversation.customer, agent)).entries, agent)
        return len(found) + len(prepared)

    def full() -> None:
        answer = say(conversation, in_reply_to=entry.message.external_id)
        attach(answer, "image", picture(), "image/png")
        Reaction.objects.create(message=answer.message, identity=answer.message.sender, emoji="👍", at=clock.now())

    say(conversation)
    plain = asked()
    full()
    once = asked()
    for _number in range(5):
        full()
    assert asked() == once
    # Files and reactions are read with the entries, quotes by one more where there are any.
    assert once == plain + 1

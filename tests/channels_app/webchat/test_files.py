"""Files both ways: what a visitor may leave and send, and who fetches what by which address."""

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from PIL import Image

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import intake, looking_after, media
from channels_app.adapters.webchat import limits, passes, uploads
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations.models import Attachment, Blob, Delivery, Entry, Message, Upload
from helpdesk.lib import clock as time
from helpdesk.lib.outbound import OutboundFile, QuickReply, Route
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.program import Program
from tests.waiting import together

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n"
HOUR = timedelta(hours=1)


def png(side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "#1f4d3a").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def visitor(widget: Channel) -> Visitor:
    return _arrive(widget)


def _arrive(widget: Channel) -> Visitor:
    visitor = Visitor(widget.public_key)
    assert visitor.arrive().status_code == 201
    return visitor


def _filed() -> Entry:
    """File what waits and fetch its files, as workers do; return the newest message."""
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        assert intake.process(event.pk) == RawEvent.State.FILED
    for file in Attachment.objects.filter(state=Attachment.State.WAITING):
        media.fetch(file.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def _sent(visitor: Visitor, content: bytes, name: str = "photo.png", text: str = "") -> Attachment:
    """Leave a file and send it."""
    key = visitor.leave(content, name).json()["key"]
    assert visitor.say(text, files=[key]).status_code == 202
    return _filed().attachments.get()


def _answered(visitor: Visitor, agent: Agent, **more: Any) -> Entry:
    """Say something and be answered."""
    visitor.say("Which one is it?")
    conversation = _filed().conversation
    assert conversation is not None
    thread = conversation.threads.get()
    to = Route(thread.channel_id, thread.identity_id)
    entry = conversation.reply(by=agent, text="This one", to=to, **more)
    sender.deliver(Delivery.objects.get(message=entry.pk).pk)
    return entry


def _addresses(visitor: Visitor) -> list[str]:
    """Return the addresses of files in what the frame is drawn."""
    page = visitor.get("entries/").content.decode()
    return re.findall(r'(?:href|src|data-saved)="(/widget/[^"]+)"', page)


def test_a_file_goes_with_words_or_alone_and_is_the_visitors_message(visitor: Visitor) -> None:
    file = _sent(visitor, png(), "sole.png", text="It came off")
    message = Message.objects.get()
    assert (message.text, file.filename, file.content_type) == ("It came off", "sole.png", "image/png")
    assert file.blob is not None
    assert bytes(file.blob.content) == png()
    assert file.thumbnail_id is not None
    assert _sent(visitor, PDF, "invoice.pdf").filename == "invoice.pdf"
    assert Message.objects.latest("pk").text == ""


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (png(), "photo.exe", "photo.exe.png"), (png(), "../../etc/passwd", "etc_passwd.png"), (PDF, "", "file.pdf"),
        (PDF, "a" * 400 + ".pdf", "a" * 196 + ".pdf"), (PDF, "rechnung\u202efdp.exe", "rechnung_fdp.exe.pdf"),
        (PDF, "فاتورة.pdf", "فاتورة.pdf"), (PDF, "țară \U0001f97e.pdf", "țară \U0001f97e.pdf"),
        (b"a,b\n1,2\n", "orders.csv", "orders.csv"), (PDF, "a\r\nX: y\0.pdf", "a_X_ y_.pdf"),
        (PDF, '"><img src=x onerror=alert(1)>.pdf', '"><img src=x onerror=alert(1)>.pdf'),
    ],
)  # fmt: skip
def test_the_bytes_say_what_it_is_and_its_name_is_harmless(
    visitor: Visitor, content: bytes, name: str, kept: str
) -> None:
    assert visitor.leave(content, name).status_code == 201
    assert Upload.objects.get().filename.replace(":", "_") == kept.replace(":", "_")
    assert "<img src=x" not in visitor.get("entries/").content.decode()


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "a.png", 400, "empty"), (b"MZ" + b"\0" * 200, "setup.exe", 415, "kind"),
        (b"<html><script>alert(1)</script>", "a.png", 415, "kind"), (b"<svg onload=alert(1)>", "a.svg", 415, "kind"),
        (b"echo hello\n", "run.sh", 415, "kind"), (b"alert(1)\n", "a.JS", 415, "kind"),
        (b"\x7fELF" + b"\0" * 99, "photo.jpg", 415, "kind"), (b"echo\n", "a.bat. ", 415, "kind"),
    ],
)  # fmt: skip
def test_what_could_run_or_is_nothing_is_not_taken(
    visitor: Visitor, content: bytes, name: str, status: int, code: str
) -> None:
    answer = visitor.leave(content, name)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert not Upload.objects.exists()
    assert not Blob.objects.exists()


def test_no_more_is_read_than_a_file_may_have(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1_000)
    assert visitor.leave(PDF + b"x" * (1_000 - len(PDF))).status_code == 201
    for announced in ("1001", ""):
        headers = {**visitor.headers(), "x-telaio-once": str(uuid.uuid4())}
        request = {"CONTENT_LENGTH": announced} if announced else {}
        where = visitor.place("files/")
        answer = visitor.client.post(where, PDF + b"x" * 1_000, content_type="x/y", headers=headers, **request)
        assert (answer.status_code, answer.json()) == (413, {"error": "large", "most": 1_000})
    assert Upload.objects.count() == 1


def test_a_file_that_was_cut_off_is_none(visitor: Visitor) -> None:
    class Cut:
        headers = {"content-length": "100"}
        parts = iter([PDF, b""])

        def read(self, _count: int) -> bytes:
            return next(self.parts)

    with pytest.raises(uploads.Empty):
        uploads.read(Cut())  # type: ignore[arg-type]


def test_the_same_file_sent_again_is_one(visitor: Visitor) -> None:
    once = str(uuid.uuid4())
    assert visitor.leave(PDF, once=once).json() == visitor.leave(PDF, once=once).json()
    assert Upload.objects.count() == 1
    assert visitor.leave(PDF, once="mine").status_code == 400


def test_nobody_sends_what_somebody_else_left(visitor: Visitor, widget: Channel) -> None:
    key = visitor.leave(PDF).json()["key"]
    other = _arrive(widget)
    answer = other.say("Mine", files=[key])
    assert (answer.status_code, answer.json()["error"]) == (400, "files")
    assert Upload.objects.get().named_at is None
    assert visitor.say("", files=[key, "unknown"]).status_code == 400
    assert not RawEvent.objects.exists()


def test_who_has_no_token_or_stands_elsewhere_leaves_nothing(visitor: Visitor) -> None:
    stranger = Visitor(visitor.key)
    assert stranger.leave(PDF).status_code == 401
    elsewhere = Visitor(visitor.key, token=visitor.token, site="https://evil.example.test")
    assert elsewhere.leave(PDF).status_code == 403
    assert Visitor("0" * 32, token=visitor.token).leave(PDF).status_code == 404
    assert visitor.get("files/").status_code == 405
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("files", "status"),
    [("x", 400), ([7], 400), ([None], 400), ([["a"]], 400), ({"a": 1}, 400), (["a", "a"], 400), (["\0"], 400),
     ([f"{n}" for n in range(11)], 413), (["\ud800"], 400), ([], 400)],
)  # fmt: skip
def test_files_that_are_none_make_no_message(visitor: Visitor, files: Any, status: int) -> None:
    assert visitor.say("", files=files).status_code == status
    assert not RawEvent.objects.exists()


def test_more_than_may_wait_here_is_refused_until_it_is_sent(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UNSENT_MAX_BYTES", 100)
    first = visitor.leave(PDF + b"x" * 70).json()["key"]
    answer = visitor.leave(PDF + b"y" * 70)
    assert (answer.status_code, answer.json()["error"]) == (429, "kept")
    visitor.say("", files=[first])
    assert visitor.leave(PDF + b"y" * 70).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_files_left_at_once_are_no_more_than_may_wait(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UNSENT_MAX_BYTES", 100)
    row = Row.objects.get()

    def leave(letter: bytes) -> str:
        try:
            return uploads.keep(row, "a.pdf", PDF + letter * 70, once=str(uuid.uuid4())).filename
        except uploads.TooMuch:
            return "too much"

    assert sorted(together(lambda: leave(b"x"), lambda: leave(b"y"))) == ["a.pdf", "too much"]


def test_files_are_counted_by_the_hour_per_browser_and_address(
    visitor: Visitor, widget: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UPLOADS", limits.Limit("uploads", 2, 3_600))
    monkeypatch.setattr(limits, "UPLOADS_FROM", limits.Limit("uploads-from", 3, 3_600))
    assert [visitor.leave(PDF).status_code for _ in range(3)] == [201, 201, 429]
    assert [_arrive(widget).leave(PDF).status_code for _ in range(2)] == [201, 429]


def test_what_was_left_and_not_sent_is_forgotten_with_its_bytes(
    visitor: Visitor, clock: time_machine.Traveller
) -> None:
    key = visitor.leave(PDF).json()["key"]
    clock.shift(timedelta(hours=25))
    assert visitor.say("", files=[key]).status_code == 400
    assert looking_after.forget_uploads() == 1
    assert not Blob.objects.exists()


def test_a_picture_is_drawn_with_addresses_that_open_it(visitor: Visitor) -> None:
    _sent(visitor, png(), '"><script>alert(1)</script>.png')
    page = visitor.get("entries/").content.decode()
    assert "<script>" not in page
    assert 'alt="Photo: ' in page
    large, saved, small = _addresses(visitor)
    stranger = Visitor(visitor.key).client
    shown, download, thumbnail = (stranger.get(one) for one in (large, saved, small))
    assert (shown.content, shown.headers["Content-Type"]) == (png(), "image/png")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert thumbnail.headers["Content-Type"] == "image/webp"
    for answer in (shown, download, thumbnail):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.post(large).status_code == 403


def test_an_address_is_the_same_for_a_while_and_over_within_the_hour(
    visitor: Visitor, clock: time_machine.Traveller
) -> None:
    _sent(visitor, png())
    first = _addresses(visitor)
    assert first == _addresses(visitor)
    clock.shift(HOUR)
    assert [visitor.client.get(one).status_code for one in first] == [410, 410, 410]
    assert {visitor.client.get(one).status_code for one in _addresses(visitor)} == {200}


def test_an_address_opens_one_file_in_one_way_for_one_visitor(visitor: Visitor, widget: Channel) -> None:
    mine, other = _sent(visitor, png()), _arrive(widget)
    theirs = _sent(other, PDF, "contract.pdf")
    large = _addresses(visitor)[0]
    leave = large.rstrip("/").rpartition("/")[2]
    row = Row.objects.order_by("pk")[1]
    way, number, until, sign = leave.split("-")
    forged = [
        (theirs.pk, leave), (mine.pk, f"saved-{number}-{until}-{sign}"), (mine.pk, f"{way}-{row.pk}-{until}-{sign}"),
        (mine.pk, f"{way}-{number}-{int(until) + 1}-{sign}"), (mine.pk, f"{way}-{number}-{until}-"),
        (mine.pk, f"{way}-{number}-{until}-{'0' * 64}"), (mine.pk, "x"), (mine.pk, f"{way}-٣-{until}-{sign}"),
        (mine.pk, "-" * 200), (mine.pk, f"{way}-{number}-{'9' * 40}-{sign}"),
    ]  # fmt: skip
    for pk, made in forged:
        assert visitor.client.get(f"/widget/{visitor.key}/files/{pk}/{made}/").status_code == 403
    assert visitor.client.get(large.replace(visitor.key, make_widget().public_key)).status_code == 403
    # Signed, but of a message that this visitor never saw: it is asked each time.
    address = passes.address(widget, Row.objects.earliest("pk"), theirs.pk, passes.SAVED)
    assert visitor.client.get(address).status_code == 404
    assert "contract.pdf" not in visitor.get("entries/").content.decode()


def test_a_deleted_messages_files_are_gone(visitor: Visitor) -> None:
    file = _sent(visitor, png())
    addresses = _addresses(visitor)
    Message.objects.filter(pk=file.entry_id).update(deleted_at=time.now())
    assert [visitor.client.get(one).status_code for one in addresses] == [404, 404, 404]
    assert _addresses(visitor) == []


def test_an_agents_files_reach_the_visitor(visitor: Visitor, agent: Agent) -> None:
    files = (OutboundFile("alpe.png", "image/png", png()), OutboundFile("guide.pdf", "application/pdf", PDF))
    _answered(visitor, agent, attachments=files)
    page = visitor.get("entries/").content.decode()
    assert page.count('class="pic"') == 1
    assert page.count('class="card"') == 1
    assert 'aria-label="Download guide.pdf"' in page
    assert {visitor.client.get(one).status_code for one in _addresses(visitor)} == {200}


def test_what_cannot_be_shown_is_never_given_to_be_shown(visitor: Visitor, widget: Channel, agent: Agent) -> None:
    _answered(visitor, agent, attachments=(OutboundFile("a.png", "image/png", b"<svg onload=alert(1)>"),))
    file = Attachment.objects.get()
    shown = passes.address(widget, Row.objects.get(), file.pk, passes.SHOWN)
    assert visitor.client.get(shown).status_code == 404
    Blob.objects.update(scan_state=Blob.Scan.INFECTED)
    assert {visitor.client.get(one).status_code for one in _addresses(visitor)} == {404}


@pytest.mark.parametrize(
    ("replies", "status"),
    [([{"title": "Saturday", "payload": "day:6"}, {"title": "Monday"}], 201), ([{"title": "x" * 41}], 409),
     ([{"title": "x"}] * 11, 409), ([{"title": ""}], 400), ([{"payload": "x"}], 400), ("x", 400)],
)  # fmt: skip
def test_a_program_offers_as_many_answers_as_the_chat_shows(
    visitor: Visitor, agent: Agent, replies: Any, status: int
) -> None:
    visitor.say("When?")
    conversation = _filed().conversation
    assert conversation is not None
    said = {"text": "Which day?", "quick_replies": replies}
    assert Program(agent).post(f"conversations/{conversation.number}/messages/", said).status_code == status
    rows = Delivery.objects.values_list("route__quick_replies", flat=True)
    offered = [{"title": "Saturday", "payload": "day:6"}, {"title": "Monday", "payload": "Monday"}]
    assert list(rows) == ([offered] if status == 201 else [])


def test_what_an_agent_offers_in_the_composer_is_drawn_in_the_chat(
    visitor: Visitor, client: Client, agent: Agent
) -> None:
    visitor.say("When?")
    conversation = _filed().conversation
    assert conversation is not None
    thread = conversation.threads.get()
    client.force_login(agent)
    said = {"text": "Which day?", "way": f"{thread.channel_id}-{thread.identity_id}", "is_offering": "1",
            "button": [" Saturday ", "", "<b>Sunday</b>"]}  # fmt: skip
    assert client.post(f"/conversations/{conversation.number}/replies/", said).status_code == 302
    sender.deliver(Delivery.objects.get().pk)
    page = visitor.get("entries/").content.decode()
    assert '<button type="button" dir="auto" data-payload="Saturday">Saturday</button>' in page
    assert ">&lt;b&gt;Sunday&lt;/b&gt;</button>" in page and "<b>Sunday" not in page
    assert visitor.say("Saturday", payload="Saturday").status_code == 202
    assert _filed().message.text == "Saturday"
    timeline = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "Pressed a button" in timeline and '<li class="chip" dir="auto" translate="no">Saturday</li>' in timeline


def test_answers_to_press_are_drawn_and_come_back_as_one(visitor: Visitor, agent: Agent) -> None:
    replies = (QuickReply("Saturday", "day:6"), QuickReply("<b>Sunday</b>", ""))
    _answered(visitor, agent, quick_replies=replies)
    page = visitor.get("entries/").content.decode()
    assert '<button type="button" dir="auto" data-payload="day:6">Saturday</button>' in page
    assert "&lt;b&gt;Sunday&lt;/b&gt;" in page
    assert visitor.say("Saturday", payload="day:6").status_code == 202
    entry = _filed()
    assert (entry.message.text, entry.actor) == ("Saturday", "customer")
    assert entry.data["payload"] == "day:6"

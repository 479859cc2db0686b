"""Sending by the Messenger Platform, against a counterpart of our own: what goes out, and what each refusal becomes."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import adapters
from channels_app.adapters._meta import platform
from channels_app.models import Channel, ChannelLog
from helpdesk.lib import guard
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import (
    MediaGone,
    Outbound,
    OutboundFile,
    OutboundRecipient,
    ProviderProfile,
    QuickReply,
    SendError,
)
from tests.channels_app.graph_counterpart import speaking
from tests.channels_app.messenger.counterpart import Messenger
from tests.channels_app.meta import SECRET, TOKEN, make_account

pytestmark = pytest.mark.django_db
ADAPTER = adapters.get("messenger")
PERSON = Party("messenger", "7001", "3005550100")
PHOTO = OutboundFile("foto.png", "image/png", b"\x89PNG bytes \r\n--")


@pytest.fixture
def meta(settings: Any) -> Iterator[Messenger]:
    with speaking(Messenger(), settings) as counterpart:
        yield counterpart  # type: ignore[misc]


@pytest.fixture
def channel(meta: Messenger) -> Channel:
    return make_account("messenger", base_url=meta.url)


def out(text: str = "Hello", **more: Any) -> Outbound:
    return Outbound("key", PERSON.value, (OutboundRecipient("to", PERSON, 0),), text, **more)


def refused(channel: Channel, outbound: Outbound) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound)
    return caught.value


def test_a_text_goes_out_as_a_response_with_the_key_of_its_piece(channel: Channel, meta: Messenger) -> None:
    sent = ADAPTER.send(channel, out("Hello ❤", piece_key="piece-1", quotes="m_in1"))
    assert (sent.external_id, sent.aliases) == ("m_1", ())
    assert meta.sent == [
        {
            "recipient": {"id": "7001"},
            "messaging_type": "RESPONSE",
            "reply_to": {"mid": "m_in1"},
            "message": {"text": "Hello ❤", "metadata": "piece-1"},
        }
    ]


def test_a_file_goes_alone_as_a_form(channel: Channel, meta: Messenger) -> None:
    ADAPTER.send(channel, out("", files=(PHOTO,)))
    assert meta.asked[0].files == {"filedata": ("foto.png", "image/png", PHOTO.data)}
    assert meta.sent[0]["message"]["attachment"]["type"] == "image"
    assert refused(channel, out("and a text", files=(PHOTO,))).code == "unsupported"


def test_answers_to_press_go_along(channel: Channel, meta: Messenger) -> None:
    ADAPTER.send(channel, out(quick_replies=(QuickReply("Blue", "b"),)))
    assert meta.sent[0]["message"]["quick_replies"] == [{"content_type": "text", "title": "Blue", "payload": "b"}]
    assert refused(channel, out(quick_replies=(QuickReply("x" * 21, "b"),))).code == "rejected_content"


@pytest.mark.parametrize(
    ("hours", "window", "by_person", "code"),
    [
        (1, "open", True, ""),
        (30, "human", True, ""),
        (30, "human", False, "window_closed"),
        (30, "closed", True, "window_closed"),
        (200, "human", True, "window_closed"),
    ],
)
def test_only_a_person_may_write_after_a_day_and_for_a_week(
    channel: Channel, meta: Messenger, hours: int, window: str, by_person: bool, code: str
) -> None:
    meta.hours["7001"] = hours
    given = out(window=window, written_by_person=by_person)
    if code:
        assert refused(channel, given).code == code
    else:
        ADAPTER.send(channel, given)
    is_tagged = "tag" in meta.asked[0].fields
    assert is_tagged == (window == "human" and by_person)


def test_a_comment_is_answered_privately_once(channel: Channel, meta: Messenger) -> None:
    meta.comments, meta.hours = {"3_11": "7002"}, {"7002": 999}
    sent = ADAPTER.send(channel, out(comment_id="3_11", window="closed"))
    assert (meta.sent[0]["recipient"], sent.aliases) == (
        {"comment_id": "3_11"}, (Party("messenger", "7002", "3005550100"),)
    )  # fmt: skip
    assert refused(channel, out(comment_id="3_11")).code == "rejected_recipient"


def test_a_comment_is_answered_publicly_and_hidden(channel: Channel, meta: Messenger) -> None:
    meta.comments = {"3_11": "7001"}
    sent = ADAPTER.send(channel, out("Yes, in blue", comment_id="3_11", is_public=True))
    assert (meta.sent, sent.external_id) == ([{"under": "3_11", "message": "Yes, in blue"}], "3_11_1")
    ADAPTER.hide(channel, "3_11", is_hidden=True)
    assert meta.hidden == {"3_11": True}
    assert refused(channel, out(comment_id="3_11", is_public=True, files=(PHOTO,))).code == "unsupported"


@pytest.mark.parametrize("code", sorted(platform.VERDICTS))
def test_every_code_has_its_class(channel: Channel, meta: Messenger, code: int) -> None:
    meta.fail(code)
    verdict, error = platform.VERDICTS[code], refused(channel, out())
    assert (error.code, error.message, error.retryable) == (verdict.code, verdict.sentence, verdict.is_retryable)


@pytest.mark.parametrize(
    ("code", "subcode", "ours"),
    [
        (10, 2018278, "window_closed"),
        (10, 1893063, "account"),
        (10, 0, "credentials"),
        (100, 2018001, "rejected_recipient"),
        (100, 0, "rejected_content"),
        (190, 460, "credentials"),
        (230, 0, "credentials"),
    ],
)
def test_subcodes_are_read(channel: Channel, meta: Messenger, code: int, subcode: int, ours: str) -> None:
    meta.fail(code, subcode)
    error = refused(channel, out())
    assert (error.code, error.provider_code) == (ours, f"{code}/{subcode}" if subcode else str(code))


def test_limits_and_troubles_pass(channel: Channel, meta: Messenger) -> None:
    meta.fail(613, status=429, retry_after="9")
    assert refused(channel, out()).retry_after_seconds == 9
    meta.fail(5, status=502)
    error = refused(channel, out())
    assert (error.code, error.retryable, error.maybe_sent) == ("provider_error", True, False)
    meta.left = 0
    assert refused(channel, out()).code == "throttled"


def test_an_answer_that_never_came_may_have_been_sent(channel: Channel, meta: Messenger) -> None:
    meta.swallows = True
    assert (refused(channel, out()).maybe_sent, len(meta.sent)) == (True, 1)


def test_typing_and_seen(channel: Channel, meta: Messenger) -> None:
    ADAPTER.typing(channel, PERSON, "m_in1")
    ADAPTER.mark_read(channel, PERSON, "m_in1")
    assert [one["sender_action"] for one in meta.actions] == ["typing_on", "mark_seen"]


def test_a_name_is_asked_for_and_may_be_refused(channel: Channel, meta: Messenger) -> None:
    meta.profiles["7001"] = {
        "first_name": "Ada",
        "last_name": "Example",
        "profile_pic": "https://cdn.example.test/a.jpg",
    }
    found = ADAPTER.profile(channel, PERSON)
    assert found == ProviderProfile(name="Ada Example", picture_url="https://cdn.example.test/a.jpg")
    meta.fail(100, 33)
    assert ADAPTER.profile(channel, PERSON) is None
    meta.fail(2, status=500)
    with pytest.raises(SendError):
        ADAPTER.profile(channel, PERSON)


def test_connecting_subscribes_the_page(channel: Channel, meta: Messenger) -> None:
    ADAPTER.check(channel)
    ADAPTER.connect(channel)
    assert {"messages", "message_echoes", "feed", "standby"} <= set(meta.subscribed.split(","))
    ADAPTER.disconnect(channel)
    assert meta.subscribed == ""


def test_a_file_is_fetched_without_the_token(
    channel: Channel, meta: Messenger, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://localhost:{meta.port}/photo.jpg"
    with pytest.raises(MediaGone):
        ADAPTER.fetch_media(channel, EventFile("image", url=url))
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    monkeypatch.setattr(Messenger, "answer", lambda self, asked: (200, b"picture"))
    assert ADAPTER.fetch_media(channel, EventFile("image", url=url)).content == b"picture"
    assert "authorization" not in meta.asked[-1].headers
    monkeypatch.setattr(Messenger, "answer", lambda self, asked: (403, b"URL signature expired"))
    with pytest.raises(MediaGone):
        ADAPTER.fetch_media(channel, EventFile("image", url=url))
    with pytest.raises(MediaGone):
        ADAPTER.fetch_media(channel, EventFile("image"))


def test_no_secret_is_written_down(channel: Channel, meta: Messenger) -> None:
    ADAPTER.send(channel, out("a private text"))
    written = str(list(ChannelLog.objects.values_list("what", "detail")))
    assert not [word for word in (TOKEN, SECRET, "private", "7001") if word in written]

"""Sending to Instagram by both log-ins, renewed tokens, mentions that are read; against a counterpart of our own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from channels_app import adapters, intake
from channels_app.models import Channel, ChannelLog, RawEvent
from customers.models import Identity
from helpdesk.lib import clock as clocks
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, ProviderProfile, SendError
from tests.channels_app.graph_counterpart import speaking
from tests.channels_app.instagram.counterpart import ACCOUNT, Instagram
from tests.channels_app.meta import TOKEN, body_of, make_account, parse

pytestmark = pytest.mark.django_db
ADAPTER = adapters.get("instagram")
PERSON = Party("instagram", "9001", ACCOUNT)
PHOTO = OutboundFile("foto.jpg", "image/jpeg", b"\xff\xd8 bytes")


@pytest.fixture
def meta(settings: Any) -> Iterator[Instagram]:
    with speaking(Instagram(), settings) as counterpart:
        yield counterpart  # type: ignore[misc]


@pytest.fixture
def channel(meta: Instagram) -> Channel:
    return make_account("instagram", base_url=meta.url)


@pytest.fixture
def by_page(meta: Instagram) -> Channel:
    return make_account("instagram", base_url=meta.url, login="page", page_id="3005550100")


def out(text: str = "Hello", **more: Any) -> Outbound:
    return Outbound("key", PERSON.value, (OutboundRecipient("to", PERSON, 0),), text, **more)


def refused(channel: Channel, outbound: Outbound) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound)
    return caught.value


def test_its_own_log_in_sends_by_the_account_and_without_proof(channel: Channel, meta: Instagram) -> None:
    assert ADAPTER.send(channel, out(piece_key="piece-1")).external_id == "m_1"
    assert (meta.asked[0].path, "appsecret_proof" in meta.asked[0].query) == (f"/v26.0/{ACCOUNT}/messages", False)
    assert meta.sent[0] == {"recipient": {"id": "9001"}, "messaging_type": "RESPONSE", "message": {"text": "Hello"}}


def test_the_log_in_by_the_page_sends_as_the_page_with_proof(by_page: Channel, meta: Instagram) -> None:
    ADAPTER.send(by_page, out())
    assert (meta.asked[0].path, "appsecret_proof" in meta.asked[0].query) == ("/v26.0/me/messages", True)


def test_a_file_goes_alone(channel: Channel, meta: Instagram) -> None:
    ADAPTER.send(channel, out("", files=(PHOTO,)))
    assert meta.asked[0].files["filedata"] == ("foto.jpg", "image/jpeg", PHOTO.data)


def test_a_text_of_too_many_bytes_is_refused(channel: Channel, meta: Instagram) -> None:
    assert refused(channel, out("è" * 501)).code == "rejected_content"
    ADAPTER.send(channel, out("è" * 500))


def test_only_a_person_may_write_after_a_day(channel: Channel, meta: Instagram) -> None:
    meta.hours["9001"] = 30
    ADAPTER.send(channel, out(window="human"))
    assert meta.sent[0]["tag"] == "HUMAN_AGENT"
    assert refused(channel, out(window="human", written_by_person=False)).code == "window_closed"


def test_comments_are_answered_under_them_privately_or_hidden(channel: Channel, meta: Instagram) -> None:
    meta.comments = {"1785001": "9001"}
    ADAPTER.send(channel, out("Yes", comment_id="1785001", is_public=True))
    ADAPTER.send(channel, out("Here", comment_id="1785001"))
    ADAPTER.hide(channel, "1785001", is_hidden=True)
    assert meta.asked[0].path.endswith("/1785001/replies")
    assert (meta.sent[1]["recipient"], meta.hidden) == ({"comment_id": "1785001"}, {"1785001": True})


def test_a_mention_is_answered_where_it_stands(channel: Channel, meta: Instagram) -> None:
    hints = {"mention_media": "1790002", "mention_comment": "1785002"}
    ADAPTER.send(channel, out("Thank you", comment_id="1785002", is_public=True, hints=hints))
    assert meta.sent == [{"message": "Thank you", "media_id": "1790002", "comment_id": "1785002"}]


def test_a_mention_gets_its_words_and_its_writer(channel: Channel, meta: Instagram) -> None:
    meta.mentions["1785002"] = {"username": "ada.ex", "text": "Look @our.shop", "timestamp": "2026-11-25T10:00:00+0000"}
    event = intake.store(channel, body=body_of("instagram", "mention"), headers={})
    assert intake.process(event.pk) == RawEvent.State.FILED
    found = Identity.objects.get()
    assert (found.kind, found.realm, found.value) == ("instagram", ACCOUNT, "@ada.ex")
    assert found.customer.name == "ada.ex"


def test_a_mention_that_cannot_be_read_is_left_out(channel: Channel, meta: Instagram) -> None:
    event = parse("instagram", body_of("instagram", "mention"))[0]
    assert ADAPTER.complete(channel, event).kind == EventKind.IGNORED
    meta.fail(2, status=500)
    with pytest.raises(SendError):
        ADAPTER.complete(channel, event)


@pytest.mark.parametrize("odd", ["1){id},me{id", "-1", "²"])
def test_what_is_no_id_is_not_asked_for(channel: Channel, meta: Instagram, odd: str) -> None:
    body = body_of("instagram", "mention").replace(b"1785002", odd.encode())
    assert (ADAPTER.complete(channel, parse("instagram", body)[0]).kind, meta.asked) == (EventKind.IGNORED, [])


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
def test_our_own_comment_makes_nobody(kind: str) -> None:
    event = intake.store(make_account(kind), body=body_of(kind, "own_comment"), headers={})
    intake.process(event.pk)
    assert Identity.objects.count() == 0


def test_any_other_event_is_complete(channel: Channel, meta: Instagram) -> None:
    event = Event(EventKind.MESSAGE, sender_id="9001")
    assert (ADAPTER.complete(channel, event), meta.asked) == (event, [])


@pytest.mark.parametrize(("days", "is_renewed"), [(None, True), (9, True), (11, False)])
def test_a_token_is_renewed_in_its_last_ten_days(
    channel: Channel, meta: Instagram, clock: time_machine.Traveller, days: int | None, is_renewed: bool
) -> None:
    channel.access_until = clocks.real() + timedelta(days=days) if days else None
    ADAPTER.refresh(channel)
    channel.refresh_from_db()
    assert (channel.config["access_token"] == "IGAA-renewed", len(meta.asked)) == (is_renewed, int(is_renewed))
    if is_renewed:
        assert channel.access_until == clocks.real() + timedelta(days=60)


def test_a_token_that_cannot_be_renewed_stays(channel: Channel, by_page: Channel, meta: Instagram) -> None:
    meta.token = "another"
    with pytest.raises(SendError) as caught:
        ADAPTER.refresh(channel)
    assert (caught.value.code, channel.config["access_token"]) == ("credentials", TOKEN)
    asked = len(meta.asked)
    ADAPTER.refresh(by_page)
    assert len(meta.asked) == asked


def test_connecting_subscribes_the_account_or_its_page(channel: Channel, by_page: Channel, meta: Instagram) -> None:
    for one in (channel, by_page):
        ADAPTER.check(one)
        ADAPTER.connect(one)
        assert "messages" in meta.subscribed
        ADAPTER.disconnect(one)
        assert meta.subscribed == ""


def test_a_name_is_asked_for(channel: Channel, meta: Instagram) -> None:
    meta.profiles["9001"] = {"name": "Ada", "username": "ada.ex"}
    assert ADAPTER.profile(channel, PERSON) == ProviderProfile(name="Ada", username="ada.ex")
    assert ADAPTER.profile(channel, Party("instagram", "@ada.ex", ACCOUNT)) is None


@pytest.mark.parametrize(
    ("given", "base", "errors"),
    [
        ({"login": "instagram", "instagram_app_secret": "s"}, "https://graph.instagram.com", []),
        ({"login": "page", "page_id": "3", "app_secret": "s"}, "https://graph.facebook.com", []),
        ({"login": "page", "app_secret": "s", "base_url": "http://127.0.0.1:9/"}, "http://127.0.0.1:9", ["page_id"]),
        ({"login": "instagram"}, "https://graph.instagram.com", ["instagram_app_secret"]),
    ],
)
def test_each_log_in_has_its_host_and_its_secret(given: dict[str, str], base: str, errors: list[str]) -> None:
    form = ADAPTER.ConfigForm({"ig_id": "1", "access_token": "t", "graph_version": "v26.0", **given})
    assert sorted(form.errors) == errors
    assert form.cleaned_data.get("base_url") == base


@pytest.mark.parametrize(("code", "ours", "is_retryable"), [(613, "throttled", True), (190, "credentials", False)])
def test_what_meta_refuses_is_said_in_our_words(
    channel: Channel, meta: Instagram, code: int, ours: str, is_retryable: bool
) -> None:
    meta.fail(code)
    error = refused(channel, out())
    assert (error.code, error.retryable, error.maybe_sent) == (ours, is_retryable, False)


def test_an_answer_that_never_came_may_have_been_sent(channel: Channel, meta: Instagram) -> None:
    meta.swallows = True
    assert (refused(channel, out()).maybe_sent, len(meta.sent)) == (True, 1)


def test_no_secret_is_written_down(channel: Channel, meta: Instagram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ADAPTER.send(channel, out("a private text"))
    written = str(list(ChannelLog.objects.values_list("what", "detail"))) + caplog.text
    assert ChannelLog.objects.exists() and not [word for word in (TOKEN, "private", "9001") if word in written]

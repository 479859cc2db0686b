"""Sending by the Cloud API, against a counterpart of our own: what goes out, and what each refusal becomes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels_app import adapters
from channels_app.adapters.whatsapp import errors
from channels_app.models import Channel, ChannelLog, MessageTemplate
from helpdesk.lib import http
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import (
    MediaGone,
    Outbound,
    OutboundFile,
    OutboundRecipient,
    OutboundTemplate,
    QuickReply,
    SendError,
)
from tests.channels_app.graph_counterpart import speaking
from tests.channels_app.meta import SECRET, TOKEN, make_account
from tests.channels_app.whatsapp.counterpart import PNG, WhatsApp

pytestmark = pytest.mark.django_db
ADAPTER = adapters.get("whatsapp")
PERSON = Party("whatsapp", "+393331234567")
PHOTO = OutboundFile("foto.png", "image/png", PNG)
HELLO = {
    "id": "1", "name": "order_ready", "language": "it", "status": "APPROVED", "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Ciao {{1}}, l'ordine {{2}} è pronto"},
                   {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Grazie"}]}],
}  # fmt: skip


@pytest.fixture
def meta(settings: Any) -> Iterator[WhatsApp]:
    with speaking(WhatsApp(), settings) as counterpart:
        yield counterpart  # type: ignore[misc]


@pytest.fixture
def channel(meta: WhatsApp) -> Channel:
    return make_account("whatsapp", base_url=meta.url)


def out(text: str = "Ciao", to: Party = PERSON, **more: Any) -> Outbound:
    return Outbound("key", to.value, (OutboundRecipient("to", to, 0),), text, **more)


def refused(channel: Channel, outbound: Outbound) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound)
    return caught.value


def test_a_text_goes_to_the_number_with_the_key_of_its_piece(channel: Channel, meta: WhatsApp) -> None:
    sent = ADAPTER.send(channel, out("*Ciao* ❤", piece_key="piece-1", quotes="wamid.in1"))
    assert (sent.external_id, [part.external_id for part in sent.parts], sent.aliases) == ("wamid.1", ["wamid.1"], ())
    assert meta.sent == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "393331234567",
            "type": "text",
            "text": {"body": "*Ciao* ❤", "preview_url": False},
            "context": {"message_id": "wamid.in1"},
            "biz_opaque_callback_data": "piece-1",
        }
    ]
    assert meta.asked[0].path.startswith("/v26.0/") and "appsecret_proof" in meta.asked[0].query


def test_somebody_without_a_number_is_named_by_their_bsuid(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.send(channel, out(to=Party("whatsapp", "US.Ab12", "bsuid")))
    assert (meta.sent[0]["recipient"], "to" in meta.sent[0]) == ("US.Ab12", False)


def test_a_bsuid_that_the_answer_tells_is_a_further_identity(channel: Channel, meta: WhatsApp) -> None:
    meta.users["393331234567"] = "IT.Zz9"
    assert ADAPTER.send(channel, out()).aliases == (Party("whatsapp", "IT.Zz9", "bsuid"),)


def test_an_answer_in_a_group_goes_to_the_group(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.send(channel, replace(out(), thread_key="120363@g.us", hints={"group_id": "120363@g.us"}))
    assert (meta.sent[0]["recipient_type"], meta.sent[0]["to"]) == ("group", "120363@g.us")


@pytest.mark.parametrize(
    ("file", "kind", "more"),
    [
        (PHOTO, "image", {"caption": "Ciao"}),
        (OutboundFile("film.mp4", "video/mp4", b"film"), "video", {"caption": "Ciao"}),
        (
            OutboundFile("conto è.pdf", "application/pdf", b"%PDF"),
            "document",
            {"caption": "Ciao", "filename": "conto è.pdf"},
        ),
    ],
)
def test_a_file_is_uploaded_and_sent_by_its_id_with_its_caption(
    channel: Channel, meta: WhatsApp, file: OutboundFile, kind: str, more: dict[str, str]
) -> None:
    ADAPTER.send(channel, out(files=(file,)))
    key = meta.sent[0][kind]["id"]
    assert (meta.sent[0][kind], meta.media[key]) == ({"id": key, **more}, file.data)


def test_what_is_too_large_to_be_shown_goes_as_a_file(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.send(channel, out("", files=(replace(PHOTO, kind="file"),)))
    assert meta.sent[0]["document"]["filename"] == "foto.png"


def test_too_many_to_one_person_hold_up_nobody_else(channel: Channel, meta: WhatsApp) -> None:
    meta.fail(131056)
    error = refused(channel, out())
    assert (error.is_of_chat, error.retry_after_seconds) == (True, 6)


@pytest.mark.parametrize("mime", ["audio/ogg", "image/webp"])
def test_sounds_and_stickers_go_alone(channel: Channel, meta: WhatsApp, mime: str) -> None:
    file = OutboundFile("x", mime, b"bytes")
    ADAPTER.send(channel, out("", files=(file,)))
    assert (refused(channel, out(files=(file,))).code, len(meta.sent)) == ("unsupported", 1)


@pytest.mark.parametrize(("count", "kind"), [(1, "button"), (3, "button"), (4, "list"), (10, "list")])
def test_answers_to_press_are_buttons_or_a_list(channel: Channel, meta: WhatsApp, count: int, kind: str) -> None:
    replies = tuple(QuickReply(f"Answer {number}", f"p{number}") for number in range(count))
    ADAPTER.send(channel, out("Which one?", quick_replies=replies))
    assert meta.sent[0]["interactive"]["type"] == kind


@pytest.mark.parametrize(("text", "titles"), [("Hi", ["x"] * 11), ("Hi", ["x" * 21]), ("", ["x"]), ("x" * 1025, ["x"])])
def test_answers_to_press_that_do_not_fit_are_not_sent(
    channel: Channel, meta: WhatsApp, text: str, titles: list[str]
) -> None:
    replies = tuple(QuickReply(title, "p") for title in titles)
    assert (refused(channel, out(text, quick_replies=replies)).code, meta.asked) == ("rejected_content", [])


def test_a_picture_stands_above_answers_to_press(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.send(channel, out("Which?", files=(PHOTO,), quick_replies=(QuickReply("Blue", "b"),)))
    assert meta.sent[0]["interactive"]["header"]["type"] == "image"


def test_a_template_carries_its_values_when_the_window_is_closed(channel: Channel, meta: WhatsApp) -> None:
    meta.templates, meta.windows = [HELLO], set()
    assert refused(channel, out()).code == "window_closed"
    ADAPTER.send(channel, out(template=OutboundTemplate("order_ready", "it", ("Giulia", "42"))))
    parameters = [{"type": "text", "text": "Giulia"}, {"type": "text", "text": "42"}]
    assert meta.sent[0]["template"]["components"] == [{"type": "body", "parameters": parameters}]


def test_named_values_carry_their_names(channel: Channel, meta: WhatsApp) -> None:
    body = "Ciao {{first_name}}"
    MessageTemplate.objects.create(channel=channel, name="hi", language="it", body=body)
    meta.templates = [{**HELLO, "name": "hi", "components": [{"type": "BODY", "text": body}]}]
    ADAPTER.send(channel, out(template=OutboundTemplate("hi", "it", ("Giulia",))))
    assert meta.sent[0]["template"]["components"][0]["parameters"][0]["parameter_name"] == "first_name"


@pytest.mark.parametrize(
    ("template", "code"),
    [(OutboundTemplate("none", "it"), "132001"), (OutboundTemplate("order_ready", "it", ("x",)), "132000")],
)
def test_a_template_that_does_not_fit_is_refused(
    channel: Channel, meta: WhatsApp, template: OutboundTemplate, code: str
) -> None:
    meta.templates = [HELLO]
    error = refused(channel, out(template=template))
    assert (error.code, error.provider_code, error.retryable) == ("rejected_template", code, False)


@pytest.mark.parametrize("code", sorted(errors.VERDICTS))
def test_every_code_has_its_class(channel: Channel, meta: WhatsApp, code: int) -> None:
    meta.fail(code)
    verdict, error = errors.VERDICTS[code], refused(channel, out())
    assert (error.code, error.message, error.retryable) == (verdict.code, verdict.sentence, verdict.is_retryable)
    assert (error.provider_code, error.maybe_sent, len(meta.asked)) == (str(code), False, 1)


@pytest.mark.parametrize(
    ("code", "status", "ours", "retryable"),
    [
        (130429, 429, "throttled", True),
        (131049, 400, "held_back", False),
        (131026, 400, "rejected_recipient", False),
        (131050, 400, "no_offers", False),
        (131053, 500, "provider_error", True),
        (131042, 400, "account", False),
        (219, 403, "credentials", False),
        (999999, 400, "rejected_content", False),
        (999999, 503, "provider_error", True),
        (999999, 401, "credentials", False),
    ],
)
def test_classes_of_errors(
    channel: Channel, meta: WhatsApp, code: int, status: int, ours: str, retryable: bool
) -> None:
    meta.fail(code, status=status)
    error = refused(channel, out())
    assert (error.code, error.retryable) == (ours, retryable)


def test_too_many_are_told_to_wait_as_long_as_meta_says(channel: Channel, meta: WhatsApp) -> None:
    meta.fail(130429, status=429, retry_after="17")
    assert refused(channel, out()).retry_after_seconds == 17
    meta.left = 0
    assert refused(channel, out()).retry_after_seconds == 30


def test_an_answer_that_never_came_may_have_been_sent(channel: Channel, meta: WhatsApp) -> None:
    meta.swallows = True
    error = refused(channel, out())
    assert (error.maybe_sent, len(meta.sent)) == (True, 1)


def test_a_host_that_does_not_answer_is_tried_again(channel: Channel, meta: WhatsApp, settings: Any) -> None:
    channel.config = {**channel.config, "base_url": "http://127.0.0.1:9"}
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1:9"]
    error = refused(channel, out())
    assert (error.code, error.retryable, error.maybe_sent) == ("connection", True, False)


def test_a_token_that_ended_is_said_so(channel: Channel, meta: WhatsApp) -> None:
    meta.token = "another"
    error = refused(channel, out())
    assert (error.code, error.our_fault) == ("credentials", True)
    assert refused(make_account("whatsapp", access_token="", base_url=meta.url), out()).code == "not_configured"


def test_reactions_read_marks_and_typing(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.react(channel, PERSON, "wamid.in1", "👍")
    ADAPTER.mark_read(channel, PERSON, "wamid.in1")
    ADAPTER.typing(channel, PERSON, "wamid.in1")
    assert meta.sent[0]["reaction"] == {"message_id": "wamid.in1", "emoji": "👍"}
    told = [{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.in1"}]
    assert [one.fields for one in meta.asked[1:]] == [told[0], told[0] | {"typing_indicator": {"type": "text"}}]


def test_templates_come_from_all_pages_and_no_other_host(channel: Channel, meta: WhatsApp) -> None:
    meta.templates = [{**HELLO, "id": str(number), "name": f"t{number}"} for number in range(5)]
    meta.templates[1] |= {"status": "REJECTED", "rejected_reason": "INVALID_FORMAT"}
    found = ADAPTER.templates(channel)
    assert [one.name for one in found] == ["t0", "t1", "t2", "t3", "t4"]
    assert (found[1].status, found[1].reason, found[0].buttons) == ("rejected", "INVALID_FORMAT", ("Grazie",))
    assert (found[0].body, found[0].category) == ("Ciao {{1}}, l'ordine {{2}} è pronto", "utility")


def test_connecting_subscribes_and_checking_asks(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.check(channel)
    ADAPTER.connect(channel)
    assert meta.subscribed
    ADAPTER.disconnect(channel)
    assert not meta.subscribed


def test_a_file_is_fetched_in_two_steps(channel: Channel, meta: WhatsApp) -> None:
    found = ADAPTER.fetch_media(channel, EventFile("image", ref="55"))
    assert (found.content, found.mime) == (PNG, "image/png")
    assert [one.headers["authorization"] for one in meta.asked] == [f"Bearer {TOKEN}"] * 2
    assert meta.asked[0].query["phone_number_id"] == "1005550100"


def test_a_file_that_is_gone_or_broken_is_said_so(channel: Channel, meta: WhatsApp) -> None:
    with pytest.raises(MediaGone):
        ADAPTER.fetch_media(channel, EventFile("image", ref="99"))
    with pytest.raises(SendError) as broken:
        ADAPTER.fetch_media(channel, EventFile("image", ref="55", sha256="0" * 64))
    assert broken.value.retryable


def test_the_token_is_shown_to_no_other_host(channel: Channel, meta: WhatsApp, monkeypatch: pytest.MonkeyPatch) -> None:
    asks: list[http.Ask] = []
    fetch = http.fetch
    monkeypatch.setattr(http, "fetch", lambda ask: asks.append(ask) or fetch(ask))
    for place in ("https://files.example.test", "http://169.254.169.254", "https://lookaside.fbsbx.com.example.test"):
        monkeypatch.setattr(WhatsApp, "url", place)
        with pytest.raises((MediaGone, SendError)):
            ADAPTER.fetch_media(channel, EventFile("image", ref="55"))
    assert ["authorization" in ask.headers for ask in asks] == [True, False] * 3


def test_no_secret_is_written_down(channel: Channel, meta: WhatsApp) -> None:
    ADAPTER.send(channel, out("a private text"))
    meta.fail(190)
    refused(channel, out("a private text"))
    written = str(list(ChannelLog.objects.values_list("what", "detail")))
    assert not [word for word in (TOKEN, SECRET, "private", "333123") if word in written]

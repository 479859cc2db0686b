"""Junk where people are named, reached and joined: a clear answer, and nothing half done."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from channels_app import intake
from channels_app.models import Channel
from conversations.merging import merge
from conversations.models import Conversation, Draft, Entry, MergeRecord
from customers.models import Customer, Identity
from tests import factories
from tests.waiting import together

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff\0"
# (as a stranger calls themselves, as they are called)
NAMES = [
    ("\u202eGiulia\u202c", "Giulia"),
    ("\u2067Giulia \u2068Rossi\u2069\u2069", "Giulia Rossi"),
    ("Giu\u200blia\ufeff", "Giulia"),
    ("\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a"),
    ("\u05d3\u05e0\u05d9\u05d0\u05dc\u202d (admin)", "\u05d3\u05e0\u05d9\u05d0\u05dc (admin)"),
    ("Z\u0335\u0336\u0335\u0336\u0335\u0336\u0335\u0336algo", "Z\u0335\u0336\u0335\u0336algo"),
    ("Giulia\0\r\nBcc: x@example.test", "Giulia Bcc: x@example.test"),
    ("<b>Giulia</b>", "<b>Giulia</b>"),
    ("\u200b\u2060\ufeff", ""),
    ("x" * 10_000, "x" * 200),
]


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def person(channel: Channel, name: str = "Giulia") -> Customer:
    address = factories.make_identity().value
    return factories.receive(channel=channel, inbound=factories.make_inbound(address=address, name=name)).customer


def state() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Customer, Identity, Entry, MergeRecord))


@pytest.mark.parametrize(("written", "called"), NAMES)
def test_a_strangers_name_turns_nothing_around(signed_in: Client, channel: Channel, written: str, called: str) -> None:
    inbound = factories.make_inbound(address="giulia@example.test", name=written)
    customer = factories.receive(channel=channel, inbound=inbound).customer
    assert customer.name == called
    other = person(channel, "Mario")
    for url in (
        f"/customers/{customer.pk}/", f"/customers/{customer.pk}/panel/", "/inbox/unassigned/",
        f"/customers/{customer.pk}/profile/", f"/customers/{customer.pk}/merge/?with={other.pk}",
    ):  # fmt: skip
        page = signed_in.get(url)
        assert page.status_code == 200 and not set(TURNING) & set(page.content.decode()), url


@pytest.mark.parametrize(("written", "called"), NAMES)
def test_a_typed_name_is_kept_as_it_can_be_seen_or_refused(
    signed_in: Client, channel: Channel, written: str, called: str
) -> None:
    customer = person(channel, "Mario")
    answer = signed_in.post(f"/customers/{customer.pk}/profile/", {"name": written}, headers=SCRIPT)
    customer.refresh_from_db()
    if answer.status_code == 200:
        assert customer.name == called
    else:
        assert (answer.status_code, customer.name) == (422, "Mario") and b'class="wrong"' in answer.content


def test_a_name_of_nothing_is_said_to_be_one(signed_in: Client, channel: Channel) -> None:
    customer = person(channel, "Mario")
    answer = signed_in.post(f"/customers/{customer.pk}/profile/", {"name": "\u200b\u2060"}, headers=SCRIPT)
    assert answer.status_code == 422 and "Nothing of this name can be seen." in answer.content.decode()


@pytest.mark.parametrize(
    "value",
    ["call me", "4711", "+1", "+" + "9" * 300, "\u202e+39", "anonymous", "+266696687",
     "055 555 0101; DROP TABLE", "+39\0", "😀"],
)  # fmt: skip
def test_a_junk_phone_is_said_and_kept_nowhere(signed_in: Client, channel: Channel, value: str) -> None:
    customer = person(channel)
    before = state()
    url = f"/customers/{customer.pk}/identities/"
    answer = signed_in.post(url, {"kind": "phone", "value": value}, headers=SCRIPT)
    assert (answer.status_code, "toast bad" in answer.content.decode(), state()) == (422, True, before)


def test_half_a_character_is_understood_and_the_message_kept(channel: Channel) -> None:
    box = Channel(kind="sandbox", name="Box", brand=channel.brand)
    box.config = {"looks_like": "whatsapp"}
    box.save()
    body = json.dumps({"from": "+39 347 555 0101", "name": "Giu\ud800lia", "text": "Ciao \udfff!", "id": "\ud83d"})
    intake.process(intake.store(box, body=body.encode(), headers={}).pk)
    entry = Entry.objects.get(kind="message")
    assert entry.said is not None and entry.said.text == "Ciao \ufffd!" and entry.customer.name.startswith("Giu")


def test_nobody_is_merged_into_themselves_or_their_own_loser(signed_in: Client, channel: Channel, agent: Agent) -> None:
    kept, other = person(channel), person(channel, "Giu")
    merge.merge(kept, other, by=agent)
    before = state()
    said = signed_in.post(f"/customers/{kept.pk}/merge/", {"with": kept.pk})
    assert said.status_code == 409 and "This is the same customer." in said.content.decode()
    for who, their in ((kept, other), (other, kept)):
        answer = signed_in.post(f"/customers/{who.pk}/merge/", {"with": their.pk})
        assert answer.headers["Location"].endswith(f"/{kept.pk}/")
    assert state() == before
    for junk in ("", "0", "9" * 30, "-1", "x"):
        assert signed_in.post(f"/customers/{kept.pk}/merge/", {"with": junk}).status_code in {200, 404}
    assert state() == before


def test_a_merge_that_was_undone_is_not_undone_again(signed_in: Client, channel: Channel, agent: Agent) -> None:
    record = merge.merge(person(channel), person(channel, "Giu"), by=agent)
    assert signed_in.post(f"/merges/{record.pk}/undoing/").status_code == 302
    before = state()
    said = signed_in.post(f"/merges/{record.pk}/undoing/")
    assert said.status_code == 409 and "This merge was undone already." in said.content.decode()
    assert state() == before
    assert signed_in.post("/merges/999999/undoing/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("others", ["crossed", "two winners", "undone twice"])
def test_two_at_once_end_as_one_of_them(channel: Channel, agent: Agent, others: str) -> None:
    one, two, three = (person(channel, name) for name in ("One", "Two", "Three"))
    acts: list[Callable[[], Any]]
    if others == "crossed":
        acts = [partial(merge.merge, one, two, by=agent), partial(merge.merge, two, one, by=agent)]
    elif others == "two winners":
        acts = [partial(merge.merge, one, three, by=agent), partial(merge.merge, two, three, by=agent)]
    else:
        record = merge.merge(one, two, by=agent)
        acts = [partial(merge.undo, MergeRecord.objects.get(pk=record.pk), by=agent) for _time in range(2)]
    results = together(*acts)
    assert sum(isinstance(result, merge.Gone | merge.CannotUndo) for result in results) == 1
    assert MergeRecord.objects.count() == 1
    assert Customer.objects.present().count() == (3 if others == "undone twice" else 2)
    assert not Entry.objects.filter(customer__in=Customer.objects.exclude(merged_into=None)).exists()


def test_a_text_with_a_nul_is_kept_without_it(signed_in: Client, conversation: Conversation) -> None:
    path = f"/conversations/{conversation.number}"
    written = {"note": "As\0 he said", "client_id": "a\0b"}
    assert signed_in.post(f"{path}/notes/", written, headers=SCRIPT).status_code == 201
    saved = signed_in.post(f"{path}/drafts/reply/", {"text": "On\0 its way", "writing": "w\0"}, headers=SCRIPT)
    assert saved.status_code == 200
    assert Entry.objects.get(kind="note").data["text"] == "As he said"
    assert Draft.objects.get(mode="reply").text == "On its way"
    assert signed_in.get("/customers/?q=%00Giulia").status_code == 200

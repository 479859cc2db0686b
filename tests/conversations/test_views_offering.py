"""What the composer offers while somebody writes: approved texts, parts of a long one, the line above; its refusals."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Agent, Team
from channels_app.models import Channel, MessageTemplate
from conversations.known import facts
from conversations.models import Conversation, Delivery, Draft, Entry, Message, Thread
from customers.models import Consent, Customer
from tests import factories
from tests.conversations.test_ways import look, way, write

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def whatsapp(customer: Customer, team: Team) -> Channel:
    return look("whatsapp", team)


@pytest.fixture
def on_whatsapp(whatsapp: Channel, customer: Customer) -> Conversation:
    Customer.objects.filter(pk=customer.pk).update(language="it")
    customer.refresh_from_db()
    return write(whatsapp, customer, "Il mio ordine 10432 è arrivato rotto")


@pytest.fixture
def parcel(whatsapp: Channel) -> MessageTemplate:
    body = "Ciao {{1}}, il tuo ordine {{2}} è partito."
    return MessageTemplate.objects.create(
        channel=whatsapp, name="parcel_left", language="it", category="utility", body=body, footer="Passolungo",
        external_id="T1",
    )  # fmt: skip


def send(client: Client, agent: Agent, row: Conversation, channel: Channel, **data: object) -> tuple[int, str]:
    client.force_login(agent)
    body = {"text": "It is on its way.", "way": way(row.customer, channel).key, **data}
    answer = client.post(f"/conversations/{row.number}/replies/", body, headers=SCRIPT)
    return answer.status_code, answer.content.decode()


def test_approved_texts_come_with_what_is_known_and_in_their_language_first(
    client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel, parcel: MessageTemplate
) -> None:
    MessageTemplate.objects.create(channel=whatsapp, name="a_question", language="en", body="Hello")
    MessageTemplate.objects.create(channel=whatsapp, name="refused", language="it", body="No", status="rejected")
    facts.after_entry(Entry.objects.get(conversation=on_whatsapp, kind="message"))
    client.force_login(agent)
    url = f"/conversations/{on_whatsapp.number}/templates/?way={way(on_whatsapp.customer, whatsapp).key}"
    text = client.get(url).content.decode()
    assert text.index("Parcel left") < text.index("A question") and "Refused" not in text
    assert 'value="Giulia"' in text and 'value="10432"' in text


def test_a_template_goes_with_its_values_when_the_window_is_closed_and_the_draft_stays(
    clock: time_machine.Traveller, client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel,
    parcel: MessageTemplate,
) -> None:  # fmt: skip
    clock.shift(timedelta(hours=25))
    Draft.objects.create(agent=agent, conversation=on_whatsapp, mode="reply", text="What I typed", writing="w1")
    assert send(client, agent, on_whatsapp, whatsapp)[0] == 422
    status, _text = send(
        client, agent, on_whatsapp, whatsapp, template=parcel.pk, body_value=["Giulia", " 10432\n"], client_id="t1"
    )
    message = Message.objects.get(direction="out")
    assert status == 201 and message.template == "parcel_left"
    assert message.text == "Ciao Giulia, il tuo ordine 10432 è partito.\n\nPassolungo"
    kept = Delivery.objects.get().route["template"]
    assert (kept["language"], list(kept["values"]), kept["external_id"]) == ("it", ["Giulia", "10432"], "T1")
    assert Draft.objects.get().text == "What I typed"


@pytest.mark.parametrize("values", [["Giulia"], ["Giulia", " "], ["Giulia", "1", "2"]])
def test_a_template_without_all_its_values_does_not_go(
    client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel, parcel: MessageTemplate,
    values: list[str],
) -> None:  # fmt: skip
    status, text = send(client, agent, on_whatsapp, whatsapp, template=parcel.pk, body_value=values)
    assert status == 422 and "Fill in every value" in text and not Delivery.objects.exists()


def test_an_offer_needs_their_consent_on_this_address(
    client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel, parcel: MessageTemplate
) -> None:
    MessageTemplate.objects.filter(pk=parcel.pk).update(category="marketing")
    values = {"template": parcel.pk, "body_value": ["Giulia", "10432"]}
    assert "have not agreed" in send(client, agent, on_whatsapp, whatsapp, **values)[1]
    identity = on_whatsapp.customer.identities.get(kind="whatsapp")
    Consent.objects.create(identity=identity, purpose="marketing", state="given")
    assert send(client, agent, on_whatsapp, whatsapp, **values)[0] == 201
    Consent.objects.create(identity=identity, purpose="marketing", state="withdrawn")
    assert send(client, agent, on_whatsapp, whatsapp, **values)[0] == 422


def test_a_template_of_another_channel_does_not_go(
    client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel
) -> None:
    other = MessageTemplate.objects.create(channel=look("whatsapp"), name="theirs", language="it", body="Ciao")
    assert send(client, agent, on_whatsapp, whatsapp, template=other.pk)[0] == 422


def test_what_is_too_long_goes_split_by_choice_or_not_at_all(
    client: Client, agent: Agent, customer: Customer, team: Team
) -> None:
    instagram = look("instagram", team)
    row = write(instagram, customer)
    status, text = send(client, agent, row, instagram, text="è" * 501)
    assert status == 422 and "too long for Instagram" in text and not Delivery.objects.exists()
    assert send(client, agent, row, instagram, text="è" * 501, is_split="1")[0] == 201
    assert Delivery.objects.get().parts.count() == 2
    preview = client.post(
        f"/conversations/{row.number}/parts/", {"way": way(customer, instagram).key, "text": "word " * 300}
    ).content.decode()
    assert 'data-count="2"' in preview and "Goes as 2 messages" in preview


def test_the_line_above_is_in_their_language_goes_once_and_only_elsewhere(
    client: Client, agent: Agent, conversation: Conversation, channel: Channel, team: Team
) -> None:
    customer, instagram = conversation.customer, look("instagram", team)
    Customer.objects.filter(pk=customer.pk).update(language="it", time_zone="Europe/Rome")
    row = write(instagram, customer)
    client.force_login(agent)
    page = client.get(f"/conversations/{row.number}/", follow=True).content.decode()
    assert "In seguito al tuo messaggio Instagram (" in page
    send(client, agent, row, channel, bridge="1", text="Ecco il tracking")
    sent = Message.objects.filter(direction="out").latest("pk").text
    assert sent.startswith("In seguito al tuo messaggio Instagram (") and sent.endswith("):\n\nEcco il tracking")
    # It was said: the next one by mail needs no line; and on Instagram it never had one.
    send(client, agent, row, channel, bridge="1", text="Un'altra cosa")
    send(client, agent, row, instagram, bridge="1", text="Anche qui")
    later = Message.objects.filter(direction="out").order_by("-pk").values_list("text", flat=True)[:2]
    assert list(later) == ["Anche qui", "Un'altra cosa"]


def test_an_answer_that_went_is_told_again_after_its_window_closed(
    clock: time_machine.Traveller, client: Client, agent: Agent, on_whatsapp: Conversation, whatsapp: Channel
) -> None:
    assert send(client, agent, on_whatsapp, whatsapp, client_id="same")[0] == 201
    clock.shift(timedelta(hours=25))
    assert send(client, agent, on_whatsapp, whatsapp, client_id="same")[0] == 201
    assert Message.objects.filter(direction="out").count() == 1


def test_only_whoever_may_answer_is_offered_anything(
    client: Client, agent: Agent, colleague: Agent, outsider: Agent, team: Team, on_whatsapp: Conversation,
    whatsapp: Channel,
) -> None:  # fmt: skip
    key = way(on_whatsapp.customer, whatsapp).key
    light = factories.make_agent(name="Lia Light", role="light", teams=(team,))
    for person, status in ((agent, 200), (colleague, 200), (outsider, 404), (light, 403)):
        client.force_login(person)
        assert client.get(f"/conversations/{on_whatsapp.number}/templates/?way={key}").status_code == status
        parts = client.post(f"/conversations/{on_whatsapp.number}/parts/", {"way": key, "text": "a"})
        assert parts.status_code == status
    client.force_login(agent)
    assert client.get(f"/conversations/{on_whatsapp.number}/templates/?way=1-0").status_code == 404
    assert client.post(f"/conversations/{on_whatsapp.number}/parts/", {"way": "x"}).status_code == 404


def test_a_file_that_does_not_fit_is_refused_and_may_go_as_a_link(
    client: Client, agent: Agent, customer: Customer, team: Team
) -> None:
    sms = look("sms", team)
    row = write(sms, customer)
    file = SimpleUploadedFile("guide.pdf", b"%PDF-1.4 a guide", "application/pdf")
    assert send(client, agent, row, sms, uploads=[file])[0] == 422
    file.seek(0)
    assert send(client, agent, row, sms, uploads=[file], linked="0", text="Here:")[0] == 201
    message = Message.objects.get(direction="out")
    assert message.text.startswith(f"Here:\n\nguide.pdf: {settings.PUBLIC_URL}/")
    assert not message.entry.attachments.exists()
    assert client.get(message.text.split(settings.PUBLIC_URL)[1]).content == b"%PDF-1.4 a guide"


def test_a_comment_is_answered_publicly_or_in_private_as_the_page_says(
    client: Client, agent: Agent, customer: Customer, team: Team
) -> None:
    instagram = look("instagram", team)
    row = write(instagram, customer)
    Thread.objects.filter(channel=instagram).update(kind=Thread.Kind.COMMENT)
    found = way(customer, instagram)
    assert found.is_comment and found.can_write and not found.window
    client.force_login(agent)
    page = client.get(f"/conversations/{row.number}/", follow=True).content.decode()
    assert 'data-comment="1"' in page and "everybody can read it" in page
    assert send(client, agent, row, instagram, is_public="1")[0] == 201
    assert Delivery.objects.get().route["is_public"] is True

"""Every kind that has a simulator can be played: what its customers do comes through the door and is filed."""

from typing import Any

import pytest
from django import forms

from channels_app import adapters, intake, learning
from channels_app.models import Channel, RawEvent
from channels_app.sandbox import planning, posting, saying
from customers.models import Customer
from helpdesk.lib.inbound import Party
from tests.factories import make_channel

pytestmark = pytest.mark.django_db
KINDS = [kind for kind, adapter in adapters.all().items() if adapter.simulator is not None]
SENDERS = {"line": "U4711", "phone": "+39 02 5550 1420", "whatsapp": "+39 02 5550 1420", "email": "giulia@example.test"}


def account(form: type[forms.Form]) -> dict[str, Any]:
    """Fill in an account with something for everything that is asked."""
    return {name: _value(field) for name, field in form().fields.items()}


def _value(field: forms.Field) -> Any:
    if field.initial is not None:
        return field.initial
    if isinstance(field, forms.ChoiceField):
        return field.choices[0][0]  # type: ignore[index]
    if isinstance(field, forms.BooleanField):
        return False
    if not field.required and not isinstance(field.widget, forms.PasswordInput):
        return ""
    return "https://provider.example.test" if isinstance(field, forms.URLField) else "4255501420"


def do(channel: Channel, what: str) -> RawEvent | None:
    """Let a customer do one thing; None where this provider does not tell of it."""
    simulator = channel.adapter.simulator
    assert simulator is not None
    channel.refresh_from_db()
    kind, said = channel.identity_kind, planning.plan_of(channel).said
    about = said[0]["id"] if said else ""
    data = {"what": what, "sender": SENDERS.get(kind, "4711"), "name": "Giulia", "text": "", "about": about}
    form = saying.SayingForm(data, channel=channel, simulator=simulator)
    assert form.is_valid(), form.errors
    before = RawEvent.objects.count()
    refused = _refusal(form)
    # A sentence is the simulator's own refusal; a number is what our door answered.
    assert not refused.isdigit(), f"{what}: answered {refused}"
    if refused:
        return None
    assert RawEvent.objects.count() > before, f"{what}: was taken as known already, or not kept"
    event = RawEvent.objects.latest("pk")
    intake.process(event.pk)
    event.refresh_from_db()
    return event


def _refusal(form: saying.SayingForm) -> str:
    try:
        form.happen()
    except posting.NotTaken as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("kind", "named"), [("instagram", ""), ("messenger", ""), ("line", ""), ("telegram", "Giulia")]
)
def test_the_name_that_was_typed_is_told_with_the_message_or_when_it_is_asked_for(kind: str, named: str) -> None:
    channel = make_channel(kind=kind, config=account(adapters.get(kind).ConfigForm), is_sandbox=True)
    do(channel, "text")
    customer = Customer.objects.get()
    assert customer.name == named
    who = customer.identities.get()
    channel.refresh_from_db()
    learning.fetch_profile(channel, Party(kind=who.kind, value=who.value, realm=who.realm))
    customer.refresh_from_db()
    assert customer.name == "Giulia"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_customers_do_is_filed(kind: str) -> None:
    channel = make_channel(kind=kind, config=account(adapters.get(kind).ConfigForm), is_sandbox=True)
    simulator = channel.adapter.simulator
    assert simulator is not None
    found = {what: do(channel, what) for what in saying.choices(simulator)}
    states = {what: (event.state, event.error) for what, event in found.items() if event is not None}
    assert states["text"][0] == "filed"
    assert {what: said for what, said in states.items() if said[0] not in {"filed", "ignored"}} == {}

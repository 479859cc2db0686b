"""Pages of companies: who sees what, what is said when it does not work, and nothing changed then."""

import re

import pytest
from django.test import Client

from agents.models import Agent, AuditRow
from conversations import companies, people
from conversations.companies import About
from conversations.models import Conversation, Entry
from customers.models import Company, CompanyDomain, Customer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conversation")]
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def acme(agent: Agent, customer: Customer) -> Company:
    """Giulia's company; its domain is acme.example.test."""
    made = companies.make(About("Acme", ("acme.example.test",)), by=agent)
    people.employ(made, [customer], by=agent)
    return made


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def light(client: Client) -> Client:
    """Somebody who reads and notes, and sees everything."""
    client.force_login(factories.make_agent(role=factories.make_role(sight="all", can_reply=False)))
    return client


def form_of(page: str, **changes: str) -> dict[str, str]:
    """What the form of a page would send, with changes."""
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown is not None
    return {"shown": shown.group(1).replace("&quot;", '"'), **changes}


def writer(name: str = "Nina", address: str = "nina@acme.example.test") -> Customer:
    return factories.make_customer(name=name, address=address)


def test_the_list_shows_what_a_reader_may_know(signed_in: Client, acme: Company) -> None:
    page = signed_in.get("/companies/").content.decode()
    assert "Acme" in page and "acme.example.test" in page and "1 person" in page and "1 open" in page
    assert "Acme" not in signed_in.get("/companies/?q=zzz").content.decode()
    assert "Acme" in signed_in.get("/companies/?q=ACME.ex").content.decode()


def test_a_company_shows_its_people_and_opens_their_conversations(
    signed_in: Client, acme: Company, conversation: Conversation
) -> None:
    page = signed_in.get(f"/companies/{acme.pk}/").content.decode()
    assert "Giulia Tedesco" in page and f"/customers/{conversation.customer_id}/?c={conversation.number}" in page


def test_an_outsider_finds_no_company(client: Client, acme: Company, outsider: Agent) -> None:
    client.force_login(outsider)
    assert client.get(f"/companies/{acme.pk}/").status_code == 404
    assert b"Acme" not in client.get("/companies/").content


def test_who_may_not_reply_reads_and_changes_nothing(light: Client, acme: Company, customer: Customer) -> None:
    page = light.get(f"/companies/{acme.pk}/").content.decode()
    assert "Giulia" in page and "/profile/" not in page.split("Giulia")[0]
    nina = writer()
    for path in ("profile/", "joining/"):
        assert light.get(f"/companies/{acme.pk}/{path}").status_code == 403
    assert light.post("/companies/new/", {"name": "New"}).status_code == 403
    assert light.post(f"/companies/{acme.pk}/people/", {"customer": nina.pk}).status_code == 403
    assert light.post(f"/companies/{acme.pk}/removal/").status_code == 403
    assert light.post(f"/customers/{nina.pk}/company/", {"company": acme.pk}).status_code == 403
    assert (Company.objects.count(), acme.customers.count()) == (1, 1)


def test_a_company_is_made_with_domains_in_one_spelling(signed_in: Client) -> None:
    written = {"name": " New  Firm ", "domains": "Bücher.example.test, @b.example.test", "shown": "{}"}
    response = signed_in.post("/companies/new/", written)
    made = Company.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/companies/{made.pk}/")
    assert About.of(made) == About("New Firm", ("b.example.test", "xn--bcher-kva.example.test"))


@pytest.mark.parametrize(
    ("name", "domains", "words"),
    [
        ("acme ", "", "Another company has this name"), ("\u200b", "", "Write a name"), ("", "", "wrong"),
        ("New", "nonsense", "is not a mail domain"), ("New", "acme.example.test", "belongs to Acme"),
        ("New", "gmail.com", "is a mail provider"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(signed_in: Client, acme: Company, name: str, domains: str, words: str) -> None:
    response = signed_in.post("/companies/new/", {"name": name, "domains": domains, "shown": "{}"})
    assert response.status_code == 422 and words in response.content.decode()
    assert list(Company.objects.all()) == [acme]


def test_a_domain_of_a_company_one_may_not_know_of_is_not_told_whose(
    client: Client, acme: Company, outsider: Agent
) -> None:
    client.force_login(outsider)
    response = client.post("/companies/new/", {"name": "New", "domains": "acme.example.test", "shown": "{}"})
    page = response.content.decode()
    assert response.status_code == 422 and "belongs to another company" in page and "Acme" not in page


def test_a_mail_providers_domain_is_kept_where_it_is_meant(signed_in: Client) -> None:
    said = {"name": "New", "domains": "gmail.com", "shown": "{}", "is_public_meant": "on"}
    assert signed_in.post("/companies/new/", said).status_code == 302
    assert CompanyDomain.objects.get().domain == "gmail.com"


def test_a_company_is_changed(signed_in: Client, acme: Company) -> None:
    page = signed_in.get(f"/companies/{acme.pk}/profile/").content.decode()
    changes = form_of(page, name="Acme srl", domains="acme.example.test", allows_parallel_conversations="on")
    assert signed_in.post(f"/companies/{acme.pk}/profile/", changes).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.allows_parallel_conversations) == ("Acme srl", True)
    assert AuditRow.objects.latest("pk").after["name"] == "Acme srl"


def test_who_changes_the_same_as_a_colleague_sees_both_and_may_go_on(
    signed_in: Client, acme: Company, colleague: Agent
) -> None:
    url = f"/companies/{acme.pk}/profile/"
    changes = form_of(signed_in.get(url).content.decode(), name="Mine", domains="acme.example.test")
    companies.change(acme, About("Theirs", ("acme.example.test",)), by=colleague, known=About.of(acme))
    response = signed_in.post(url, changes)
    page = response.content.decode()
    assert response.status_code == 409 and "Theirs" in page and 'value="Mine"' in page
    again = form_of(page, name="Mine", domains="acme.example.test")
    assert signed_in.post(url, again).status_code == 302
    assert Company.objects.get().name == "Mine"


def test_two_companies_are_joined_after_a_look(signed_in: Client, acme: Company, customer: Customer) -> None:
    other = Company.objects.create(name="Acme srl")
    assert "Acme srl" in signed_in.get(f"/companies/{acme.pk}/joining/?q=srl").content.decode()
    page = signed_in.get(f"/companies/{acme.pk}/joining/?with={other.pk}").content.decode()
    assert "1 person moves" in page and "Giulia" in page
    response = signed_in.post(f"/companies/{acme.pk}/joining/", {"with": other.pk})
    assert (response.status_code, response.headers["Location"]) == (302, f"/companies/{other.pk}/")
    customer.refresh_from_db()
    assert (customer.company, Entry.objects.filter(kind="profile").count()) == (other, 2)


def test_a_company_is_not_joined_with_itself_nor_with_one_that_is_hidden(
    signed_in: Client, acme: Company, agent: Agent
) -> None:
    url = f"/companies/{acme.pk}/joining/"
    assert signed_in.post(url, {"with": acme.pk}).status_code == 422
    secret = Company.objects.create(name="Secret")
    channel = factories.make_channel(team=factories.make_team(is_private=True))
    hidden = factories.make_conversation(channel=channel).customer
    Customer.objects.filter(pk=hidden.pk).update(company=secret)
    assert signed_in.post(url, {"with": secret.pk}).status_code == 404
    assert "Secret" not in signed_in.get(f"{url}?q=secret").content.decode()
    assert Company.objects.count() == 2


def test_too_many_people_are_not_joined(signed_in: Client, acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companies, "JOIN_MAX", 0)
    other = Company.objects.create(name="Other")
    response = signed_in.post(f"/companies/{acme.pk}/joining/", {"with": other.pk})
    assert response.status_code == 409 and acme.customers.count() == 1


def test_only_an_empty_company_is_deleted(signed_in: Client, acme: Company) -> None:
    assert signed_in.post(f"/companies/{acme.pk}/removal/").status_code == 409
    empty = Company.objects.create(name="Empty")
    assert "Delete company" in signed_in.get(f"/companies/{empty.pk}/").content.decode()
    assert signed_in.post(f"/companies/{empty.pk}/removal/").status_code == 302
    assert list(Company.objects.all()) == [acme]


def test_who_writes_from_its_domain_is_offered_and_added(signed_in: Client, acme: Company) -> None:
    nina, otto = writer(), writer("Otto", "otto@acme.example.test")
    page = signed_in.get(f"/companies/{acme.pk}/").content.decode()
    assert "2 people write from here and belong to no company" in page and "Add all 2" in page
    response = signed_in.post(
        f"/companies/{acme.pk}/people/", {"customer": [nina.pk, otto.pk, 10**12, "x"]}, headers=SCRIPT
    )
    page = response.content.decode()
    assert response.status_code == 200 and "2 people added." in page and "belong to no company" not in page
    assert {nina, otto} <= set(acme.customers.all())
    assert Entry.objects.get(customer=nina, kind="profile").data["after"] == {"company": "Acme"}
    again = signed_in.post(f"/companies/{acme.pk}/people/", {"customer": nina.pk}, headers=SCRIPT)
    assert "Nobody was added" in again.content.decode() and Entry.objects.filter(customer=nina).count() == 1


def test_somebody_hidden_is_neither_offered_nor_added(signed_in: Client, acme: Company) -> None:
    channel = factories.make_channel(team=factories.make_team(is_private=True))
    said = factories.make_inbound(address="hidden@acme.example.test", name="Hidden Hal")
    hidden = factories.receive(channel=channel, inbound=said).customer
    assert "Hidden" not in signed_in.get(f"/companies/{acme.pk}/").content.decode()
    signed_in.post(f"/companies/{acme.pk}/people/", {"customer": hidden.pk})
    assert acme.customers.count() == 1


def test_the_panel_offers_the_company_and_takes_it_with_one_press(signed_in: Client, acme: Company) -> None:
    nina = writer()
    page = signed_in.get(f"/customers/{nina.pk}/panel/").content.decode()
    assert "Works at Acme?" in page
    response = signed_in.post(f"/customers/{nina.pk}/company/", {"company": acme.pk}, headers=SCRIPT)
    page = response.content.decode()
    assert response.status_code == 200 and "Works at" not in page and f'href="/companies/{acme.pk}/"' in page
    assert Entry.objects.get(customer=nina, kind="profile").data["after"] == {"company": "Acme"}


def test_a_company_that_is_not_offered_is_not_taken(signed_in: Client, acme: Company) -> None:
    stan = writer("Stan", "stan@other.example.test")
    assert "Works at" not in signed_in.get(f"/customers/{stan.pk}/panel/").content.decode()
    response = signed_in.post(f"/customers/{stan.pk}/company/", {"company": acme.pk}, headers=SCRIPT)
    stan.refresh_from_db()
    assert (response.status_code, stan.company) == (409, None)


@pytest.mark.parametrize("path", ["customers", "companies"])
def test_a_search_for_nonsense_finds_nobody(signed_in: Client, acme: Company, path: str) -> None:
    page = signed_in.get(f"/{path}/?q=%00z%00%F0zz&after=%00")
    assert page.status_code == 200 and "Giulia" not in page.content.decode()


def test_a_company_that_is_gone_when_a_profile_is_saved_is_said(
    signed_in: Client, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    nina = writer()
    monkeypatch.setattr(companies, "hold", lambda pk: None)
    response = signed_in.post(f"/customers/{nina.pk}/profile/", {"company": "Acme"}, headers=SCRIPT)
    nina.refresh_from_db()
    assert (response.status_code, nina.company) == (409, None)
    assert "joined or deleted in the meantime" in response.content.decode()


def test_a_company_typed_in_a_profile_is_found_in_any_case(signed_in: Client, acme: Company) -> None:
    nina = writer()
    signed_in.post(f"/customers/{nina.pk}/profile/", {"company": " ACME "}, headers=SCRIPT)
    nina.refresh_from_db()
    assert (nina.company, Company.objects.count()) == (acme, 1)
    signed_in.post(f"/customers/{nina.pk}/profile/", {"company": " \u200b "}, headers=SCRIPT)
    nina.refresh_from_db()
    assert (nina.company, Company.objects.count()) == (None, 1)

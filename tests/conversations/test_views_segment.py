"""The builder of a segment and the lists that segments filter; all of it without a script."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from agents.models import Agent
from conversations.lists import segmenting
from customers import segments
from customers.models import Customer, CustomField, Segment
from customers.segments import ALL, Condition, Row
from tests import factories

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
RO = {"match": "all", "name": "Romanian", "field-0": "language", "op-0": "is", "value-0": "ro"}


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def romanian(agent: Agent) -> Segment:
    segment = Segment()
    segmenting.keep(segment, "Romanian", Condition(ALL, (Row("language", "is", "ro"),)), by=agent)
    return segment


@pytest.fixture
def ana(db: None) -> Customer:
    ana = factories.make_customer(name="Ana Popa")
    Customer.objects.filter(pk=ana.pk).update(language="ro")
    factories.make_customer(name="Ben Rossi")
    return ana


def mark_of(page: str) -> str:
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found is not None
    return found.group(1)


def test_a_segment_is_built_and_shown(signed_in: Client, ana: Customer) -> None:
    response = signed_in.post("/segments/new/", RO)
    segment = Segment.objects.get()
    assert response.headers["Location"] == f"/customers/?segment={segment.pk}"
    condition = segments.read(segment.condition)
    assert condition == Condition(ALL, (Row("language", "is", "ro"),))
    page = signed_in.get(f"/customers/?segment={segment.pk}").content.decode()
    assert "Ana Popa" in page and "Ben Rossi" not in page and "1 customer<" in page


def test_a_preview_counts_and_names_the_first(signed_in: Client, ana: Customer) -> None:
    page = signed_in.get("/segments/new/", RO, headers=SCRIPT).content.decode()
    assert "1 customer<" in page and "Ana Popa" in page and "Ben Rossi" not in page and "<html" not in page
    assert not Segment.objects.exists()


def test_a_row_without_a_value_asks_nothing_yet(signed_in: Client, ana: Customer) -> None:
    page = signed_in.get("/segments/new/", {**RO, "value-0": ""}).content.decode()
    assert "Fill in a condition" in page and "Ana Popa" not in page


def test_rows_are_added_and_removed_without_a_script(signed_in: Client) -> None:
    page = signed_in.get("/segments/new/", {**RO, "add": "1"}).content.decode()
    assert 'id="field-1"' in page and 'id="field-2"' not in page
    two = {**RO, "field-1": "open", "op-1": "yes"}
    page = signed_in.get("/segments/new/", {**two, "remove": "0"}).content.decode()
    assert 'id="field-1"' not in page and '<option value="open" selected>' in page


def test_another_field_brings_its_own_comparisons(signed_in: Client) -> None:
    changed = {**RO, "field-0": "last_contact", "was-0": "language"}
    page = signed_in.get("/segments/new/", changed).content.decode()
    assert "not in the last days" in page and 'type="number"' in page and 'value="ro"' not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Give the segment a name"), ({"value-0": ""}, "Say what to compare with"),
        ({"value-0": "xx"}, "nobody fulfils it"), ({"field-0": "merged_into__pk"}, "This field is gone"),
        ({"remove": "0"}, "Add a condition"), ({"name": "LOUD "}, "Another segment has this name"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_kept_on_the_page(signed_in: Client, changes: dict[str, str], words: str) -> None:
    Segment.objects.create(name="Loud")
    response = signed_in.post("/segments/new/", {**RO, **changes})
    assert response.status_code == 422 and words in response.content.decode()
    assert Segment.objects.count() == 1


def test_a_segment_is_changed_and_an_old_page_does_not_undo_it(
    signed_in: Client, romanian: Segment, ana: Customer
) -> None:
    url = f"/segments/{romanian.pk}/"
    page = signed_in.get(url).content.decode()
    assert '<option value="ro" selected>' in page and "Ana Popa" in page
    mark = mark_of(page)
    assert signed_in.post(url, {**RO, "name": "Romanians", "mark": mark}).status_code == 302
    response = signed_in.post(url, {**RO, "name": "Old", "mark": mark})
    assert response.status_code == 422 and "A colleague changed" in response.content.decode()
    assert Segment.objects.get().name == "Romanians"


def test_a_segment_is_deleted(signed_in: Client, romanian: Segment) -> None:
    assert signed_in.post(f"/segments/{romanian.pk}/removal/").status_code == 302
    assert not Segment.objects.exists()
    assert signed_in.get(f"/customers/?segment={romanian.pk}").status_code == 404


def test_who_may_not_reply_reads_segments_only(client: Client, romanian: Segment) -> None:
    client.force_login(factories.make_agent(role="light"))
    assert "Romanian" in client.get("/segments/").content.decode()
    for path in ("new/", f"{romanian.pk}/"):
        assert client.get(f"/segments/{path}").status_code == client.post(f"/segments/{path}", RO).status_code == 403
    assert client.post(f"/segments/{romanian.pk}/removal/").status_code == 403
    assert Segment.objects.get() == romanian


def test_the_list_counts_whom_its_reader_sees(signed_in: Client, romanian: Segment, ana: Customer) -> None:
    channel = factories.make_channel(team=factories.make_team(is_private=True))
    hidden = factories.make_conversation(channel=channel).customer
    Customer.objects.filter(pk=hidden.pk).update(language="ro")
    assert "1 customer<" in signed_in.get("/segments/").content.decode()
    page = signed_in.get(f"/segments/?part=side&segment={romanian.pk}", headers=SCRIPT).content.decode()
    assert 'num">1<' in page and 'aria-current="true"' in page and "<html" not in page


def test_a_segment_of_a_field_that_is_gone_says_so(signed_in: Client, ana: Customer) -> None:
    field = CustomField.objects.create(slug="level", name="Level", kind="text")
    broken = Segment()
    segmenting.keep(broken, "Gold", Condition(ALL, (Row("custom:level", "is", "gold"),)), by=factories.make_agent())
    field.delete()
    page = signed_in.get("/segments/").content.decode()
    assert "It names something that is gone" in page and "0 customers" in page
    page = signed_in.get(f"/segments/{broken.pk}/").content.decode()
    assert "A field that is gone" in page and "This field is gone: nobody fulfils it." in page


def test_a_segment_and_a_search_narrow_together(signed_in: Client, romanian: Segment, ana: Customer) -> None:
    url = f"/customers/?segment={romanian.pk}"
    assert "Ana Popa" in signed_in.get(f"{url}&q=popa").content.decode()
    assert "Ana Popa" not in signed_in.get(f"{url}&q=rossi").content.decode()
    piece = signed_in.get(f"{url}&q=popa", headers=SCRIPT).content.decode()
    assert "Ana Popa" in piece and "<html" not in piece


def test_what_a_user_wrote_is_shown_as_text(signed_in: Client) -> None:
    name = '"><script>alert(1)</script>'
    page = signed_in.get("/segments/new/", {**RO, "name": name, "field-0": name, "op-0": name, "value-0": name})
    assert name not in page.content.decode() and escape(name) in page.content.decode()

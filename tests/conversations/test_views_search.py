"""The page of the search, its rows while somebody types, and what may follow in the box."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations.models import Entry, Topic
from conversations.models.tag import ConversationTag, Tag
from conversations.searching import suggesting
from customers.models import Customer
from tests.conversations.test_searching import said
from tests.factories import make_agent, make_channel, make_role, make_team

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def parcel(channel: Channel) -> Entry:
    return said("My <b>parcel</b> & Co <script>alert(1)</script>", channel)


@pytest.fixture
def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def page(client: Client, **asked: str) -> str:
    answer = client.get(reverse("search"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_hits_are_marked_and_escaped(signed_in: Client, parcel: Entry) -> None:
    html = page(signed_in, q="parcel")
    assert "My &lt;b&gt;<mark>parcel</mark>&lt;/b&gt; &amp; Co &lt;script&gt;" in html
    assert f"#m-{parcel.pk}" in html


def test_a_script_gets_the_rows_alone_and_more_of_one_group(signed_in: Client, channel: Channel) -> None:
    entries = [said("Parcel", channel) for _n in range(3)]
    rows = signed_in.get(reverse("search"), {"q": "parcel"}, headers=SCRIPT).content.decode()
    assert rows.lstrip().startswith('<div class="found-all"')
    asked = {"q": "parcel", "group": "messages", "after": str(entries[2].pk)}
    more = signed_in.get(reverse("search"), asked, headers=SCRIPT).content.decode()
    assert re.findall(r"#m-(\d+)", more) == [str(entries[1].pk), str(entries[0].pk)]
    assert more.lstrip().startswith("<li>")


def test_a_script_that_puts_the_page_in_place_of_another_gets_it_whole(signed_in: Client, parcel: Entry) -> None:
    page = signed_in.get("/search/", headers={**SCRIPT, "HX-Request-Type": "full"}).content.decode()
    assert 'id="app"' in page


def test_a_page_ends_with_a_link_to_more(signed_in: Client, channel: Channel) -> None:
    entries = [said("Parcel", channel) for _n in range(21)]
    html = page(signed_in, q="parcel")
    assert f"?q=parcel&amp;group=messages&amp;after={entries[1].pk}" in html
    assert len(re.findall('class="hit"', html)) == 20


def test_what_is_wrong_stands_beside_the_box(signed_in: Client, parcel: Entry) -> None:
    html = page(signed_in, q="parcel before:soon")
    assert "“soon” is no date" in html
    assert "<mark>parcel</mark>" in html


def test_nothing_and_too_much_are_told(signed_in: Client, parcel: Entry) -> None:
    assert "Nothing matches “zzz”" in page(signed_in, q="zzz")
    long = page(signed_in, q="zzz " * 3_000)
    assert "only its first 24 words were looked for" in long
    assert len(long) < 30_000
    assert "everything that was said" in page(signed_in)


def test_a_search_that_takes_too_long_says_so(
    signed_in: Client, parcel: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = (
        "SELECT entry_id FROM conversations_searchable, pg_sleep(2) WHERE entry_id >= %s AND entry_id < %s AND %s <> ''"
    )
    monkeypatch.setattr("conversations.searching.finding.NEAR", slow)
    monkeypatch.setattr("conversations.searching.timing.STATEMENT_MS", 20)
    assert "This is too broad to look through in time" in page(signed_in, q="parcel")


def test_an_outsider_and_nobody_get_nothing(client: Client, outsider: Agent, parcel: Entry) -> None:
    assert client.get(reverse("search"), {"q": "parcel"}).status_code == 302
    client.force_login(outsider)
    assert "Nothing matches “parcel”" in page(client, q="parcel")
    assert "Giulia" not in client.get(reverse("search_suggestions"), {"q": "from:gi"}).content.decode()


@pytest.mark.parametrize("cursor", ["-1", "x", "9" * 30, "0", "1e3", "۳"])
def test_a_cursor_of_nonsense_is_answered(signed_in: Client, parcel: Entry, cursor: str) -> None:
    page(signed_in, q="parcel", group="messages", after=cursor)
    page(signed_in, q="parcel", group="nonsense__pk", after=cursor)


def test_the_number_of_questions_hangs_on_no_history(
    signed_in: Client, channel: Channel, django_assert_max_num_queries: object
) -> None:
    for _n in range(12):
        said("Parcel 10432", channel)
    # One or two windows of keys are looked through, as the numbers of entries happen to lie.
    with django_assert_max_num_queries(38):  # type: ignore[operator]
        page(signed_in, q="parcel 10432")


def test_what_is_shown_is_read_by_when_it_was_said(signed_in: Client, channel: Channel) -> None:
    first, second = said("Parcel", channel), said("Parcel", channel)
    # As an old timeline comes in by an import.
    Entry.objects.filter(pk=second.pk).update(occurred_at=first.occurred_at - timedelta(days=9))
    assert re.findall(r"#m-(\d+)", page(signed_in, q="parcel")) == [str(first.pk), str(second.pk)]


# --- what may follow


def words(agent: Agent, typed: str) -> list[str]:
    return [offer.word for offer in suggesting.offers(agent, typed)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "from:"), ("a", "after:"), ("parcel as", "assignee:"), ("-ta", "tag:"), ("eti", "tag:"),
        ("dopo", "after:"), ("status:o", "open"), ("status:wai", "waiting"), ("has:", "file"), ("assignee:", "me"),
        ("assignee:io", "Ana Ionescu"),
        ("before:20", "2026"), ("from:giu", "Giulia T"), ("channel:he", "Help"), ("topic:re", "Returns"),
        ('topic:"ret', "Returns"), ("responsabil:n", "none"),
    ],
)  # fmt: skip
def test_operators_and_values_are_offered(parcel: Entry, agent: Agent, typed: str, first: str) -> None:
    Topic.objects.create(name="Returns")
    assert words(agent, typed)[0].startswith(first)


@pytest.mark.parametrize(
    "typed",
    ["parcel", "has:file", "status:open", "status:zzz", "foo:", "http://x", "tag:", '"', "ß", "a" * 5_000],
)
def test_nothing_is_offered_for_words(parcel: Entry, agent: Agent, typed: str) -> None:
    assert words(agent, typed) == []


def test_an_offer_takes_the_place_of_what_was_begun(parcel: Entry, agent: Agent) -> None:
    offer = suggesting.offers(agent, "parcel assignee:ion")[0]
    assert (offer.text, offer.replaces) == ('"Ana Ionescu" ', 3)


def test_tags_people_and_channels_of_a_private_team_are_not_offered(agent: Agent, team: Team) -> None:
    private = make_team(name="Complaints", is_private=True)
    secret = said("Secret", make_channel(name="Secret box", team=private), address="marker@example.test")
    assert secret.conversation is not None
    ConversationTag.objects.create(conversation=secret.conversation, tag=Tag.objects.create(name="marker"))
    Customer.objects.filter(pk=secret.customer_id).update(name="Marker")
    insider = make_agent(name="Ines", teams=(private,))
    for typed in ("tag:mar", "from:mar", "channel:sec"):
        assert words(agent, typed) == []
        assert words(insider, typed) != []
    nowhere = make_agent(name="Nina", role=make_role(sight="own"))
    assert words(nowhere, "tag:mar") == []


def test_a_group_that_takes_too_long_leaves_the_others(
    signed_in: Client, parcel: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_named: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")

    monkeypatch.setattr("conversations.searching.people.find", slow)
    monkeypatch.setattr("conversations.searching.timing.STATEMENT_MS", 40)
    html = page(signed_in, q="parcel")
    assert "This is too broad to look through in time" in html
    assert "<mark>parcel</mark>" in html
    assert "This is too broad" in page(signed_in, q="from:giulia")
    assert signed_in.get(reverse("search_suggestions"), {"q": "from:giulia"}).status_code == 200

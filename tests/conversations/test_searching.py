"""The search over everything: what is found, where, and by whom."""

import pytest

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import after
from conversations.models import Conversation, Entry, Fact, SearchWalk
from conversations.models.tag import ConversationTag, Tag
from conversations.searching import filling
from conversations.searching.answer import Answer
from conversations.searching.search import search
from customers.models import Company, Customer
from tests.factories import make_agent, make_channel, make_customer, make_inbound, make_role, make_team, receive
from tests.waiting import together

pytestmark = pytest.mark.django_db


def said(text: str, channel: Channel, *, address: str = "giulia@example.test", subject: str = "") -> Entry:
    """A customer's message whose steps have run."""
    name = f"{address.split('@')[0].title()} T"
    entry = receive(channel=channel, inbound=make_inbound(address=address, text=text, subject=subject, name=name))
    after.run([entry.pk])
    return entry


def found(answer: Answer, slug: str = "messages") -> list[int]:
    return [hit.pk for group in answer.groups if group.slug == slug for hit in group.hits]


def texts(answer: Answer) -> list[str]:
    """The marked words of every line."""
    return [part.text for group in answer.groups for hit in group.hits for part in hit.line if part.is_hit]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Ho ricevuto le scarpe sbagliate", "scarpa"),
        ("Unde este comanda mea?", "comandă"),
        ("The parcels were damaged", "parcel damage"),
        ("Am plătit și așteptați", "platit si asteptati"),
        ("Am platit si asteptati", "plătit șI aşteptaţi"),
        ("Perché la città è così?", "perche citta"),
        ("Straße 5", "strasse"),
        ("Write to info@shop.example.test", "info@shop.example.test"),
        ("My parcel has not come", '"parcel has not"'),
        ("My parcel has not come", "parc"),
        ("Где моя посылка", "посылка"),
    ],
)
def test_words_are_found_whatever_their_endings_and_accents(
    channel: Channel, agent: Agent, text: str, asked: str
) -> None:
    entry = said(text, channel)
    assert found(search(agent, asked)) == [entry.pk]


@pytest.mark.parametrize("asked", ["parcel -come", '"has parcel"', "par ", "come -parcel", "xyz", "has -parc"])
def test_what_does_not_fit_is_not_found(channel: Channel, agent: Agent, asked: str) -> None:
    said("My parcel has not come", channel)
    assert found(search(agent, asked)) == []


def test_only_the_last_word_may_be_a_beginning(channel: Channel, agent: Agent) -> None:
    entry = said("My parcel has not come", channel)
    assert found(search(agent, "parcel com")) == [entry.pk]
    assert found(search(agent, "parc come")) == []


def test_a_subject_and_a_note_are_found_and_the_newest_comes_first(channel: Channel, agent: Agent) -> None:
    first = said("Hello", channel, subject="Broken zipper")
    assert first.conversation is not None
    note = first.conversation.note(by=agent, text="The zipper is under warranty")
    after.run([note.pk])
    answer = search(agent, "zipper")
    assert found(answer) == [note.pk, first.pk]
    assert texts(answer) == ["zipper", "zipper"]


def test_a_hit_leads_to_its_message(channel: Channel, agent: Agent) -> None:
    entry = said("My parcel", channel)
    assert entry.conversation is not None
    (hit,) = search(agent, "parcel").groups[0].hits
    number = entry.conversation.number
    assert hit.url == f"/inbox/all/{entry.customer_id}/?c={number}#m-{entry.pk}"
    assert (hit.name[0].text, hit.number, hit.customer_id) == ("Giulia T", number, entry.customer_id)


def test_words_are_marked_by_their_stems_in_the_piece_around_them(channel: Channel, agent: Agent) -> None:
    said(f"{'Hello there. ' * 20}The parcels <b>came</b> broken. {'And so on. ' * 50}", channel)
    (hit,) = search(agent, "parcel broken").groups[0].hits
    assert [part.text for part in hit.line if part.is_hit] == ["parcels", "broken"]
    assert hit.line[0].text == "… "
    assert len("".join(part.text for part in hit.line)) < 250


def test_a_conversation_is_found_by_its_number(channel: Channel, agent: Agent) -> None:
    conversation = said("Hello", channel).conversation
    assert conversation is not None
    for asked in (f"#{conversation.number}", str(conversation.number)):
        assert found(search(agent, asked), "conversations") == [conversation.pk]
    assert found(search(agent, f"{conversation.number + 1}"), "conversations") == []


def test_an_order_is_found_by_its_number(channel: Channel, agent: Agent, outsider: Agent) -> None:
    entry = said("Where is my order 10432?", channel)
    fact = Fact.objects.get(what="order")
    (hit,) = next(group for group in search(agent, "#10432").groups if group.slug == "orders").hits
    assert (hit.pk, hit.url.endswith(f"#m-{entry.pk}")) == (fact.pk, True)
    assert search(outsider, "10432").groups == ()


@pytest.mark.parametrize(
    "asked", ["giul", "Tedésco", "giulia ted", "giulia@example.test", "example.test", "0340 123-4567", "+39340", "acme"]
)
def test_a_customer_is_found_by_any_address_and_part_of_a_name(agent: Agent, customer: Customer, asked: str) -> None:
    customer.identities.create(kind="phone", value="+393401234567")
    customer.company = Company.objects.create(name="L'Acmé srl")
    customer.save()
    make_customer(name="Bruno Rossi", address="bruno@elsewhere.test")
    assert found(search(agent, asked), "customers") == [customer.pk]


def test_groups_go_on_from_a_cursor(channel: Channel, agent: Agent) -> None:
    entries = [said(f"Parcel {n}", channel) for n in range(5)]
    pks = [entry.pk for entry in reversed(entries)]
    page = search(agent, "parcel", group="messages", limit=2)
    assert found(page) == pks[:2]
    then = search(agent, "parcel", group="messages", limit=2, cursor=page.groups[0].next)
    assert found(then) == pks[2:4]
    last = search(agent, "parcel", group="messages", limit=2, cursor=then.groups[0].next)
    assert (found(last), last.groups[0].next) == (pks[4:], "")


# --- operators


@pytest.fixture
def parcel(channel: Channel, agent: Agent) -> Entry:
    """Giulia's message about a parcel, in Ana's tagged conversation."""
    entry = said("My parcel", channel)
    assert entry.conversation is not None
    entry.conversation.assign(by=agent, agent=agent)
    ConversationTag.objects.create(conversation=entry.conversation, tag=Tag.objects.create(name="very late"))
    said("Another parcel", make_channel(name="Sales"), address="bruno@elsewhere.test")
    return entry


@pytest.mark.parametrize(
    "asked",
    [
        "from:giulia", "da:giulia@example.test parcel", "channel:help parcel", 'tag:"very late"', "etichetta:very",
        "assignee:me", "responsabil:ana", "status:open tag:very parcel", "-from:bruno", "-channel:Sales parcel",
        "parcel -assignee:none", "stato:open assignee:ana",
    ],
)  # fmt: skip
def test_operators_narrow(parcel: Entry, agent: Agent, asked: str) -> None:
    answer = search(agent, asked)
    assert (found(answer), answer.problems) == ([parcel.pk], ())


@pytest.mark.parametrize(
    "asked", ["has:file", "before:2000-01-01 parcel", "after:2999", "status:resolved", "status:spam", "-status:open"]
)
def test_operators_leave_out(parcel: Entry, agent: Agent, asked: str) -> None:
    answer = search(agent, asked)
    assert (found(answer), answer.problems) == ([], ())


@pytest.mark.parametrize(
    ("asked", "said_of_it"),
    [
        ("parcel before:tomorrowish", "“tomorrowish” is no date"), ("parcel fro:giulia", "There is no operator “fro:”"),
        ("parcel tag:nothing", "There is no tag “nothing”"), ("parcel topic:", "“topic:” wants something behind it"),
        ("parcel has:legs", "“has:” knows “file” alone"), ("parcel status:asleep", "“status:” knows open, waiting"),
        ("parcel from:nobody", "Nobody is called “nobody”"), ("parcel assignee:zoe", "No colleague is called “zoe”"),
        ("parcel before:9999-12-31", "is no date"), ("parcel channel:fax", "There is no channel “fax”"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_rest_searches(parcel: Entry, agent: Agent, asked: str, said_of_it: str) -> None:
    answer = search(agent, asked)
    assert said_of_it in answer.problems[0]
    assert len(answer.problems) == 1
    if "fro:" not in asked:
        assert parcel.pk in found(answer)


# --- who may see it


@pytest.fixture
def private(db: None) -> Team:
    return make_team(name="Complaints", is_private=True)


def test_a_private_teams_messages_are_found_by_its_members_alone(private: Team, agent: Agent, channel: Channel) -> None:
    said("Hello from Giulia", channel)
    secret = said("MARKER-7 parcel", make_channel(team=private))
    assert secret.conversation is not None
    member = make_agent(name="Ines Costa", teams=(private,))
    note = secret.conversation.note(by=member, text="MARKER-7 note")
    after.run([note.pk])
    tag = Tag.objects.create(name="marker-tag")
    ConversationTag.objects.create(conversation=secret.conversation, tag=tag)
    assert found(search(member, "marker")) == [note.pk, secret.pk]
    for asked in ("marker", "parcel", f"#{secret.conversation.number}", "tag:marker-tag", "from:giulia marker"):
        answer = search(agent, asked)
        assert answer.groups == ()
        assert "marker" not in str(answer.groups).lower()
    assert search(agent, "tag:marker-tag").problems == ("There is no tag “marker-tag”.",)


def test_another_teams_customer_is_absent(channel: Channel, agent: Agent, outsider: Agent) -> None:
    entry = said("My parcel", channel)
    assert found(search(agent, "giulia"), "customers") == [entry.customer_id]
    for asked in ("giulia", "parcel", "from:giulia", "status:open", "giulia@example.test"):
        assert search(outsider, asked).groups == ()


def test_of_a_visible_customer_everything_is_found_unless_the_role_says_otherwise(
    channel: Channel, outsider: Agent
) -> None:
    theirs = said("Theirs", make_channel(team=outsider.teams.get()))
    foreign = receive(channel=channel, inbound=make_inbound(address="giulia@example.test", text="A parcel"))
    fresh = Entry.objects.get(pk=foreign.pk)
    Entry.objects.filter(pk=foreign.pk).update(conversation=_of_another_team(fresh, channel))
    after.run([foreign.pk])
    (hit,) = search(outsider, "parcel").groups[0].hits
    assert (hit.pk, hit.number) == (foreign.pk, None)
    narrow = make_agent(name="Nina", role=make_role(reads_whole_timelines=False), teams=(outsider.teams.get(),))
    assert found(search(narrow, "theirs")) == [theirs.pk]
    assert search(narrow, "parcel").groups == ()


def _of_another_team(entry: Entry, channel: Channel) -> Conversation:
    assert entry.conversation is not None
    return Conversation.objects.create(
        customer=entry.customer, brand=entry.conversation.brand, team=channel.default_team
    )


# --- what is kept


def test_what_was_emptied_is_not_found(channel: Channel, agent: Agent) -> None:
    entry = said("My parcel", channel)
    entry.message.text = "My present"
    entry.message.save()
    filling.keep([entry])
    assert (found(search(agent, "parcel")), found(search(agent, "present"))) == ([], [entry.pk])
    entry.message.deleted_at = entry.occurred_at
    entry.message.save()
    assert found(search(agent, "present")) == []
    filling.keep([entry])
    assert str(entry.searchable.vector) == ""


def test_the_sweep_finds_what_was_missed_and_reads_the_past_once(
    channel: Channel, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [receive(channel=channel, inbound=make_inbound(address="giulia@example.test", text="Parcel")) for _n in "123"]
    monkeypatch.setattr(filling, "NEWEST", 0)
    monkeypatch.setattr(filling, "STEP", 2)
    assert search(agent, "parcel").is_complete is False
    filled = [filling.sweep(), filling.sweep()]
    # What lies before them is the past of earlier tests, of any length: one step takes it all.
    monkeypatch.setattr(filling, "STEP", old[-1].pk)
    filled += [filling.sweep(), filling.sweep()]
    assert (sum(filled), filled[-1]) == (3, 0)
    assert (len(found(search(agent, "parcel"))), search(agent, "parcel").is_complete) == (3, True)
    filling.begin_again()
    assert search(agent, "parcel").is_complete is False


def test_a_new_entry_whose_steps_failed_is_filled_by_the_sweep(channel: Channel, agent: Agent) -> None:
    filling.sweep()
    entry = receive(channel=channel, inbound=make_inbound(address="giulia@example.test", text="Parcel"))
    Entry.objects.filter(pk=entry.pk).update(done_at=entry.recorded_at)
    assert filling.sweep() == 1
    assert found(search(agent, "parcel")) == [entry.pk]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_a_step_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "STEP", 10)
    SearchWalk.objects.create(pk=1, below=100)
    together(filling.sweep, filling.sweep)
    assert SearchWalk.objects.get().below == 80


@pytest.mark.parametrize("letters", ["ab ", "a b1 ", "漢字仮名 ", "𐌰𐌱 ", "ß", "x" * 3000 + " "])
def test_a_text_of_any_length_is_kept(channel: Channel, letters: str) -> None:
    entry = said("Hello", channel)
    entry.message.text = "".join(f"{letters}{n}" for n in range(200_000 // len(letters)))
    assert filling.keep([entry]) == 1


# --- bad input

BAD = [
    "a " * 5_000, "x" * 10_000, "'; DROP TABLE x; --", "a & b | !c <-> (d):*", "text__icontains=a", "\\0 nul \0 nul",
    "\ud800 half", "שלום עולם", "\u202egnihtemos", '"', '""', '"""""', "-", "--", "from:", ":::", "-from:-from:x",
    'tag:"', "%s %(a)s %%", "\\'\\", "before:" + "9" * 400, "#" + "9" * 400, "assignee:" + "a" * 5_000, "🎉", "  ",
    "has:file " * 40, "status:open -status:open", "http://example.test/?a=1", "x:*", "+" * 300, "1e5 0x1f 1.5e-7",
]  # fmt: skip


@pytest.mark.parametrize("asked", BAD)
def test_whatever_is_typed_has_an_answer(channel: Channel, agent: Agent, asked: str) -> None:
    entry = said("Hello there", channel)
    assert set(found(search(agent, asked))) <= {entry.pk}

"""The inbox: who sees which rows, what a script is given, how pages follow each other."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from channels_app.models import Channel
from conversations.lists.queries import View, counts_of, page_of, views_of
from conversations.models import Conversation, Draft, Entry, Mention, Message
from conversations.views import inbox as views
from customers.models import Customer
from helpdesk.lib import sql
from tests import cards, factories


def signed_in(client: Client, agent: Agent) -> Client:
    client.force_login(agent)
    return client


def test_home_leads_to_ones_own_list(client: Client, agent: Agent) -> None:
    assert signed_in(client, agent).get("/inbox/").url == "/inbox/mine/"


def test_a_stranger_is_asked_to_sign_in(client: Client, conversation: Conversation) -> None:
    assert client.get("/inbox/all/").url == "/login/?next=/inbox/all/"


def test_unassigned_shows_a_row_named_by_customer_channel_and_deadline(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    page = signed_in(client, agent).get("/inbox/unassigned/").content.decode()
    assert 'Giulia Tedesco<span class="quietly">, Email, </span>' in page and "Due in 59 min" in page
    assert 'aria-label="Customers in Unassigned"' in page


def test_what_is_resolved_is_not_overdue(
    client: Client, agent: Agent, supervisor: Agent, conversation: Conversation
) -> None:
    conversation.resolve(by=supervisor)
    page = signed_in(client, agent).get("/inbox/all/").content.decode()
    assert "Giulia Tedesco" in page and "Resolved" in page and "Due in 59" not in page


def test_an_outsider_sees_no_row_and_no_count(client: Client, outsider: Agent, conversation: Conversation) -> None:
    response = signed_in(client, outsider).get("/inbox/all/")
    assert response.context["count"] == 0
    assert b"Giulia" not in response.content


def test_a_view_that_is_not_ours_is_absent(client: Client, outsider: Agent, conversation: Conversation) -> None:
    assert signed_in(client, outsider).get("/inbox/team-front/").status_code == 404


def test_an_unknown_view_is_absent(client: Client, agent: Agent) -> None:
    assert signed_in(client, agent).get("/inbox/nonsense/").status_code == 404


def test_mine_holds_what_i_own(agent: Agent, conversation: Conversation) -> None:
    conversation.assign(by=None, agent=agent)
    assert [row.pk for row in page_of(View("mine", "", "due"), agent).rows] == [conversation.pk]
    assert page_of(View("unassigned", "", "due"), agent).rows == []


def test_resolved_leaves_the_lists_but_all(agent: Agent, conversation: Conversation) -> None:
    conversation.resolve(by=agent)
    counts = counts_of(views_of(agent), agent)
    assert (counts["unassigned"], counts["team-front"], counts["all"]) == (0, 0, 1)


def test_drafts_lists_where_i_am_writing(agent: Agent, colleague: Agent, conversation: Conversation) -> None:
    Draft.objects.create(agent=agent, conversation=conversation, text="Dear")
    assert counts_of(views_of(agent), agent)["drafts"] == 1
    assert counts_of(views_of(colleague), colleague)["drafts"] == 0


def test_mentions_lists_where_i_am_named(agent: Agent, colleague: Agent, conversation: Conversation) -> None:
    entry = conversation.note(by=colleague, text="@Ana")
    Mention.objects.get_or_create(entry=entry, agent=agent)
    assert counts_of(views_of(agent), agent)["mentions"] == 1


def test_rows_answers_each_row_or_its_removal_and_the_counts(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    url = f"/inbox/unassigned/?rows={conversation.pk},999999,nonsense"
    text = signed_in(client, agent).get(url).content.decode()
    assert f'<li id="row-{conversation.pk}"' in text
    assert '<li id="row-999999" data-row="999999" data-gone>' in text
    assert '<span data-count-of="unassigned">1</span>' in text


def test_rows_of_others_are_answered_as_removed(client: Client, outsider: Agent, conversation: Conversation) -> None:
    text = signed_in(client, outsider).get(f"/inbox/unassigned/?rows={conversation.pk}").content.decode()
    assert "data-gone" in text and "Giulia" not in text


@pytest.mark.parametrize("order", ["due", "newest"])
def test_pages_follow_without_gap_or_repeat(agent: Agent, channel: Channel, order: str) -> None:
    made = [
        factories.make_conversation(channel=channel, customer=factories.make_customer(name=str(n))) for n in range(7)
    ]
    view = View("all", "", order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conversations.lists.queries.PAGE", 3)
        seen, cursor = [], ""
        for _page in range(3):
            page = page_of(view, agent, cursor)
            seen, cursor = seen + [row.pk for row in page.rows], page.next
    assert sorted(seen) == sorted(row.pk for row in made)
    assert cursor == ""


def test_a_nonsense_cursor_is_the_first_page(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert signed_in(client, agent).get("/inbox/all/?after=%00x%FF").context["count"] == 1


def test_filter_finds_by_name_and_address(agent: Agent, conversation: Conversation) -> None:
    found = [page_of(View("all", "", words=words), agent).rows for words in ("giulia@", "TEDESCO", "nobody")]
    assert [len(rows) for rows in found] == [1, 1, 0]


def test_a_hint_puts_no_row_into_a_list_that_filters_it_out(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    url = f"/inbox/unassigned/?q=nobody&rows={conversation.pk}"
    text = signed_in(client, agent).get(url).content.decode()
    assert f'data-row="{conversation.pk}" data-gone' in text


def test_a_list_is_ordered_as_asked_and_says_so_in_its_links(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    text = signed_in(client, agent).get("/inbox/unassigned/?sort=newest&q=giulia").content.decode()
    assert f"?c={conversation.number}&amp;q=giulia&amp;sort=newest" in text or "q=giulia&amp;sort=newest" in text
    assert '<option value="newest" selected>' in text


def test_nonsense_for_an_order_is_the_views_own(client: Client, agent: Agent, conversation: Conversation) -> None:
    assert '<option value="due" selected>' in signed_in(client, agent).get("/inbox/unassigned/?sort=x").content.decode()


def test_the_workspace_names_everything_the_contract_names(
    client: Client, agent: Agent, conversation: Conversation, customer: Customer
) -> None:
    page = signed_in(client, agent).get(f"/inbox/unassigned/{customer.pk}/").content.decode()
    for name in (
        "Conversation with Giulia Tedesco", "Timeline", "Customer details", "Compose", "Mode",
        "Reply via", "Message", "Note", "Send options", "Attach files", "Draft", "Live", "Main", "View",
    ):  # fmt: skip
        assert f'aria-label="{name}"' in page, name


def test_a_script_is_given_the_sheet_only(client: Client, agent: Agent, conversation: Conversation) -> None:
    url = reverse("workspace", args=["all", conversation.customer_id])
    response = signed_in(client, agent).get(url, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    text = response.content.decode()
    assert '<main class="sheet"' in text and "<nav class=" not in text and text.startswith("<title>")


def test_an_outsiders_workspace_is_absent(client: Client, outsider: Agent, conversation: Conversation) -> None:
    assert signed_in(client, outsider).get(f"/inbox/all/{conversation.customer_id}/").status_code == 404


def test_a_customer_can_be_read_without_a_list(client: Client, agent: Agent, conversation: Conversation) -> None:
    page = signed_in(client, agent).get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "Conversation with Giulia Tedesco" in page and "Customers in" not in page


def test_customers_are_found_by_address(client: Client, agent: Agent, conversation: Conversation) -> None:
    signed_in(client, agent)
    assert [row.name for row in client.get("/customers/?q=giulia@").context["rows"]] == ["Giulia Tedesco"]
    assert client.get("/customers/?q=zzz").context["rows"] == []


def test_rows_due_are_put_into_sections(agent: Agent, conversation: Conversation) -> None:
    bunches = views.bunches(View("mine", "", "due"), [conversation])
    assert [(slug, len(rows)) for slug, _title, rows in bunches] == [
        ("overdue", 0), ("soon", 0), ("today", 1), ("waiting", 0),
    ]  # fmt: skip


def test_the_list_asks_the_database_a_fixed_number_of_times(
    client: Client, agent: Agent, channel: Channel, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        factories.make_conversation(channel=channel, customer=factories.make_customer(name=f"Person {n}"))
    signed_in(client, agent)
    # Two more, which are not seen here, are statements of conversations/lists/inbox_sql.py.
    with django_assert_num_queries(10):
        client.get("/inbox/all/")
    with django_assert_num_queries(5):
        client.get("/inbox/all/?part=1")


def test_the_sheet_asks_the_database_a_fixed_number_of_times(
    client: Client,
    agent: Agent,
    conversation: Conversation,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    for n in range(5):
        conversation.reply(by=agent, text=f"Answer {n}", to=factories.route_to(conversation))
        conversation.note(by=agent, text=f"Note {n}")
    signed_in(client, agent)
    prepared: list[str] = []
    run = sql.run
    monkeypatch.setattr(sql, "run", lambda text, values: [prepared.append(text), run(text, values)][1])
    with django_assert_num_queries(20):
        client.get(f"/customers/{conversation.customer_id}/")
    # The last writes down who read them, once an hour.
    assert len(prepared) == 5


def test_what_stands_beside_messages_costs_the_sheet_one_question_more(
    client: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    cards.empty()
    conversation = cards.make_conversation()
    first = conversation.entries.get()
    said = conversation.reply(by=agent, text="Answer", to=factories.route_to(conversation), quotes=first.pk).message
    said.recipients.create(role="cc", address="luca@example.test")
    said.entry.attachments.create(filename="label.pdf", content_type="application/pdf")
    first.message.reactions.create(emoji="👍", by=agent, at=first.occurred_at)
    Message.objects.update(edited_at=first.occurred_at)
    signed_in(client, agent)
    prepared: list[str] = []
    run = sql.run
    monkeypatch.setattr(sql, "run", lambda text, values: [prepared.append(text), run(text, values)][1])
    with django_assert_num_queries(20):
        page = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    # The quotes.
    assert len(prepared) == 6
    assert "👍" in page and "luca@example.test" in page


def test_a_row_without_a_team_is_drawn(client: Client, agent: Agent, conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(team=None)
    assert b"Giulia" in signed_in(client, agent).get("/inbox/all/").content


def test_the_empty_list_counts_todays_answers(client: Client, agent: Agent, conversation: Conversation) -> None:
    conversation.reply(by=agent, text="Soon.", to=factories.route_to(conversation))
    response = signed_in(client, agent).get("/inbox/mine/")
    assert response.context["today"].answers == 1
    assert "1 answer today" in response.content.decode()
    assert Entry.objects.filter(kind="message").count() == 2


def test_a_customer_who_never_wrote_has_an_empty_timeline(client: Client, agent: Agent) -> None:
    quiet = factories.make_customer(name="Quiet Person")
    page = signed_in(client, agent).get(f"/customers/{quiet.pk}/").content.decode()
    assert "First contact." in page and 'aria-label="Compose"' not in page


def test_a_merged_customers_page_leads_to_who_is_left(
    client: Client, supervisor: Agent, conversation: Conversation
) -> None:
    gone = factories.make_customer(name="Double")
    Customer.objects.filter(pk=gone.pk).update(merged_into=conversation.customer)
    response = signed_in(client, supervisor).get(f"/customers/{gone.pk}/")
    assert response.url == f"/customers/{conversation.customer_id}/"


def test_a_role_that_only_reads_is_offered_notes(client: Client, conversation: Conversation) -> None:
    light = factories.make_agent(name="Lia Light", role="light", teams=(conversation.team,))
    page = signed_in(client, light).get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "Your role writes notes only." in page and "Add note" in page
    assert "Send by email" not in page and "Resolve" not in page.split("</dialog>")[0]


def test_numbers_that_were_not_counted_to_the_end_say_so(
    client: Client, agent: Agent, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {"unassigned": 1000, "mine": 999, "mine_unread": 100}
    monkeypatch.setattr(
        "conversations.lists.inbox_sql.counts", lambda whats, *_: {**dict.fromkeys(whats, 0), "team": [0], **many}
    )
    page = signed_in(client, agent).get("/inbox/unassigned/").content.decode()
    assert 'data-count="unassigned">999+<' in page and "<title>(99+) " in page
    rows = client.get("/inbox/unassigned/?rows=1").content.decode()
    assert '<span data-count-of="mine">999</span>' in rows and '<span data-count-of="mine_unread">99+</span>' in rows

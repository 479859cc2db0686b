"""The groups of a search, in the order of settings.SEARCH_GROUPS. Each asks only for what the agent may see."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Agent
from conversations.lists import listing
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.searching import finding, people
from conversations.searching.answer import Group, Hit, Mark, Question
from conversations.searching.marking import marked
from customers.models import Customer

NUMBER_MAX, ORDERS_MAX = 18, 8
TITLES = {
    "customers": gettext_lazy("Customers"), "conversations": gettext_lazy("Conversations"),
    "orders": gettext_lazy("Orders"), "messages": gettext_lazy("Messages and notes"),
}  # fmt: skip


def customers(question: Question) -> Group:
    """People by the beginning of any word of their name, company or addresses, or by their number."""
    title = TITLES["customers"]
    if not question.asked.text or not question.narrowing.is_empty:
        return Group("customers", title)
    pks, looked_at = people.find(question.agent, question.asked.text, limit=question.limit + 1, below=question.below)
    rows = Customer.objects.filter(pk__in=pks).select_related("company").order_by("-pk")
    page, then = question.page(list(rows))
    lines = listing.lines(page, question.agent)
    names = marked([line.name for line in lines], question.asked)
    about = [" · ".join(part for part in (line.address, str(line.customer.company or "")) if part) for line in lines]
    hits = [
        Hit(
            pk=line.customer.pk, url=reverse("customer", args=[line.customer.pk]), customer_id=line.customer.pk,
            name=name, line=text, icon="person", at=line.last_at, patch=line.patch,
        )
        for line, name, text in zip(lines, names, marked(about, question.asked), strict=True)
    ]  # fmt: skip
    return Group("customers", title, tuple(hits), then or str(looked_at or ""))


def conversations(question: Question) -> Group:
    """Work by its number, with or without #."""
    title = TITLES["conversations"]
    numbers = {int(word) for word in _codes(question) if word.isdecimal() and len(word) <= NUMBER_MAX}
    if not numbers or not question.narrowing.is_empty:
        return Group("conversations", title)
    seen = Conversation.objects.visible_to(question.agent).filter(number__in=numbers)
    page, then = question.page(
        list(_below(seen, question).select_related("customer").order_by("-pk")[: question.limit + 1])
    )
    names = _names([one.customer for one in page])
    hits = [
        Hit(
            pk=one.pk, url=f"{reverse('workspace', args=['all', one.customer_id])}?c={one.number}",
            customer_id=one.customer_id, name=(Mark(names[one.customer_id]),),
            line=(Mark(f"#{one.number}", is_hit=True), Mark(f" {one.subject or one.last_preview}")),
            icon=one.last_channel_kind or "email", who=str(one.get_status_display()), at=one.last_entry_at,
            number=one.number,
        )
        for one in page
    ]  # fmt: skip
    return Group("conversations", title, tuple(hits), then)


def orders(question: Question) -> Group:
    """Whoever is known to have an order of this number."""
    title = TITLES["orders"]
    codes = {spelled for code in _codes(question) for spelled in (code, code.upper(), code.lower())}
    if not codes or not question.narrowing.is_empty:
        return Group("orders", title)
    known = Fact.objects.filter(kind=Fact.Kind.KNOWN, what=Fact.What.ORDER, value__in=codes).standing()
    seen = Customer.objects.visible_to(question.agent).present()
    rows = _below(known.shown_to(question.agent).filter(customer__in=seen), question)
    page, then = question.page(list(rows.select_related("customer", "entry").order_by("-pk")[: question.limit + 1]))
    names = _names([one.customer for one in page])
    links = _links([one.entry for one in page], question.agent)
    hits = [
        Hit(
            pk=one.pk, url=links[one.entry_id], customer_id=one.customer_id, name=(Mark(names[one.customer_id]),),
            line=(Mark(one.value, is_hit=True),), icon="tag", at=one.entry.occurred_at,
        )
        for one in page
    ]  # fmt: skip
    return Group("orders", title, tuple(hits), then)


def messages(question: Question) -> Group:
    """What was said and noted, by its words and by operators; operators alone list the newest."""
    title = TITLES["messages"]
    if question.asked.is_empty or (not question.asked.wanted and question.narrowing.is_empty):
        return Group("messages", title)
    found = finding.find(question)
    rows = Entry.objects.select_related("customer", "conversation", "message__channel", "by")
    rows = rows.defer("message__html", "message__quoted", "customer__custom", "message__channel__sealed_config")
    entries = sorted(rows.filter(pk__in=found.pks), key=lambda one: -one.pk)
    page, then = question.page(entries)
    # They are looked for by their keys, which are those of their arrival; what is shown is read by when it was said.
    page.sort(key=lambda one: (one.occurred_at, one.pk), reverse=True)
    names, links = _names([one.customer for one in page]), _links(page, question.agent)
    lines = marked([_said(one) for one in page], question.asked)
    hits = [_message(one, names, links, line) for one, line in zip(page, lines, strict=True)]
    return Group("messages", title, tuple(hits), then or str(found.below or ""), found.is_too_broad)


def _message(entry: Entry, names: dict[int, str], links: dict[int, str], line: tuple[Mark, ...]) -> Hit:
    message = entry.said
    number = entry.conversation.number if entry.conversation and "?c=" in links[entry.pk] else None
    is_ours = entry.actor != Entry.Actor.CUSTOMER
    return Hit(
        pk=entry.pk, url=links[entry.pk], customer_id=entry.customer_id, name=(Mark(names[entry.customer_id]),),
        line=line, icon=message.channel.icon if message else "note",
        channel=message.channel.label if message else _("Note"),
        who=str(entry.by or "") if is_ours else "", at=entry.occurred_at, number=number,
    )  # fmt: skip


def _said(entry: Entry) -> str:
    message = entry.said
    if message is None:
        return str(entry.data.get("text", ""))
    return f"{message.subject} · {message.text}" if message.subject else message.text


def _links(entries: list[Entry], agent: Agent) -> dict[int, str]:
    """The address of each entry on its customer's timeline, in its conversation where the agent sees that."""
    theirs = {one.conversation_id for one in entries if one.conversation_id}
    seen = Conversation.objects.visible_to(agent).filter(pk__in=theirs)
    numbers = dict(seen.values_list("pk", "number"))
    found = {}
    for one in entries:
        number = numbers.get(one.conversation_id or 0)
        asked = f"?c={number}" if number else ""
        found[one.pk] = f"{reverse('workspace', args=['all', one.customer_id])}{asked}#m-{one.pk}"
    return found


def _names(rows: list[Customer]) -> dict[int, str]:
    """What each is called, or else an address."""
    nameless = [one for one in rows if not one.name]
    known = listing.addresses(nameless) if nameless else {}
    return {one.pk: one.name or known.get(one.pk) or _("Unnamed customer") for one in rows}


def _codes(question: Question) -> list[str]:
    """Words that may be numbers of conversations or orders: short, with a figure in them."""
    listed = [word.strip("#.,;:()") for word in question.asked.text.split()]
    return [word for word in listed if any(map(str.isdecimal, word)) and len(word) <= 40][:ORDERS_MAX]


def _below(rows: Any, question: Question) -> Any:
    return rows if question.below is None else rows.filter(Q(pk__lt=question.below))

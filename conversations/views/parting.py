"""Splitting an address out of a customer and moving messages: what would go, where to, and doing it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.models import Agent
from conversations.merging import parting, seeing
from conversations.merging.merge import Gone, SamePerson
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.reading.stretches import with_parts
from conversations.reading.telling import Told, tell
from conversations.views.access import agent_of, get_changeable, get_conversation, get_customer
from conversations.views.merging import page
from customers.models import Customer, Identity
from customers.search import matching

PREVIEW, FOUND, OFFERED = 30, 20, 50
NEW = "new"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def splitting(request: HttpRequest, customer: int, pk: int) -> HttpResponseBase:
    """Look for whom an address belongs to (?q=, ?to=), see what goes along, and split it out on POST.

    404: somebody is not to be seen. 403: part of what was said is not the agent's to move.
    """
    person = get_changeable(request, customer)
    row = get_object_or_404(Identity, pk=pk, customer=person)
    target = _target(request)
    whole, parted = parting.share_of(row, person)
    if not seeing.sees_all(agent_of(request), {*whole, *(entry.conversation_id or 0 for entry in parted)}):
        raise PermissionDenied
    if request.method != "POST":
        return page(request, "customers/split.html", _proposal(request, person, row, target))
    try:
        record = parting.split(person, row, by=agent_of(request), to=target)
    except (Gone, SamePerson, parting.OnlyAddress) as refused:
        context = {**_proposal(request, person, row, None), "wrong": _why_no_split(refused)}
        return page(request, "customers/split.html", context, status=409)
    return redirect("customer", customer=record.other_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moving(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Choose messages (?entry=) and where they go (?q=, ?to=), and move them on POST.

    404: a message or conversation is not to be seen. 409: it is somewhere else by now.
    """
    person = get_changeable(request, customer)
    target = _target(request) or person
    if request.method != "POST":
        return page(request, "customers/move.html", _offer(request, person, target))
    where = request.POST.get("where", "")
    to: Conversation | Customer = target
    if where != NEW:
        to = get_conversation(request, int(where) if where.isdecimal() and len(where) < 19 else 0, verb="reply")
    chosen = list(seeing.movable(agent_of(request), person).filter(pk__in=_entries(request)))
    try:
        parting.move(chosen, to=to, by=agent_of(request))
    except (Gone, parting.NothingToMove, parting.WentOn) as refused:
        return _refused_move(request, person, target, refused)
    return redirect("customer", customer=to.customer_id if isinstance(to, Conversation) else to.pk)


def _target(request: HttpRequest) -> Customer | None:
    wanted = request.POST.get("to") or request.GET.get("to", "")
    return get_customer(request, int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None


def _proposal(request: HttpRequest, person: Customer, row: Identity, target: Customer | None) -> dict[str, Any]:
    agent = agent_of(request)
    whole, parted = parting.share_of(row, person)
    entries = Entry.objects.filter(conversation__in=whole) | Entry.objects.filter(pk__in=[one.pk for one in parted])
    return {
        "customer": person, "identity": row, "target": target, "whole": len(whole), "parted": len(parted),
        "is_only": not person.identities.exclude(pk=row.pk).exists(),
        "preview": _newest(agent, entries), **_found(request, person),
    }  # fmt: skip


def _offer(request: HttpRequest, person: Customer, target: Customer) -> dict[str, Any]:
    agent, chosen = agent_of(request), _entries(request)
    rows = seeing.movable(agent, person)
    wanted = rows.filter(pk__in=chosen)
    near = rows.filter(conversation__in=wanted.values("conversation")) if chosen else rows
    conversations = Conversation.objects.visible_to(agent).filter(customer=target).select_related("topic")
    return {
        "customer": person, "target": target, "chosen": chosen, "new": NEW,
        "preview": _newest(agent, near), "is_same": target.pk == person.pk,
        "conversations": list(conversations.order_by("-last_entry_at", "-pk")[:OFFERED]), **_found(request, person),
    }  # fmt: skip


def _entries(request: HttpRequest) -> set[int]:
    given = request.POST if request.method == "POST" else request.GET
    return {int(pk) for pk in given.getlist("entry") if pk.isdecimal() and len(pk) < 19}


def _newest(agent: Agent, entries: Any) -> list[Told]:
    rows = entries.exclude(data__has_key="undone").order_by("-occurred_at", "-pk")
    return tell(list(with_parts(rows)[:PREVIEW])[::-1], agent)


def _found(request: HttpRequest, person: Customer) -> dict[str, Any]:
    words = request.GET.get("q", "").strip()[:100]
    seen = Customer.objects.visible_to(agent_of(request)).present().exclude(pk=person.pk)
    return {"words": words, "rows": list(matching(seen, words).order_by("-pk")[:FOUND]) if words else []}


def _why_no_split(refused: Exception) -> str:
    if isinstance(refused, SamePerson):
        return _("The address is theirs already.")
    if isinstance(refused, parting.OnlyAddress):
        return _("This is the customer's only address. Merge the two customers instead.")
    return _("Somebody else changed these customers in the meantime. Look again.")


def _refused_move(request: HttpRequest, person: Customer, target: Customer, refused: Exception) -> HttpResponse:
    nothing = isinstance(refused, parting.NothingToMove)
    words = _("Choose messages that are not there already.") if nothing else _("These messages are elsewhere by now.")
    context = {**_offer(request, person, target), "wrong": words}
    return page(request, "customers/move.html", context, status=422 if nothing else 409)

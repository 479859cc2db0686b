"""Customers: the list of them, and one timeline without a list."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from agents.permissions import can
from conversations.lists import listing, segmenting
from conversations.lists.queries import counts_of
from conversations.lists.walking import seen_customers
from conversations.views.access import agent_of, get_customer, is_fragment
from conversations.views.inbox import number_of
from conversations.views.segment import SEGMENTS_MAX
from conversations.views.sheet import sheet_for
from customers import search as customer_search
from customers import segments
from customers.folding import tidy
from customers.models import Segment


@login_required
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """List the customers this agent sees, newest first; ?segment= leaves a segment, ?q= finds by name or address."""
    agent, words, asked = agent_of(request), tidy(request.GET.get("q", ""))[:100], request.GET.get("segment", "")
    chosen = get_object_or_404(Segment, pk=int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    rows = seen_customers(agent)
    if chosen is not None:
        rows = segmenting.found_by(segments.read(chosen.condition), agent, among=rows)
    if words:
        rows = customer_search.matching(rows, words)
    page = listing.customers_page(rows, agent, request.GET.get("after", ""))
    context: dict[str, Any] = {
        "rows": page.rows, "next": page.next, "words": words, "chosen": chosen, "count": segmenting.count(rows),
        "may_change": can(agent, "reply"), "query": request.GET.urlencode(), "after": request.GET.get("after", ""),
    }  # fmt: skip
    if is_fragment(request):
        return render(request, "customers/_customers.html", context)
    context |= {"segments": Segment.objects.order_by("folded")[:SEGMENTS_MAX], "section": "customers"}
    context["badge"] = counts_of([], agent)["mine_unread"]
    return render(request, "customers/customers.html", context)


@login_required
@require_GET
def customer(request: HttpRequest, customer: int) -> HttpResponse:
    """Show one customer's timeline for life."""
    person = get_customer(request, customer)
    if person.merged_into_id:
        return redirect("customer", customer=person.merged_into_id)
    agent = agent_of(request)
    context = {
        "sheet": sheet_for(agent, person, number_of(request)), "customer": person, "section": "customers",
        "badge": counts_of([], agent)["mine_unread"],
    }  # fmt: skip
    return render(request, "customers/customer.html", context)

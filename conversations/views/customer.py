"""Customers: the list of them, and one timeline without a list."""

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from conversations.queries import counts_of
from conversations.views.access import agent_of, get_customer
from conversations.views.inbox import number_of
from conversations.views.sheet import sheet_for
from customers.models import Customer, Identity

PAGE = 50


@login_required
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """List the customers this agent sees, newest first; ?q= finds by name or address."""
    agent = agent_of(request)
    words = request.GET.get("q", "").strip()[:100]
    theirs = Identity.objects.filter(customer=OuterRef("pk")).order_by("pk")
    rows = Customer.objects.visible_to(agent).present().annotate(address=Subquery(theirs.values("value")[:1]))
    if words:
        rows = rows.filter(Q(name__icontains=words) | Exists(theirs.filter(value__icontains=words)))
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.select_related("preferred_identity").order_by("-pk")[: PAGE + 1])
    context = {
        "rows": found[:PAGE], "words": words, "section": "customers", "badge": counts_of([], agent)["mine_unread"],
        "next": found[PAGE - 1].pk if len(found) > PAGE else "",
    }  # fmt: skip
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

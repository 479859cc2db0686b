"""What people change on a customer's panel: addresses and what we know of them. Answered by the panel and a toast."""

import json
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.permissions import can
from conversations import companies, people
from conversations.forms import AddressForm, CustomValue, ProfileForm
from conversations.lists.queries import counts_of
from conversations.merging import suggesting
from conversations.merging.merge import Gone, SamePerson
from conversations.models.entry import Entry
from conversations.views.access import agent_of, get_customer, is_fragment
from conversations.views.inbox import number_of
from conversations.views.sheet import panel_for
from customers import custom
from customers.models import Customer, Identity

# act of the menu -> what it does, and what is said then
ACTS = {
    "verify": people.verify,
    "doubt": people.doubt,
    "opt_in": people.opt_in,
}


@login_required
@require_GET
def panel(request: HttpRequest, customer: int) -> HttpResponse:
    """Show the panel alone: it is drawn anew when somebody changed the customer."""
    return _panel(request, get_customer(request, customer))


@login_required
@require_POST
def identities(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Add an address. 422: it is none, or somebody else's."""
    person = changeable(request, customer)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return answer(request, person, _("Choose a kind and write the address."), status=422)
    try:
        people.add_identity(person, form.cleaned_data["kind"], form.cleaned_data["value"], by=agent_of(request))
    except ValueError:
        return answer(request, person, _("This does not look like an address of that kind."), status=422)
    except people.TakenBy as taken:
        return answer(request, person, _taken_words(request, taken.identity), status=422)
    return answer(request, person, _("Added."))


@login_required
@require_POST
def identity(request: HttpRequest, customer: int, pk: int) -> HttpResponseBase:
    """Say something of an address: proved or not, wanted or not (with a reason), preferred."""
    person = changeable(request, customer)
    row = get_object_or_404(Identity, pk=pk, customer=person)
    act, agent = request.POST.get("act", ""), agent_of(request)
    if act == "opt_out":
        people.opt_out(row, by=agent, reason=request.POST.get("reason", "").strip())
    elif act in ACTS:
        ACTS[act](row, by=agent)
    elif act in {"prefer", "unprefer"}:
        people.change_profile(person, {"preferred_identity": row if act == "prefer" else None}, by=agent)
    else:
        return answer(request, person, _("This cannot be done with an address."), status=422)
    return answer(request, person, _("Changed."))


@login_required
@require_POST
def identity_removal(request: HttpRequest, customer: int, pk: int) -> HttpResponseBase:
    """Take an address away that was never used. 409: something was said through it."""
    person = changeable(request, customer)
    row = get_object_or_404(Identity, pk=pk, customer=person)
    try:
        people.remove_identity(row, by=agent_of(request))
    except people.InUse:
        words = _("Messages went through this address, so it stays. You can mark it as not wanted.")
        return answer(request, person, words, status=409)
    return answer(request, person, _("Removed."))


@login_required
@require_POST
def rejections(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Say that somebody else (with=) is not this person: it is not suggested again. 404: one is not to be seen."""
    person, wanted = changeable(request, customer), request.POST.get("with", "")
    other = get_customer(request, int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0)
    try:
        suggesting.reject(person, other, by=agent_of(request))
    except (Gone, SamePerson):
        return answer(request, person, _("This customer was merged in the meantime."), status=409)
    return answer(request, person, _("Noted. They are not suggested again."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Change what we know of a person.

    422: a language, zone or time that does not exist; 409: a colleague changed the same field meanwhile.
    """
    person = changeable(request, customer)
    form = ProfileForm(request.POST or None, initial=ProfileForm.of(person))
    if request.method == "GET" or not form.is_valid():
        return _profile(request, person, {"form": form}, status=422 if form.errors else 200)
    theirs = request.POST.get("keep", "").split(",")
    changes = {name: value for name, value in form.changes().items() if name not in theirs}
    try:
        people.change_profile(person, changes, by=agent_of(request), known=form.known())
    except people.ChangedMeanwhile as conflict:
        return _profile(request, person, _both(request, person, conflict.fields), status=409)
    except custom.Wrong as wrong:
        form.add_error(None, str(wrong))
        return _profile(request, person, {"form": form}, status=422)
    except companies.Gone:
        form.add_error("company", _("This company was joined or deleted in the meantime."))
        return _profile(request, person, {"form": form}, status=409)
    return answer(request, person, _("Saved."))


def _profile(request: HttpRequest, person: Customer, context: dict[str, Any], *, status: int) -> HttpResponse:
    part = "conversations/_profile.html" if is_fragment(request) else "customers/profile.html"
    badge = counts_of([], agent_of(request))["mine_unread"]
    return render(request, part, {"customer": person, "section": "customers", "badge": badge, **context}, status=status)


def _both(request: HttpRequest, person: Customer, now: dict[str, Any]) -> dict[str, Any]:
    """Keep what was typed and say what stands there; who saves again knows it."""
    data = request.POST.copy()
    for name, value in now.items():
        data[f"initial-{name}"] = people.said(value)
    form = ProfileForm(data)
    conflicts = [_conflict_words(person, name, form.fields[name], value) for name, value in now.items()]
    return {"form": form, "conflicts": conflicts, "keep": ",".join(now)}


def _conflict_words(person: Customer, name: str, field: forms.Field, value: Any) -> str:
    changed = Entry.objects.filter(customer=person, kind=Entry.Kind.PROFILE, data__after__has_key=name)
    newest = changed.select_related("by").order_by("-seq").first()
    row = field.row if isinstance(field, CustomValue) else None
    words = {
        "who": newest.by if newest and newest.by else _("Somebody"),
        "field": str(field.label),
        "value": (custom.shown(row.kind, value) if row else people.said(value)) or "–",
    }
    return _("%(who)s changed %(field)s to %(value)s.") % words


def changeable(request: HttpRequest, pk: int) -> Customer:
    """Return a customer this agent sees and may change. 404, 403."""
    person = get_customer(request, pk)
    if not can(agent_of(request), "reply"):
        raise PermissionDenied
    return person


def _taken_words(request: HttpRequest, identity: Identity) -> str:
    """Name the other customer only to who may know of them."""
    seen = Customer.objects.visible_to(agent_of(request)).filter(pk=identity.customer_id).first()
    if seen is None:
        return _("This address belongs to another customer.")
    return _("This address belongs to %(name)s.") % {"name": seen.best_name}


def answer(request: HttpRequest, person: Customer, words: str, *, status: int = 200) -> HttpResponseBase:
    """Show the panel as it is now and say what happened; without a script, the page."""
    if not is_fragment(request):
        return redirect("customer", customer=person.pk)
    response = _panel(request, Customer.objects.get(pk=person.pk), words, is_bad=status != 200)
    response.status_code = status
    if status == 200:
        response.headers["HX-Trigger"] = json.dumps({"workspace:changed": {"customer": person.pk}})
    return response


def _panel(request: HttpRequest, person: Customer, words: str = "", *, is_bad: bool = False) -> HttpResponse:
    sheet = panel_for(agent_of(request), person, number_of(request))
    context = {"sheet": sheet, "customer": person, "conversation": sheet.conversation, "words": words, "bad": is_bad}
    return render(request, "conversations/_panel_and_toast.html", context)

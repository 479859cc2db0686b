"""Companies: the list, the page of one, and what people change of them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.permissions import can
from conversations import companies, people
from conversations.company_form import CompanyForm
from conversations.lists import listing
from conversations.lists.queries import counts_of
from conversations.views.access import agent_of, is_fragment
from conversations.views.person import answer, changeable
from customers.companies import having, of_writer, writers
from customers.folding import tidy
from customers.models import Company, Customer

WRITERS_MAX = 50
FOUND_MAX = 20


@login_required
@require_GET
def company_list(request: HttpRequest) -> HttpResponse:
    """List the companies this agent may know of, by name; ?q= finds by name or domain."""
    agent, words = agent_of(request), tidy(request.GET.get("q", ""))[:100]
    rows = having(words).visible_to(agent)
    page = listing.companies_page(rows, agent, request.GET.get("after", ""))
    context = {"rows": page.rows, "next": page.next, "words": words, "may_change": can(agent, "reply")}
    return render(request, "customers/companies.html", _page(agent, context))


@login_required
@require_GET
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a company: its people, what they wrote about, who may belong to it."""
    row = get_company(request, pk)
    return _show(request, row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_new(request: HttpRequest) -> HttpResponseBase:
    """Make a company. 422: no name, a name or a domain that another has, a domain that is none."""
    agent = _changing(request)
    form = CompanyForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, None, form)
    try:
        made = companies.make(form.about(), by=agent)
    except (companies.NameTaken, companies.DomainTaken) as taken:
        form.say(taken, agent)
        return _form(request, None, form)
    return redirect("company", pk=made.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_profile(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a company. 422 as for a new one; 409: a colleague changed the same."""
    row, agent = get_company(request, pk), _changing(request)
    form = CompanyForm(request.POST or None, about=companies.About.of(row))
    if request.method != "POST" or not form.is_valid():
        return _form(request, row, form)
    try:
        companies.change(row, form.about(), by=agent, known=form.known())
    except companies.ChangedMeanwhile as conflict:
        return _form(request, row, form.beside(conflict.now), status=409)
    except (companies.NameTaken, companies.DomainTaken, companies.Gone) as wrong:
        form.say(wrong, agent)
        return _form(request, row, form)
    return redirect("company", pk=row.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_joining(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Choose with which company this one is joined (with=), see what moves, and join them. 409: it cannot be."""
    row, agent = get_company(request, pk), _changing(request)
    asked = request.POST.get("with", "") or request.GET.get("with", "")
    other = get_company(request, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if request.method != "POST" or other is None:
        return _joining(request, row, other)
    try:
        companies.join(row, other, by=agent)
    except ValueError:
        return _joining(request, row, None, _("This is the same company. Choose another one."), status=422)
    except companies.TooMany:
        words = _("More than 1,000 people would move. Join the smaller company into the larger one.")
        return _joining(request, row, other, words, status=409)
    except companies.Gone:
        return _joining(request, row, None, _("One of them was joined or deleted in the meantime."), status=409)
    return redirect("company", pk=other.pk)


@login_required
@require_POST
def company_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a company that nobody belongs to. 409: somebody does."""
    row, agent = get_company(request, pk), _changing(request)
    try:
        companies.delete(row, by=agent)
    except companies.InUse:
        words = _("Somebody who was merged into another customer belongs here. Join it with another company instead.")
        return _show(request, row, words, status=409)
    except companies.Gone:
        pass
    return redirect("companies")


@login_required
@require_POST
def company_people(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say of people without a company (customer=, several) that they work here; who is not seen is not asked for."""
    row, agent = get_company(request, pk), _changing(request)
    asked = [int(one) for one in request.POST.getlist("customer")[:WRITERS_MAX] if one.isdecimal() and len(one) < 19]
    chosen = Customer.objects.visible_to(agent).present().filter(pk__in=asked).order_by("pk")
    try:
        n = people.employ(row, chosen, by=agent)
    except companies.Gone:
        return redirect("companies")
    if not is_fragment(request):
        return redirect("company", pk=row.pk)
    added = ngettext("%(n)d person added.", "%(n)d people added.", n) % {"n": n}
    return _show(request, row, added if n else _("Nobody was added: they have a company by now."))


@login_required
@require_POST
def customer_company(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Say that a customer works at the company from whose domain they write. 409: they have one, or it is gone."""
    person, agent = changeable(request, customer), agent_of(request)
    offered = of_writer(person, person.identities.order_by("pk")[:50], agent)
    if offered is None or request.POST.get("company", "") != str(offered.pk):
        return answer(request, person, _("This was changed in the meantime."), status=409)
    try:
        people.change_profile(person, {"company": offered}, by=agent, known={"company": None})
    except (people.ChangedMeanwhile, companies.Gone):
        return answer(request, person, _("This was changed in the meantime."), status=409)
    return answer(request, person, _("Saved."))


def get_company(request: HttpRequest, pk: int) -> Company:
    """Return a company this agent may know of. 404."""
    return get_object_or_404(Company.objects.visible_to(agent_of(request)), pk=pk)


def _changing(request: HttpRequest) -> Agent:
    """Return who asks, if their role may change what customers are. 403."""
    agent = agent_of(request)
    if not can(agent, "reply"):
        raise PermissionDenied
    return agent


def _page(agent: Agent, context: dict[str, Any]) -> dict[str, Any]:
    return {"section": "customers", "badge": counts_of([], agent)["mine_unread"], **context}


def _show(request: HttpRequest, row: Company, words: str = "", *, status: int = 200) -> HttpResponse:
    agent = agent_of(request)
    offered = list(writers(row, agent).order_by("pk")[: WRITERS_MAX + 1]) if can(agent, "reply") else []
    context = {
        "company": row, "line": listing.company_lines([row], agent)[0], "words": words, "bad": status != 200,
        "people": listing.people_page(row, agent, request.GET.get("people", "")),
        "conversations": listing.conversations_page(row, agent, request.GET.get("after", "")),
        "conversations_count": listing.conversations_count(row, agent), "may_change": can(agent, "reply"),
        "writers": listing.lines(offered[:WRITERS_MAX], agent), "has_more_writers": len(offered) > WRITERS_MAX,
        "is_empty": not row.customers.present().exists(), "query": request.GET.urlencode(),
        "is_part": is_fragment(request),
    }  # fmt: skip
    if is_fragment(request):
        return render(request, "customers/_company.html", context, status=status)
    return render(request, "customers/company.html", _page(agent, context), status=status)


def _form(request: HttpRequest, row: Company | None, form: CompanyForm, *, status: int = 200) -> HttpResponse:
    context = {"company": row, "form": form}
    status = 422 if status == 200 and form.errors else status
    return render(request, "customers/company_form.html", _page(agent_of(request), context), status=status)


def _joining(
    request: HttpRequest, row: Company, other: Company | None, wrong: str = "", *, status: int = 200
) -> HttpResponse:
    agent, words = agent_of(request), tidy(request.GET.get("q", ""))[:100]
    rows = having(words).visible_to(agent).exclude(pk=row.pk).prefetch_related("domains").order_by("folded")
    found = list(rows[:FOUND_MAX]) if words else []
    sides = listing.company_lines([one for one in (row, other) if one is not None], agent)
    context = {
        "company": row, "other": other, "words": words, "rows": listing.company_lines(found, agent), "wrong": wrong,
        "gone": sides[0], "kept": sides[-1] if other is not None else None,
        "preview": listing.people_page(row, agent, "").rows if other is not None else [],
    }  # fmt: skip
    return render(request, "customers/company_joining.html", _page(agent, context), status=status)

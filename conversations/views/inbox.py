"""The inbox: a list, and the list with one customer opened."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.models import Agent
from conversations.lists.queries import View, counts_of, for_display, matching, page_of, rows_of
from conversations.models.conversation import Conversation
from conversations.templatetags.timeline import bunch
from conversations.views.access import agent_of, get_customer, get_view, is_fragment
from conversations.views.loom import next_steps, today_of
from conversations.views.sheet import presets, sheet_for

ROWS_MAX = 200


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the view that was chosen without a script, else to one's own."""
    return redirect("inbox", view=get_view(request, request.GET.get("view", "mine"))[0].slug)


@login_required
@require_GET
def inbox(request: HttpRequest, view: str) -> HttpResponse:
    """Show a list; with ?rows= only those rows (or their removal) and the counts."""
    chosen, views = get_view(request, view)
    if "rows" in request.GET:
        return _rows(request, chosen, views)
    if "part" in request.GET:
        return _part(request, chosen)
    agent = agent_of(request)
    context = list_context(agent, chosen, views, request)
    context["today"] = today_of(agent)
    context["others"] = next_steps(agent, chosen, context["counts"])
    return render(request, "conversations/inbox.html", context)


@login_required
@require_GET
def workspace(request: HttpRequest, view: str, customer: int) -> HttpResponse:
    """Show a list with one customer opened; ?c= picks one of several conversations."""
    chosen, views = get_view(request, view)
    person = get_customer(request, customer)
    if person.merged_into_id:
        return redirect("workspace", view=view, customer=person.merged_into_id)
    agent = agent_of(request)
    sheet = sheet_for(agent, person, number_of(request), chosen)
    if is_fragment(request) and request.headers.get("HX-Request-Type") == "partial":
        context = {"sheet": sheet, "customer": person, "view": chosen, "badge": _badge(agent)}
        return render(request, "conversations/_opened.html", context)
    context = list_context(agent, chosen, views, request)
    return render(request, "conversations/workspace.html", {**context, "sheet": sheet, "customer": person})


def list_context(agent: Agent, view: View, views: list[View], request: HttpRequest) -> dict[str, Any]:
    """Read what the list shows."""
    page = page_of(view, agent, request.GET.get("after", ""))
    counts = counts_of(views, agent)
    return {
        "view": view, "views": [(one, counts[one.slug]) for one in views], "count": counts[view.slug],
        "counts": counts, "bunches": bunches(view, page.rows), "next": page.next,
        "agents": Agent.objects.people().order_by("name")[:100], "snoozes": presets(),
        "section": "inbox", "badge": counts["mine_unread"],
    }  # fmt: skip


def bunches(view: View, rows: list[Conversation]) -> list[tuple[str, str, list[Conversation]]]:
    """Put rows into the sections of a list: (slug, title, rows), empty ones too, for those that come."""
    if view.order != "due":
        return [("all", "", rows)]
    titles = {"overdue": _("Overdue"), "soon": _("Due soon"), "today": _("Due later"), "waiting": _("Waiting")}
    return [(slug, title, [row for row in rows if bunch(row, "due") == slug]) for slug, title in titles.items()]


def number_of(request: HttpRequest) -> int | None:
    """Read which conversation is asked for; nonsense is none."""
    number = request.GET.get("c", "")
    return int(number) if number.isdecimal() and len(number) < 19 else None


def _rows(request: HttpRequest, view: View, views: list[View]) -> HttpResponse:
    agent = agent_of(request)
    if request.GET["rows"] == "all":
        rows, gone = page_of(view, agent).rows, []
    else:
        asked = [int(pk) for pk in request.GET["rows"].split(",")[:ROWS_MAX] if pk.isdecimal() and len(pk) < 19]
        rows = list(for_display(matching(view, rows_of(view, agent)).filter(pk__in=asked), agent))
        gone = sorted(set(asked) - {row.pk for row in rows})
    counts = counts_of(views, agent)
    context = {"rows": rows, "gone": gone, "view": view, "counts": counts.items()}
    return render(request, "conversations/_rows.html", context)


def _part(request: HttpRequest, view: View) -> HttpResponse:
    page = page_of(view, agent_of(request), request.GET.get("after", ""))
    context = {"rows": page.rows, "view": view, "next": page.next}
    return render(request, "conversations/_part.html", context)


def _badge(agent: Agent) -> int:
    return counts_of([], agent)["mine_unread"]

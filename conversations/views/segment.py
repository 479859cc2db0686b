"""Segments: the list with live counts, and the builder of one."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.permissions import can
from conversations.lists import segmenting
from conversations.lists.queries import counts_of
from conversations.segment_form import Built, built, save
from conversations.views.access import agent_of, is_fragment
from customers.models import Segment

SEGMENTS_MAX = 100


@login_required
@require_GET
def segment_list(request: HttpRequest) -> HttpResponse:
    """List the segments with whom they find; ?part=side is the piece that stands beside the customers."""
    agent = agent_of(request)
    rows = segmenting.counted(Segment.objects.order_by("folded")[:SEGMENTS_MAX], agent)
    chosen = request.GET.get("segment", "")
    context = {"rows": rows, "may_change": can(agent, "reply"), "chosen": int(chosen) if chosen.isdecimal() else 0}
    if is_fragment(request):
        part = "customers/_side.html" if request.GET.get("part") == "side" else "customers/_segments.html"
        return render(request, part, context)
    return render(request, "customers/segments.html", _page(agent, context))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def segment_new(request: HttpRequest) -> HttpResponseBase:
    """Build a segment; a GET draws what it was sent, a POST stores it. 422: it does not fit."""
    return _build(request, Segment(), _changing(request))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def segment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a segment, as a new one is built. 422: it does not fit, or a colleague changed it."""
    return _build(request, get_object_or_404(Segment, pk=pk), _changing(request))


@login_required
@require_POST
def segment_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a segment; the customers stay as they are."""
    agent = _changing(request)
    segmenting.delete(get_object_or_404(Segment, pk=pk), by=agent)
    return redirect("segments")


def _build(request: HttpRequest, row: Segment, agent: Agent) -> HttpResponseBase:
    if request.method != "POST":
        return _draw(request, row, built(row, request.GET, agent))
    made = built(row, request.POST, agent, is_saving=True)
    if not save(row, made, by=agent):
        return _draw(request, row, made, status=422)
    return redirect(f"{reverse('customers')}?segment={row.pk}")


def _draw(request: HttpRequest, row: Segment, made: Built, *, status: int = 200) -> HttpResponse:
    context = {"segment": row, "made": made}
    if is_fragment(request):
        return render(request, "customers/_segment.html", context, status=status)
    return render(request, "customers/segment.html", _page(agent_of(request), context), status=status)


def _changing(request: HttpRequest) -> Agent:
    """Return who asks, if their role may change what customers are. 403."""
    agent = agent_of(request)
    if not can(agent, "reply"):
        raise PermissionDenied
    return agent


def _page(agent: Agent, context: dict[str, Any]) -> dict[str, Any]:
    return {"section": "customers", "badge": counts_of([], agent)["mine_unread"], **context}

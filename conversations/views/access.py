"""How a view gets at a thing: what one may not see is absent (404), what one may not change is refused (403)."""

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from agents.models import Agent
from agents.permissions import can, keep_sight, sight_of
from conversations.auditing import reads
from conversations.lists.queries import View, views_of
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.reading.reading_sql import customer_seen
from customers.models import Customer

if TYPE_CHECKING:
    pass

READS = {"GET", "HEAD"}


def agent_of(request: HttpRequest) -> Agent:
    """Return who is signed in (views are behind login_required)."""
    return keep_sight(cast(Agent, request.user))


def get_conversation(request: HttpRequest, number: int, *, verb: str = "") -> Conversation:
    """Return a conversation this agent sees. verb: what their role must allow (reply). 404, 403."""
    agent = agent_of(request)
    rows = Conversation.objects.visible_to(agent).select_related("customer", "assignee", "team", "topic", "brand")
    conversation = get_object_or_404(rows, number=number)
    if verb and not can(agent, verb, conversation):
        raise PermissionDenied
    return conversation


def get_customer(request: HttpRequest, pk: int, *, verb: str = "") -> Customer:
    """Return a customer this agent sees, merged ones included; who reads them is written down. 404.

    verb: what their role must allow. 403.
    """
    agent = agent_of(request)
    customer = customer_seen(pk, sight_of(agent))
    if customer is None:
        raise Http404
    if verb and not can(agent, verb):
        raise PermissionDenied
    # Who was merged only leads on to whoever is left.
    if request.method in READS and customer.merged_into_id is None:
        reads.note(customer.pk, agent)
    return customer


def get_changeable(request: HttpRequest, pk: int) -> Customer:
    """Return a customer whom this agent sees and may change. 404, 403."""
    return get_customer(request, pk, verb="reply")


def get_entry(request: HttpRequest, pk: int, *, verb: str = "") -> Entry:
    """Return an entry this agent sees; with a verb its conversation must be theirs to write in. 404, 403."""
    agent = agent_of(request)
    entry = get_object_or_404(Entry.objects.visible_to(agent).select_related("conversation", "message"), pk=pk)
    if verb:
        if entry.conversation is None:
            raise Http404
        get_conversation(request, entry.conversation.number, verb=verb)
    if request.method in READS:
        reads.note(entry.customer_id, agent)
    return entry


def get_message(request: HttpRequest, pk: int, *, verb: str = "") -> Message:
    """Return a message this agent sees. 404, 403."""
    said = get_entry(request, pk, verb=verb).said
    if said is None:
        raise Http404
    return said


def get_view(request: HttpRequest, slug: str) -> tuple[View, list[View]]:
    """Return one of the agent's views of the inbox, filtered and ordered as asked, and all of them. 404."""
    views = views_of(agent_of(request))
    view = next((view for view in views if view.slug == slug), None)
    if view is None:
        raise Http404
    return view.narrowed(request.GET.get("q", "").strip()[:100], request.GET.get("sort", "")), views


def is_fragment(request: HttpRequest) -> bool:
    """Return whether a script asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true"

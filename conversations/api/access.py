"""How a view of the API gets at a thing: through the same questions as the pages (conversations.views.access)."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request

from agents.models import Agent
from agents.permissions import can
from conversations.api.problems import Conflict
from conversations.models import Conversation
from conversations.views import access
from customers.models import Customer, Identity


def agent_of(request: Request) -> Agent:
    """Return whom the token acts for (every view asks for one)."""
    return access.agent_of(_asked(request))


def seen_customer(request: Request, pk: int) -> Customer:
    """Return a customer this agent sees; one who was merged, if they see who is left. 404."""
    person = left = access.get_customer(_asked(request), pk)
    while left.merged_into_id is not None:
        left = access.get_customer(_asked(request), left.merged_into_id)
    return person


def changeable_customer(request: Request, pk: int) -> Customer:
    """Return a customer this agent sees and may change. 404, 403; 409 names who is left of one who was merged."""
    person = seen_customer(request, pk)
    require_reply(request)
    if person.merged_into_id is not None:
        raise merged(request, person)
    return person


def merged(request: Request, person: Customer) -> Conflict:
    """Return the refusal to change somebody who was merged; it names who is left to whoever may know."""
    while person.merged_into is not None:
        person = person.merged_into
    said = _("This customer was merged in the meantime.")
    return Conflict(said, "merged", **({"merged_into": person.pk} if is_seen(request, person.pk) else {}))


def is_seen(request: Request, pk: int) -> bool:
    """Whether this agent sees a customer."""
    return Customer.objects.visible_to(agent_of(request)).filter(pk=pk).exists()


def seen_identity(request: Request, pk: int, *, write: bool = False) -> Identity:
    """Return an address of a customer this agent sees, and may change (write). 404, 403."""
    row = Identity.objects.get(pk=pk)
    row.customer = (changeable_customer if write else seen_customer)(request, row.customer_id)
    return row


def seen_conversation(request: Request, number: int, *, verb: str = "") -> Conversation:
    """Return a conversation this agent sees; verb: what their role must allow. 404, 403."""
    return access.get_conversation(_asked(request), number, verb=verb)


def require_reply(request: Request) -> None:
    """Refuse those whose role does not write to customers. 403."""
    if not can(agent_of(request), "reply"):
        raise PermissionDenied


def _asked(request: Request) -> HttpRequest:
    # It hands on everything of the request it stands for; the pages' questions read the user alone.
    return cast(HttpRequest, request)

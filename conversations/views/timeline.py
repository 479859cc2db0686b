"""One customer's timeline: what changed since a cursor, and older pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conversations.queries import changes_since, timeline
from conversations.telling import tell
from conversations.views.access import agent_of, get_customer


@login_required
@require_GET
def entries(request: HttpRequest, customer: int) -> HttpResponse:
    """Answer ?after=<cursor> with what is new or changed, ?before=<place> with the page before it.

    X-Cursor: what to ask after next time. X-Reload: the page must be loaded again. X-Earlier: there is more.
    """
    person = get_customer(request, customer)
    agent = agent_of(request)
    after = request.GET.get("after")
    is_cursor = after is not None and after.isdecimal() and len(after) < 19
    if is_cursor:
        stretch = changes_since(person, agent, int(after or 0))
    else:
        stretch = timeline(person, agent, request.GET.get("before", ""))
    context = {"told": tell(stretch.entries, agent), "agent": agent}
    response = render(request, "conversations/_entries.html", context)
    response.headers["X-Cursor"] = str(stretch.cursor)
    if stretch.must_reload:
        response.headers["X-Reload"] = "1"
    if stretch.has_earlier:
        response.headers["X-Earlier"] = "1"
    return response

"""Notes, tags, consents and figures on the customer's panel. A change is answered by the panel and a toast."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conversations import people, recording
from conversations.figures import figures_of
from conversations.forms import ConsentForm
from conversations.models.entry import Entry
from conversations.views.access import agent_of, get_conversation, get_customer, get_entry, is_fragment
from conversations.views.person import answer, changeable
from customers.models import Identity


@login_required
@require_GET
def figures(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Show what the history comes to; asked for once the card comes into sight."""
    person = get_customer(request, customer)
    found = figures_of(person, agent_of(request))
    part = "conversations/_figures.html" if is_fragment(request) else "customers/figures.html"
    context = {"figures": found, "customer": person, "live": True, "section": "customers"}
    return render(request, part, context)


@login_required
@require_POST
def pinned_notes(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Write a note about the customer that stays in sight. 422: it is empty or too long."""
    person = get_customer(request, customer)
    try:
        recording.pin_note(person, request.POST.get("note", ""), by=agent_of(request))
    except recording.Refused:
        return answer(request, person, _("Write a note of at most 2,000 characters."), status=422)
    return answer(request, person, _("Pinned."))


@login_required
@require_POST
def pin(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Pin a note to the panel, or take it off (off=1); the note itself stays."""
    entry = get_entry(request, pk)
    if entry.kind != Entry.Kind.NOTE:
        raise Http404
    is_on = request.POST.get("off") != "1"
    recording.pin(entry, by=agent_of(request), is_on=is_on)
    return answer(request, entry.customer, _("Pinned.") if is_on else _("No longer pinned."))


@login_required
@require_POST
def tags(request: HttpRequest, number: int) -> HttpResponseBase:
    """Put a tag on a conversation (add) or take one off (remove). 422: it is no tag."""
    row = get_conversation(request, number, verb="reply")
    agent, gone = agent_of(request), request.POST.get("remove", "")
    if gone:
        recording.untag(row, gone, by=agent)
        return answer(request, row.customer, _("Changed."))
    try:
        recording.tag(row, request.POST.get("add", ""), by=agent)
    except recording.Refused:
        return answer(request, row.customer, _("A tag is a word or a few; at most twenty of them."), status=422)
    return answer(request, row.customer, _("Changed."))


@login_required
@require_POST
def customer_tags(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Put a tag on a customer (add) or take one off (remove). 422: it is no tag."""
    person = changeable(request, customer)
    agent, gone = agent_of(request), request.POST.get("remove", "")
    if gone:
        recording.untag_customer(person, gone, by=agent)
        return answer(request, person, _("Changed."))
    try:
        recording.tag_customer(person, request.POST.get("add", ""), by=agent)
    except recording.Refused:
        return answer(request, person, _("A tag is a word or a few; at most twenty of them."), status=422)
    return answer(request, person, _("Changed."))


@login_required
@require_POST
def consents(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Note a yes or no of the customer. 422: something is missing, or there was no yes to withdraw."""
    person = changeable(request, customer)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return answer(request, person, _("Choose what they said, and write where they said it."), status=422)
    said = form.cleaned_data
    row = get_object_or_404(Identity, pk=said["identity"], customer=person)
    try:
        people.note_consent(row, said["purpose"], said["state"], source=said["source"], by=agent_of(request))
    except ValueError:
        return answer(request, person, _("Only a consent that was given can be withdrawn."), status=422)
    return answer(request, person, _("Noted."))

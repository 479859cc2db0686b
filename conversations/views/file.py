"""Files of messages as a browser asks for them: shown where they stand, fetched again, by a link for customers."""

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from conversations.files import keeping, links
from conversations.models.attachment import Attachment
from conversations.models.entry import Entry
from conversations.models.picture import Picture
from conversations.views.access import agent_of, get_customer, get_entry, get_message
from conversations.views.giving import give_blob
from helpdesk.lib import files as kinds

THUMBNAIL = "image/webp"


@login_required
@require_GET
def media(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a picture, a sound or a film. Its bytes say what it is, whatever was said of it; all else is a download."""
    file = _visible(request, pk)
    found = keeping.type_of_kept(file)
    if found not in kinds.SHOWN:
        raise Http404
    return give_blob(request, file.blob_id, file.filename, found, is_download=False)


@login_required
@require_GET
def thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the small picture that we drew of a file."""
    file = _visible(request, pk)
    return give_blob(request, file.thumbnail_id, "small.webp", THUMBNAIL, is_download=False)


@login_required
@require_GET
def picture(request: HttpRequest, customer: int, pk: int) -> HttpResponse:
    """Show how somebody looks where they write from."""
    person = get_customer(request, customer)
    found = get_object_or_404(Picture, identity=pk, identity__customer=person)
    return give_blob(request, found.blob_id, "face.webp", THUMBNAIL, is_download=False)


@login_required
@require_POST
def fetching(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask the provider again for a file that it did not give. Nothing happens to one that is here."""
    file = _visible(request, pk)
    entry = get_entry(request, file.entry_id, verb="reply")
    keeping.ask_again(file)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204)
    return redirect("customer", entry.customer_id)


@login_required
@require_GET
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a message said before it was edited; of one that was deleted there is nothing."""
    message = get_message(request, pk)
    if message.deleted_at is not None:
        raise Http404
    return render(request, "conversations/_versions.html", {"versions": message.versions.order_by("at", "pk")})


@login_not_required
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Give whoever has the link its file, as a download."""
    found = links.find(token)
    if found is None:
        raise Http404
    response = give_blob(request, found.blob_id, found.filename)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _visible(request: HttpRequest, pk: int) -> Attachment:
    visible = Entry.objects.visible_to(agent_of(request))
    return get_object_or_404(Attachment, pk=pk, entry__in=visible)

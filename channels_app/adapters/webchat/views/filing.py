"""Files of visitors: left here before they are sent, and fetched by the addresses that their entries hold."""

import uuid
from urllib.parse import unquote

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from channels_app.adapters.webchat import limits, passes, uploads, visitors
from channels_app.adapters.webchat.views.doors import for_visitors, refuse, widget
from channels_app.models import Channel, Visitor
from conversations import visiting
from conversations.files import keeping
from conversations.models import Attachment
from conversations.views.giving import give_blob
from helpdesk.lib import files as kinds

NAME_HEADER, ONCE_HEADER = "x-telaio-file", "x-telaio-once"
THUMBNAIL = "image/webp"
KEPT_SECONDS = 600


@for_visitors
@require_POST
def files(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Keep a file, the body itself, until a message names it: 201 with its key, the same for the same `once`.

    400 no name of its own or empty, 413 too large, 415 of a kind that is not taken, 429 too many, 503 try again.
    """
    once = request.headers.get(ONCE_HEADER, "")
    if not _is_uuid(once):
        return refuse(400, "once")
    who = ((limits.UPLOADS, str(visitor.pk)), (limits.UPLOADS_FROM, limits.address_of(request)))
    if not all(limits.spend(limit, one) for limit, one in who):
        return refuse(429, "uploads")
    try:
        name = unquote(request.headers.get(NAME_HEADER, ""), errors="replace")
        kept = uploads.keep(visitor, name, uploads.read(request), once=once)
    except uploads.Empty:
        return refuse(400, "empty")
    except uploads.TooMuch as much:
        return refuse(429, "kept", most=much.most) if much.is_of_all else refuse(413, "large", most=much.most)
    except uploads.NotTaken:
        return refuse(415, "kind")
    except DatabaseError:
        return refuse(503, "again")
    return JsonResponse({"key": kept.key}, status=201)


@require_safe
def file(request: HttpRequest, key: str, pk: int, leave: str) -> HttpResponse:
    """Give a file to the browser whose entry holds this address: 403 made by somebody else, 410 an hour old.

    Asked anew each time whether its visitor may still read the message. 404 for what is gone.
    """
    channel = widget(key)
    given = passes.read(channel, pk, leave)
    if given is None:
        return refuse(403, "leave")
    if given.is_over:
        return refuse(410, "leave")
    visitor = get_object_or_404(Visitor.objects.select_related("proved"), pk=given.visitor, channel=channel)
    readable = visiting.readable_by(visitors.identities_of(visitor)).filter(message__deleted_at=None)
    found = get_object_or_404(Attachment, pk=pk, entry__in=readable)
    response = _given(request, found, given.way)
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}" if given.way != passes.SAVED else "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _given(request: HttpRequest, file: Attachment, way: str) -> HttpResponse:
    """Give it small, shown where its bytes are what a browser may show, or as a download."""
    if way == passes.SMALL:
        return give_blob(request, file.thumbnail_id, "small.webp", THUMBNAIL, is_download=False)
    if way == passes.SAVED:
        return give_blob(request, file.blob_id, file.filename)
    found = keeping.type_of_kept(file)
    if found not in kinds.SHOWN:
        raise Http404
    return give_blob(request, file.blob_id, file.filename, found, is_download=False)


def _is_uuid(given: str) -> bool:
    try:
        return str(uuid.UUID(given)) == given
    except ValueError:
        return False

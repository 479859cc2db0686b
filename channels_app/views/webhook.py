"""One door for every provider's webhook: verify, store, answer."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_app import intake
from channels_app.models import Channel
from helpdesk.lib.inbound import InvalidSignature

log = logging.getLogger(__name__)

# Kept beside the body, because signatures and bodies are read with them.
KEPT_HEADERS = ("content-type", "user-agent")


@csrf_exempt  # Providers sign their bytes; they have no cookie to protect.
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Store a provider's delivery: 200 only after commit, 403 bad signature, 404, 413, 503 try again."""
    channel = Channel.objects.filter(kind=kind, public_key=key).first()
    if channel is None:
        raise Http404
    if int(request.headers.get("content-length") or 0) > settings.INBOUND_BODY_MAX_BYTES:
        return HttpResponse(status=413)
    body = request.body
    try:
        channel.adapter.verify(request, channel)
    except InvalidSignature:
        log.info("A webhook was not signed by its provider", extra={"channel": channel.pk})
        return HttpResponse(status=403)
    answer = channel.adapter.answer(request)
    if answer is not None:
        return answer
    try:
        intake.store(channel, body=body, headers=_kept(request))
    except intake.TooBig:
        return HttpResponse(status=413)
    except DatabaseError:
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return HttpResponse(status=200)


def _kept(request: HttpRequest) -> dict[str, str]:
    names = [*KEPT_HEADERS, *(name.lower() for name in request.headers if name.lower().startswith("x-"))]
    return {name: request.headers[name][:2_000] for name in names if name in request.headers}

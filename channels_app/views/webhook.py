"""One door for every provider's webhook: verify, store, answer."""

import contextlib
import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_app import intake, intake_sql
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.inbound import InvalidSignature

log = logging.getLogger(__name__)

# Kept beside the body, because signatures and bodies are read with them.
KEPT_HEADERS = ("content-type", "user-agent", "idempotency-key")
KEPT_PREFIXES = ("x-", "i-twilio-")
CALLED_EVERY = timedelta(minutes=1)


@csrf_exempt  # Providers sign their bytes; they have no cookie to protect.
@require_http_methods(["GET", "POST", "PATCH", "DELETE"])
def receive(request: HttpRequest, kind: str, key: str, rest: str = "") -> HttpResponse:
    """Store a provider's delivery: 200 only after commit, 401 no and 403 bad signature, 404, 413, 503 again.

    rest: what follows the channel's address, for providers that call several; kept as the header `x-telaio-path`.
    """
    channel = intake_sql.called(kind, key, now=clock.real())
    if channel is None:
        raise Http404
    if int(request.headers.get("content-length") or 0) > settings.INBOUND_BODY_MAX_BYTES:
        return HttpResponse(status=413)
    body = request.body
    try:
        answer = _answer(request, channel)
        if answer is not None:
            return _called(channel, answer)
        query = request.META.get("QUERY_STRING", "").encode()
        event = intake.store(channel, body=body or query, headers=_kept(request, rest))
    except InvalidSignature as refused:
        log.info("A webhook was not signed by its provider", extra={"channel": channel.pk})
        return HttpResponse(status=401 if refused.is_missing else 403)
    except intake.TooBig:
        return HttpResponse(status=413)
    except DatabaseError:
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    return _called(channel, channel.adapter.stored(channel, event, request))


def _answer(request: HttpRequest, channel: Channel) -> HttpResponse | None:
    """Answer what is not to be kept; None for a delivery that its provider signed. Raises InvalidSignature."""
    adapter = channel.adapter
    handshake = adapter.handshake(request, channel)
    if handshake is not None:
        return handshake
    adapter.verify(request, channel)
    return adapter.answer(request, channel)


def _called(channel: Channel, answer: HttpResponse) -> HttpResponse:
    """Remember, once a minute at most, that the provider called: set-up pages and health tell of it."""
    now = clock.real()
    is_fresh = channel.called_at is not None and now - channel.called_at < CALLED_EVERY
    if answer.status_code < 400 and not is_fresh:
        # A note for people; a database that is busy must not cost the provider its answer.
        with contextlib.suppress(DatabaseError):
            Channel.objects.filter(pk=channel.pk).update(called_at=now)
    return answer


def _kept(request: HttpRequest, rest: str) -> dict[str, str]:
    given = [name.lower() for name in request.headers if name.lower().startswith(KEPT_PREFIXES)]
    names = [*KEPT_HEADERS, *given]
    kept = {name: request.headers[name][:2_000] for name in names if name in request.headers}
    # Ours, whatever somebody sent under these names.
    return {**kept, "x-telaio-method": str(request.method), "x-telaio-path": rest[:200]}

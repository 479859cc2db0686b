"""Proving an address in the chat: ask for a code, and show it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from channels_app import codes
from channels_app.adapters.webchat import limits, proving
from channels_app.adapters.webchat.views.doors import for_visitors, read, refuse
from channels_app.models import Channel, Visitor
from helpdesk.lib import emails

GIVEN_MAX = 20


@for_visitors
@require_POST
def ask(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Have a code mailed: 202 whoever has that address or nobody, 400 no address, 409 proved already, 429 too many."""
    given = read(request)
    written = given.get("address") if given else None
    if not isinstance(written, str):
        return refuse(400, "json")
    address = emails.spell_address(written[: emails.ADDRESS_MAX_CHARACTERS + 1])
    if not address:
        return refuse(400, "address")
    if not proving.may_prove(visitor):
        return refuse(409, "other")
    if not limits.spend(limits.CODES, limits.address_of(request)):
        return refuse(429, "codes")
    try:
        codes.ask(visitor, address)
    except codes.TooMany:
        return refuse(429, "codes")
    return JsonResponse({"minutes": codes.MINUTES}, status=202)


@for_visitors
@require_POST
def show(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Take a code: 200 what it opens, 403 not it (and how often still), 410 no code counts, 409 proved already."""
    given = read(request)
    code = given.get("code") if given else None
    if not isinstance(code, str) or len(code) > GIVEN_MAX or not code.isascii():
        return refuse(400, "json")
    if not limits.spend(limits.PROOFS, limits.address_of(request)):
        return refuse(429, "codes")
    if not proving.may_prove(visitor):
        return refuse(409, "other")
    try:
        address = codes.take(visitor, "".join(code.split()))
        upto = proving.prove(visitor, address)
    except codes.Wrong as wrong:
        return refuse(403, "code", left=wrong.left)
    except codes.Over:
        return refuse(410, "code")
    except proving.Other:
        return refuse(409, "other")
    return JsonResponse({"address": address, "upto": upto})

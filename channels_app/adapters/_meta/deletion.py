"""Meta's wish that what is held of somebody be deleted, and the page that tells people what became of it.

(Provider documentation, read 2026-11.) The id is one of the app, mostly not the one that somebody writes with; so it
is written down and shown to administrators, and where it names somebody a task is made. Nothing is deleted by itself.
"""

import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channels_app import addresses, intake
from channels_app.adapters._meta import signing
from channels_app.adapters._meta.reading import kept, text
from channels_app.models import Channel, RawEvent
from conversations.locks import lock_customer_row
from conversations.models import Task
from customers.models import Identity
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import RawInput

if TYPE_CHECKING:
    from channels_app.adapters._base import Adapter

DELETION, DEAUTHORISED = "deletion/", "deauthorize/"
PATHS = frozenset({DELETION, DEAUTHORISED})
CODE_LENGTH = 20
WORDS = {
    DELETION: gettext_noop("Meta passed on that somebody wants to be deleted."),
    DEAUTHORISED: gettext_noop("Somebody took away this app's access at Meta."),
}


def path_of(request: HttpRequest) -> str:
    """Return what follows a channel's own address, `/webhooks/<kind>/<key>/`."""
    path = "".join(request.path.split("/", 4)[4:])
    return path if path.endswith("/") or not path else f"{path}/"


def answer(request: HttpRequest, channel: Channel, adapter: "Adapter") -> HttpResponse:
    """Write down a signed wish and say where people can look. Raises InvalidSignature, DatabaseError."""
    asked = signing.signed_request(request.POST.get("signed_request", ""), channel.config)
    path, user = path_of(request), text(asked.get("user_id"))
    code = _code(path, user, text(asked.get("issued_at")))
    is_new = not RawEvent.objects.filter(channel=channel, dedupe_key=key_of(code)).exists()
    headers = {"x-telaio-path": path, "x-telaio-code": code, "x-telaio-user": user[:200]}
    intake.store(channel, body=request.body, headers=headers)
    if is_new and path == DELETION:
        _make_task(channel, adapter, user, code)
    url = f"{addresses.webhook_of(channel, DELETION)}?code={code}"
    return JsonResponse({"url": url, "confirmation_code": code})


def page(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Show people that their wish arrived; whoever has the code may look, and nobody learns whose it is."""
    given = request.GET.get("code", "").strip()
    code = given if given.isascii() and given.isalnum() else ""
    found = RawEvent.objects.filter(channel=channel, dedupe_key=key_of(code)).first() if code else None
    shown = {
        "code": code,
        "at": found.received_at if found else None,
        "is_done": bool(found) and _is_done(channel, code),
    }
    return render(request, "meta/deletion.html", shown, status=200 if found else 404)


def event_of(raw: RawInput) -> Event:
    """Return what administrators are told of a wish: it concerns the account, and stands on its pages."""
    path, code = raw.headers["x-telaio-path"], raw.headers.get("x-telaio-code", "")
    status = "deletion_requested" if path == DELETION else "deauthorized"
    details = kept(code=code, user=raw.headers.get("x-telaio-user"))
    return Event(kind=EventKind.ACCOUNT, status=status, text=f"{WORDS[path]} {code}".strip(), details=details)


def key_of(code: str) -> str:
    """Return the name of the raw event of a wish."""
    return f"deletion:{code}"


def _code(path: str, user: str, issued_at: str) -> str:
    """Return a code nobody can guess, the same for the same wish."""
    words = f"{path}\0{user}\0{issued_at}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()[:CODE_LENGTH]


def _make_task(channel: Channel, adapter: "Adapter", user: str, code: str) -> None:
    realm = adapter.realm_of(channel.config)
    identity = Identity.objects.filter(kind=channel.identity_kind, realm=realm, value=user).first() if user else None
    if identity is None:
        return
    words = _("Delete what is held of this person: they asked Meta to (code %(code)s).") % {"code": code}
    with transaction.atomic():
        customer = lock_customer_row(identity.customer_id)
        Task.objects.get_or_create(customer=customer, text=words[:500])


def _is_done(channel: Channel, code: str) -> bool:
    """Whether the task that was made of it is done."""
    tasks = Task.objects.filter(text__contains=code)
    return tasks.exists() and not tasks.filter(done_at=None).exists()

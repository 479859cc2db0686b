"""A small shop of three pages on which the widget can be tried; only where the demonstration's widget is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from channels_app.models import Channel
from helpdesk.seeds.people import SHOP_CHAT, SHOP_FORM


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """What there is to buy."""
    return _page(request, "front")


@require_GET
def boot(request: HttpRequest) -> HttpResponse:
    """One boot: what is asked from here comes with which one it is."""
    return _page(request, "boot")


@require_GET
def returns(request: HttpRequest) -> HttpResponse:
    """How things go back, with ways to ask."""
    return _page(request, "returns")


def _page(request: HttpRequest, name: str) -> HttpResponse:
    rows = Channel.objects.filter(name=SHOP_CHAT, state=Channel.State.ACTIVE).order_by("pk")
    line = next(filter(None, (row.adapter.snippet_of(row) for row in rows)), "")
    if not line:
        raise Http404
    form = Channel.objects.filter(name=SHOP_FORM, state=Channel.State.ACTIVE).order_by("pk").first()
    webform = form.adapter.snippet_of(form) if form else ""
    return render(request, f"helpdesk/shop/{name}.html", {"line": line, "page": name, "webform": webform})


urlpatterns = [
    path("demo/shop/", front, name="shop"),
    path("demo/shop/alpe-2/", boot, name="shop_boot"),
    path("demo/shop/returns/", returns, name="shop_returns"),
]

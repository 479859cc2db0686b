"""What a shop's page loads: the loader under its one address, and the page of the frame."""

import gzip
import hashlib
import json
import re
from datetime import tzinfo
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_GET
from django_vite.core.asset_loader import DjangoViteAssetLoader

from channels_app.adapters.webchat import emoji, promising, sites, telling, uploads
from channels_app.adapters.webchat.views.doors import LANGUAGES, speak, widget
from channels_app.models import Channel
from conversations.rating import SCORES

# Where the loader wants its words, in whatever quotes the bundler put them.
MARK = re.compile(r"""[`'"]__WORDS__[`'"]""")
LOADER = "static/src/widget/loader.ts"
# Long enough for a shop with many pages, short enough that a mended loader is everywhere within minutes.
LOADER_SECONDS = 300


def _loader_etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_loader()).hexdigest()[:24]}"'


@condition(etag_func=_loader_etag)
@require_GET
def loader(request: HttpRequest) -> HttpResponse:
    """Give the loader: one file for every shop, so it says nothing of any."""
    is_small = "gzip" in request.headers.get("accept-encoding", "")
    response = HttpResponse(_gzipped() if is_small else _loader(), content_type="text/javascript")
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Cache-Control"] = f"public, max-age={LOADER_SECONDS}"
    # Other sites' pages run it.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@xframe_options_exempt
@require_GET
def frame(request: HttpRequest, key: str) -> HttpResponse:
    """Draw the frame, the same for all of this language whose clock is as far ahead; only listed sites show it."""
    channel = widget(key)
    speak(request, request.GET.get("lang", ""))
    response = render(
        request, "webchat/frame.html", context_of(channel, promising.zone_ahead(request.GET.get("ahead", "")))
    )
    response._csp_replace = {"frame-ancestors": list(sites.allowed(channel.config))}  # type: ignore[attr-defined]
    return response


def context_of(channel: Channel, zone: tzinfo | None = None) -> dict[str, Any]:
    """Return what every page of a widget shows, its times by the clock of `zone`."""
    config = channel.config
    return {
        "channel": channel,
        "name": channel.brand.name,
        "accent": config.get("accent", ""),
        "greeting": config.get("greeting", ""),
        "site": sites.origin_of(settings.PUBLIC_URL),
        "told": telling.everybody(channel, zone),
        "scores": [(score, translation.gettext(word)) for score, word in SCORES.items()],
        "languages": [(code, translation.get_language_info(code)["name_local"].capitalize()) for code in LANGUAGES],
        "files": uploads.rules(),
        "emoji": emoji.GROUPS,
    }


@cache
def _loader() -> bytes:
    """Return the built loader with its few words, which stand in the catalogues as all others do."""
    client = DjangoViteAssetLoader.instance()._apps["default"]
    built = (settings.STATIC_BUILT / client.manifest.get(LOADER).file).read_text()
    words = {}
    for language in LANGUAGES:
        with translation.override(language):
            words[language] = [
                _("Chat with us"), _("new messages: %"), _("The chat does not answer just now."), _("Try again"),
                _("Close"), _("Write to us on our page"), _("Mail"), _("Call"),
            ]  # fmt: skip
    named = MARK.sub(lambda _found: json.dumps(json.dumps(words)), built)
    # It is built as a module and pasted as a script, whose names would be the page's.
    return f'(()=>{{"use strict";{named.strip()}\n}})();\n'.encode()


@cache
def _gzipped() -> bytes:
    return gzip.compress(_loader(), 9, mtime=0)

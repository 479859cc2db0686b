"""A visitor's requests: to be known, to say something, to read what was said, to say what they have seen."""

import json
import uuid
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from channels_app import intake
from channels_app.adapters.webchat import giving, limits, reaching, seeing, topics, uploads, visitors
from channels_app.adapters.webchat.adapter import NAME_HEADER, TEXT_MAX
from channels_app.adapters.webchat.views.doors import for_anybody, for_visitors, read, refuse, speak
from channels_app.models import Channel, Visitor
from conversations import visiting
from customers.identify import Profile, identify
from customers.models import Identity


@for_anybody
@require_POST
def visits(request: HttpRequest, channel: Channel, site: str) -> HttpResponse:
    """Make a visitor of a browser: 201 with its token, 403 another site, 429 too many from one address."""
    given = read(request)
    if given is None:
        return refuse(400, "json")
    if not limits.spend(limits.VISITS, limits.address_of(request)):
        return refuse(429, "visits")
    visitor, token = visitors.issue(channel, site=site, language=visitors.language_in(given.get("language")))
    visitors.see(visitor, given.get("page"))
    return JsonResponse({"token": token}, status=201)


@for_visitors
@require_POST
def messages(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Keep what a visitor says: 202 stored, 400 nothing to store, 413 too long, 429 too fast, 503 try again."""
    given = read(request)
    if given is None or not _is_name(given.get("id")):
        return refuse(400, "json")
    no = _unfit(given)
    if no is not None:
        return no
    if not limits.spend(limits.MESSAGES, str(visitor.pk)):
        return refuse(429, "messages")
    visitors.see(visitor, given.get("page"))
    try:
        files = uploads.name(visitor, given.get("files") or [])
        if files is None:
            return refuse(400, "files")
        headers = {"content-type": "application/json", NAME_HEADER: f"{visitor.key}:{given['id']}"}
        intake.store(channel, body=_written(given, channel, visitor, files), headers=headers)
        # Its socket hears of what becomes of it by an identity, and asks before a worker may have been there.
        profile = Profile(language=visitor.language, display=visitors.word_for(visitor))
        own, is_new = identify(Identity.Kind.VISITOR, visitor.key, profile)
        if is_new and visitor.address:
            reaching.give(own, visitor.address)
    except DatabaseError:
        return refuse(503, "again")
    return JsonResponse({"id": given["id"]}, status=202)


@for_visitors
@require_GET
def entries(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Draw what was said: since a cursor (`after`), or before an entry (`before`)."""
    if not limits.spend(limits.READS, str(visitor.pk)):
        return refuse(429, "reads")
    identities = visitors.identities_of(visitor)
    before = request.GET.get("before", "")
    if before:
        is_number = before.isascii() and before.isdigit() and len(before) < 19
        found = visiting.before(identities, int(before) if is_number else 0)
    else:
        found = visiting.since(identities, request.GET.get("after", ""))
    drawn = giving.draw(found.entries, channel, visitor)
    response = render(request, "webchat/_entries.html", {"drawn": drawn, "key": channel.public_key})
    told = {"X-Cursor": found.cursor, "X-Whole": str(int(found.is_whole)), "X-More": str(int(found.has_more))}
    for name, value in told.items():
        response.headers[name] = value
    return response


@for_visitors
@require_POST
def sightings(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Note that everything up to an entry has come, or was seen: 204, also where there was nothing to note."""
    given = read(request) or {}
    upto, is_seen = given.get("upto"), given.get("seen")
    if isinstance(upto, bool) or not isinstance(upto, int) or not 0 < upto < 2**63 or not isinstance(is_seen, bool):
        return refuse(400, "json")
    visitors.see(visitor, given.get("page"))
    seeing.note(visitors.identities_of(visitor), upto, is_seen=is_seen)
    return HttpResponse(status=204)


@for_visitors
@require_POST
def language(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Speak another language with this visitor from now on."""
    given = read(request)
    wanted = visitors.language_in(given.get("language") if given else None)
    if not wanted:
        return refuse(400, "json")
    speak(request, wanted)
    visitor.language = wanted
    visitor.save(update_fields=["language"])
    return HttpResponse(status=204)


def _unfit(given: dict[str, Any]) -> HttpResponse | None:
    """Refuse what is no message: neither words nor files, or too many of either."""
    text, files = given.get("text"), given.get("files") or []
    if not isinstance(text, str) or not _are_keys(files) or not (text.strip() or files):
        return refuse(400, "empty")
    if len(files) > uploads.MOST:
        return refuse(413, "files", most=uploads.MOST)
    return refuse(413, "long", most=TEXT_MAX) if len(text) > TEXT_MAX else None


def _are_keys(given: object) -> bool:
    """Whether it is a list of keys of files, each once."""
    is_list = isinstance(given, list) and all(isinstance(one, str) and uploads.KEY.fullmatch(one) for one in given)
    return is_list and len(set(given)) == len(given)  # type: ignore[arg-type,call-overload]


def _written(given: dict[str, Any], channel: Channel, visitor: Visitor, files: list[dict[str, Any]]) -> bytes:
    """Write down a message as parse.py reads it; whose it is says the token, never the browser."""
    topic, team = topics.named(channel.config, given.get("page"))
    said = {
        "kind": "postback" if isinstance(given.get("payload"), str) and given["payload"] else "message",
        "visitor": visitor.key,
        "id": given["id"],
        "text": given["text"],
        "payload": given.get("payload") or "",
        "files": files,
        "language": visitor.language,
        "page": visitors.news_of_page(visitor),
        "product": visitors.product_in(given.get("page")),
        "topic": topic,
        "team": team,
    }
    return json.dumps(said).encode()


def _is_name(given: object) -> bool:
    """Whether it is the name that a browser makes up for a message: a UUID, spelled as it should be."""
    try:
        return isinstance(given, str) and str(uuid.UUID(given)) == given
    except ValueError:
        return False

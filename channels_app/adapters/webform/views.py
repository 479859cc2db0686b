"""The pages of a contact channel, for people without an account, a cookie or a script."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from channels_app.adapters.webform import files, limits, showing, stamping, topics, writing
from channels_app.adapters.webform.forms import TopicForm, suspicion
from channels_app.models import Channel
from helpdesk.lib import clock

# The files that there may be, those that are too many or too long and are left out, and the words around them.
BODY_MAX_BYTES = 64 * files.MEGABYTE
# The page stays what it was when somebody goes back to it, with the mark that lets the same be sent once only.
KEPT = "private, no-cache"
# A browser tells where a form was; those that do not are let in, for nothing here goes by a cookie.
ELSEWHERE = "cross-site"


@require_safe
def help_page(request: HttpRequest, lang: str) -> HttpResponse:
    """Lead to the ways to ask: the place of the help centre."""
    channel = showing.find() if showing.speak(request, lang) else None
    if channel is None:
        return _nothing(request)
    return render(request, "webform/help.html", showing.context_of(request, channel))


# Nobody is signed in here: there is no cookie that a stranger's page could use. What proves that a form is ours is its
# stamp, which is looked at after its words were read, so that they are never lost; Django's would answer with 403.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, lang: str, key: str = "") -> HttpResponseBase:
    """Ask what it is about, then for the rest; take what was sent."""
    channel = showing.find(key) if showing.speak(request, lang) else None
    if channel is None:
        return _nothing(request)
    if request.method == "POST":
        return _taken(request, channel)
    topic = _topic(channel, request.GET.get("topic", ""))
    if topic is None:
        return _choose(request, channel)
    asked = {question.name for question in topic.questions if not question.options}
    initial = {name: request.GET[name].replace("\0", "")[: topics.LONG] for name in asked & set(request.GET)}
    form = TopicForm(topic=topic, initial=initial)
    return _draw(request, channel, form, stamping.fresh(channel.public_key))


@require_safe
def sent(request: HttpRequest, lang: str, key: str, receipt: str) -> HttpResponse:
    """Say that it is here, by which number it can be named, and what happens next."""
    channel = showing.find(key) if showing.speak(request, lang) else None
    told = stamping.read_receipt(key, receipt)
    if channel is None or told is None:
        return _nothing(request)
    topic = topics.BY_NAME.get(told[1])
    found = showing.hours_for(channel, topic)
    more = {"reference": told[0], "aim": showing.aim(found, clock.now()), "zone": found.zone.key}
    context = {**showing.context_of(request, channel), **more}
    return render(request, "webform/sent.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "webform/none.html", status=404)


def _topic(channel: Channel, name: str) -> topics.Topic | None:
    return next((topic for topic in topics.offered(channel.config) if topic.name == name), None)


def _choose(request: HttpRequest, channel: Channel) -> HttpResponse:
    is_wrong = request.method == "POST" or bool({"topic", "next"} & set(request.GET))
    rows = [(one.name, _(one.label), _(one.hint)) for one in topics.offered(channel.config)]
    context = {**showing.context_of(request, channel), "topics": rows, "is_wrong": is_wrong}
    return render(request, "webform/choose.html", context)


def _taken(request: HttpRequest, channel: Channel) -> HttpResponseBase:
    """Read what was sent, keep its files, and store it if nothing is wrong with it."""
    if int(request.headers.get("content-length") or 0) > BODY_MAX_BYTES:
        return _too_much(request, channel)
    handler = files.cap(request)
    try:
        given = request.POST
    except SuspiciousOperation:
        return _too_much(request, channel)
    except (MultiPartParserError, UnreadablePostError):
        return _too_much(request, channel, is_cut=True)
    # A topic that was switched off meanwhile takes its last message.
    topic = topics.BY_NAME.get(given.get("topic", ""))
    if topic is None:
        return _choose(request, channel)
    form, stamp = (
        TopicForm(_without_nul(given), topic=topic),
        stamping.read(channel.public_key, given.get("stamp", "")),
    )
    chosen, wrong = _files(request, channel, handler)
    if not form.is_valid() or wrong:
        return _draw(request, channel, form, stamp, chosen=chosen, wrong=wrong)
    return _stored(request, channel, form, stamp, chosen)


def _files(request: HttpRequest, channel: Channel, handler: files.Capped) -> tuple[list[files.Chosen], list[str]]:
    """Return the files that are chosen, now or before, and a sentence for each that is not taken."""
    if not channel.config.get("takes_files", True):
        return [], []
    dropped = set(request.POST.getlist("drop"))
    before = files.kept(channel, [one for one in request.POST.getlist("kept") if one not in dropped])
    given, caller = request.FILES.getlist("files"), limits.address_of(request)
    chosen, wrong = files.take(channel, given, before=before, caller=caller)
    return chosen, [*map(files.too_long, handler.too_long), *wrong]


def _stored(
    request: HttpRequest, channel: Channel, form: TopicForm, stamp: stamping.Stamp, chosen: list[files.Chosen]
) -> HttpResponseBase:
    """Store a whole form, unless it came too fast, too late, from elsewhere or too often: then it is drawn again."""
    given = form.cleaned_data
    said = writing.Said(
        stamp.nonce, form.topic, form.answers, given["text"], given["name"], given["email"],
        request.LANGUAGE_CODE, chosen, suspicion(form, request.POST.get("homepage", "")),
    )  # fmt: skip
    status, words = _refusal(request, form, stamp, is_known=writing.is_kept(channel, said))
    if not words:
        try:
            reference = writing.keep(channel, said)
        except DatabaseError:
            status, words = 503, _("We could not keep it just now. Nothing is lost: please send it again.")
        else:
            receipt = stamping.receipt(channel.public_key, reference, form.topic.name)
            return redirect("webform_sent", request.LANGUAGE_CODE, channel.public_key, receipt)
    return _draw(request, channel, form, stamp, chosen=chosen, notes=[words], status=status)


def _refusal(request: HttpRequest, form: TopicForm, stamp: stamping.Stamp, *, is_known: bool) -> tuple[int, str]:
    """Return the status and the sentence that say why a whole form is not taken yet; '' where it is."""
    if stamp.age == stamping.Age.NONE or request.headers.get("sec-fetch-site") == ELSEWHERE:
        return 200, _("This form did not come from this page. Please look at it and send it again.")
    if stamp.age == stamping.Age.OLD:
        return 200, _("This page was open for a long time. Nothing is lost: please send it again.")
    if stamp.age == stamping.Age.YOUNG:
        return 200, _("That was very quick. Please look over what you wrote and send it again.")
    if is_known:
        return 200, ""
    places = ((limits.SENT, limits.address_of(request)), (limits.OF_ADDRESS, form.cleaned_data["email"]))
    spent = [limits.spend(limit, who) for limit, who in places]
    if not all(spent):
        return 429, _("Many messages came from here in this hour. Please wait an hour and send this one again.")
    return 200, ""


def _draw(
    request: HttpRequest, channel: Channel, form: TopicForm, stamp: stamping.Stamp, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Draw the second step with everything that was typed and chosen."""
    takes = channel.config.get("takes_files", True)
    context = {
        **showing.context_of(request, channel), "form": form, "topic": form.topic, "stamp": stamp.written,
        "label": _(form.topic.label), "rules": files.rules() if takes else "", "accept": files.ACCEPT,
        "is_wrong": bool(more.get("wrong") or more.get("notes") or form.errors), **more,
    }  # fmt: skip
    response = render(request, "webform/form.html", context, status=status)
    response.headers["Cache-Control"] = KEPT
    return response


def _too_much(request: HttpRequest, channel: Channel, *, is_cut: bool = False) -> HttpResponse:
    """Say that it was too much to be read at all, and how it goes."""
    context = {**showing.context_of(request, channel), "rules": files.rules(), "is_cut": is_cut}
    return render(request, "webform/too_much.html", context, status=400 if is_cut else 413)


def _without_nul(given: Any) -> dict[str, str]:
    """PostgreSQL keeps no NUL, and no keyboard writes one."""
    return {name: value.replace("\0", "") for name, value in given.items()}

"""Writing: answers, notes, drafts, and what can be done while or after an answer leaves."""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from agents.models import Agent
from conversations import amending, buttons, drafts, mentions, privately, queueing, replying, undo
from conversations.forms import ReplyForm
from conversations.models.conversation import Conversation
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.reading.stretches import with_parts
from conversations.reading.telling import tell
from conversations.views.access import agent_of, get_conversation, get_entry, is_fragment
from conversations.views.answers import answer_in
from conversations.views.draft import taken_words, words_of
from conversations.views.sheet import presets
from conversations.views.writing import composer_for, held_seconds, hold_seconds
from customers import quiet
from helpdesk.lib import clock

# What conversations.replying refuses with, so that the catalogues hold it.
REFUSALS = (
    gettext_noop("There is nothing to send."),
    gettext_noop("The note is empty."),
    gettext_noop("This address is not one of the customer's."),
    gettext_noop("The customer does not want to be written to on this address."),
    gettext_noop("Somebody who is to get a copy does not want to be written to."),
    *(replying.NO_COPIES, replying.TOO_LONG, replying.TOO_LARGE, replying.NOT_TAKEN, replying.BUTTONS),
    *(privately.USED, privately.LATE, privately.ONE, privately.NO_COMMENT),
    *(amending.CANNOT, amending.GONE, amending.TOO_LONG),
)


@login_required
@require_POST
def replies(request: HttpRequest, number: int) -> HttpResponseBase:
    """Answer the customer. 409: somebody else wrote meanwhile, or it is late there; 422: it cannot go like this."""
    row = get_conversation(request, number, verb="reply")
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _wrong(request, _("Choose a channel and an address, and write something."))
    if (end := quiet.until(row.customer, clock.now())) and not form.cleaned_data["quiet"]:
        return _late_there(request, row, end)
    try:
        entry = _send(request, row, form)
    except replying.StaleSend as stale:
        return _stale(request, stale.entry)
    except drafts.TakenOver as taken:
        return _guard(request, taken_words(taken))
    except replying.ClientIdTaken:
        return _wrong(request, _("This was sent before."), 409)
    except replying.NoWay as no:
        return _wrong(request, _(str(no)))
    return _sent(request, row, entry)


@login_required
@require_POST
def notes(request: HttpRequest, number: int) -> HttpResponseBase:
    """Write what only the team sees. 409, once (as long as seen_seq is sent): it names somebody who may not read it."""
    row = get_conversation(request, number)
    text, client_id = request.POST.get("note", ""), request.POST.get("client_id", "")[:64]
    if request.POST.get("seen_seq") and (strangers := mentions.kept_out(text, row, by=agent_of(request))):
        return _unheard(request, strangers)
    try:
        entry = row.note(by=agent_of(request), text=text, client_id=client_id, is_marked=True)
    except replying.ClientIdTaken:
        return _wrong(request, _("This was written before."), 409)
    except replying.NoWay as no:
        return _wrong(request, _(str(no)))
    return _sent(request, row, entry)


@login_required
@require_POST
def taking(request: HttpRequest, number: int, mode: str, agent: int) -> HttpResponseBase:
    """Make a colleague's draft mine; mine comes with the page and stays below. 409: there is nothing any more."""
    row = get_conversation(request, number, verb="reply" if mode == Draft.Mode.REPLY else "")
    theirs = Draft.objects.filter(agent=agent, conversation=row, mode=mode).exclude(agent=agent_of(request))
    of = get_object_or_404(theirs.select_related("agent")).agent
    _keep_next(request, row, mode)
    try:
        drafts.take_over(row, mode, of=of, by=agent_of(request))
    except drafts.NothingThere:
        return _wrong(request, _("There is nothing left to take over: it was sent or deleted."), 409)
    return _composer(request, row, mode=mode)


@login_required
@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an answer back while it is held; its text is a draft again."""
    entry = get_entry(request, pk, verb="reply")
    assert entry.conversation is not None
    _keep_next(request, entry.conversation, Draft.Mode.REPLY)
    try:
        undo.undo_send(entry, by=agent_of(request))
    except undo.TooLate:
        return _composer(request, entry.conversation, _("It has been sent already."))
    return _composer(request, entry.conversation)


@login_required
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a held answer now."""
    entry = get_entry(request, pk, verb="reply")
    replying.send_now(entry)
    return _changed(request, entry)


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send again what failed. 422: somebody has answered otherwise meanwhile, and only once is possible."""
    entry = get_entry(request, pk, verb="reply")
    if not replying.retry(entry) and (why := queueing.why_not_again(entry)):
        return _wrong(request, _(why))
    return _changed(request, entry)


@login_required
@require_POST
def rewriting(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put the words that failed back into the composer, to be sent otherwise; what failed stays told."""
    entry = get_entry(request, pk, verb="reply")
    assert entry.conversation is not None
    _keep_next(request, entry.conversation, Draft.Mode.REPLY)
    queueing.rewrite(entry, by=agent_of(request))
    return _composer(request, entry.conversation)


def _keep_next(request: HttpRequest, conversation: Conversation, mode: str) -> None:
    """What was begun meanwhile comes with the page: the composer is drawn anew and must hold both."""
    if not request.POST.get("text", "").strip() and not buttons.cleaned(request.POST.getlist("button")):
        return
    with suppress(drafts.Closed):
        drafts.save(conversation, mode, words_of(request), by=agent_of(request))


@transaction.atomic
def _send(request: HttpRequest, row: Conversation, form: ReplyForm) -> Entry:
    """Answer and do what the send menu says in one transaction: both happen, or neither."""
    word, until = form.cleaned_data["then"]
    agent = agent_of(request)
    answer = answer_in(request.POST, form, row, by=agent)
    entry = row.reply(
        by=agent, text=answer.text, to=form.route(), attachments=answer.files, template=answer.template,
        client_id=form.cleaned_data["client_id"], seen_seq=form.cleaned_data["seen_seq"],
        hold_seconds=hold_seconds(agent, answer.way), despite_quiet=form.cleaned_data["quiet"] == "now",
        is_split=form.cleaned_data["is_split"], is_public=form.cleaned_data["is_public"],
        is_marked=True, quick_replies=answer.quick_replies,
    )  # fmt: skip
    if word == "resolve":
        row.resolve(by=agent, cause=entry)
    elif word == "wait":
        row.wait(by=agent, cause=entry)
    elif until is not None and until > clock.now():
        row.snooze(by=agent, until=until, cause=entry)
    return entry


def _sent(request: HttpRequest, row: Conversation, entry: Entry) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    agent = agent_of(request)
    told = tell(with_parts(Entry.objects.filter(pk=entry.pk)), agent)[0]
    seconds = held_seconds(told.travel) if told.travel else 0
    context = {"told": told, "agent": agent, "seconds": seconds}
    return render(request, "conversations/_sent.html", context, status=201)


def _stale(request: HttpRequest, entry: Entry) -> HttpResponse:
    seconds = max(0, int((clock.now() - entry.recorded_at).total_seconds()))
    ago = ngettext("%(n)d s ago", "%(n)d s ago", seconds) % {"n": seconds}
    if seconds >= 60:
        ago = ngettext("%(n)d minute ago", "%(n)d minutes ago", seconds // 60) % {"n": seconds // 60}
    who = entry.by or entry.customer.best_name
    words = (_("%(who)s replied %(ago)s.") if entry.by else _("%(who)s wrote %(ago)s.")) % {"who": who, "ago": ago}
    return _guard(request, words, entry.pk)


def _guard(request: HttpRequest, words: str, pk: int = 0) -> HttpResponse:
    return render(request, "conversations/_stale.html", {"words": words, "pk": pk}, status=409)


def _late_there(request: HttpRequest, row: Conversation, end: datetime) -> HttpResponse:
    local, until = quiet.there(row.customer, clock.now()), quiet.there(row.customer, end)
    words = _("It is %(time)s for %(name)s, who wants quiet until %(until)s.") % {
        "time": f"{local:%H:%M}", "name": row.customer.best_name, "until": f"{until:%H:%M}",
    }  # fmt: skip
    return render(request, "conversations/_late.html", {"words": words, "until": f"{until:%H:%M}"}, status=409)


def _unheard(request: HttpRequest, strangers: list[Agent]) -> HttpResponse:
    names = ", ".join(agent.name for agent in strangers)
    words = _("May not read this conversation and will not be told: %(names)s.") % {"names": names}
    context = {"words": words, "second": _("The note has not been added yet."), "is_note": True}
    return render(request, "conversations/_stale.html", context, status=409)


def _wrong(request: HttpRequest, words: str, status: int = 422) -> HttpResponse:
    return render(request, "conversations/_wrong.html", {"words": words}, status=status)


def _composer(request: HttpRequest, row: Conversation, wrong: str = "", *, mode: str = "") -> HttpResponseBase:
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    agent = agent_of(request)
    composer = composer_for(agent, row, presets())
    composer.wrong, composer.mode = wrong, mode or composer.mode
    name = row.customer.best_name
    context = {"composer": composer, "conversation": row, "customer": row.customer, "agent": agent, "name": name}
    response = render(request, "conversations/_composer.html", context)
    response.headers["HX-Trigger"] = "workspace:changed"
    return response


def _changed(request: HttpRequest, entry: Entry) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect("customer", customer=entry.customer_id)
    response = HttpResponse("")
    response.headers["HX-Trigger"] = "workspace:changed"
    return response

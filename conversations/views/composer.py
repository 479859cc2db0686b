"""Writing: answers, notes, drafts, and what can be done while or after an answer leaves."""

from contextlib import suppress

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from conversations import drafts, replying, undo
from conversations.forms import ReplyForm
from conversations.models.conversation import Conversation
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.stretches import with_parts
from conversations.telling import tell
from conversations.views.access import agent_of, get_conversation, get_entry, is_fragment
from conversations.views.draft import words_of
from conversations.views.sheet import presets
from conversations.views.writing import composer_for, held_seconds, hold_seconds
from helpdesk.lib import clock

# What conversations.replying refuses with, so that the catalogues hold it.
REFUSALS = (
    gettext_noop("There is nothing to send."),
    gettext_noop("The note is empty."),
    gettext_noop("This address is not one of the customer's."),
    gettext_noop("The customer does not want to be written to on this address."),
)


@login_required
@require_POST
def replies(request: HttpRequest, number: int) -> HttpResponseBase:
    """Answer the customer. 409: somebody else wrote meanwhile; 422: it cannot go like this."""
    row = get_conversation(request, number, verb="reply")
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _wrong(request, _("Choose a channel and an address, and write something."))
    try:
        entry = _send(request, row, form)
    except replying.StaleSend as stale:
        return _stale(request, stale.entry)
    except replying.ClientIdTaken:
        return _wrong(request, _("This was sent before."), 409)
    except replying.NoWay as no:
        return _wrong(request, _(str(no)))
    return _sent(request, row, entry)


@login_required
@require_POST
def notes(request: HttpRequest, number: int) -> HttpResponseBase:
    """Write what only the team sees."""
    row = get_conversation(request, number)
    text, client_id = request.POST.get("note", ""), request.POST.get("client_id", "")[:64]
    try:
        entry = row.note(by=agent_of(request), text=text, client_id=client_id)
    except replying.ClientIdTaken:
        return _wrong(request, _("This was written before."), 409)
    except replying.NoWay as no:
        return _wrong(request, _(str(no)))
    return _sent(request, row, entry)


@login_required
@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an answer back while it is held; its text is a draft again."""
    entry = get_entry(request, pk, verb="reply")
    assert entry.conversation is not None
    _keep_next(request, entry.conversation)
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
    """Send again what failed."""
    entry = get_entry(request, pk, verb="reply")
    replying.retry(entry)
    return _changed(request, entry)


def _keep_next(request: HttpRequest, conversation: Conversation) -> None:
    """What was begun after the answer comes with the page: the composer is drawn anew and must hold both."""
    if not request.POST.get("text", "").strip():
        return
    with suppress(drafts.Closed):
        drafts.save(conversation, Draft.Mode.REPLY, words_of(request), by=agent_of(request))


@transaction.atomic
def _send(request: HttpRequest, row: Conversation, form: ReplyForm) -> Entry:
    """Answer and do what the send menu says in one transaction: both happen, or neither."""
    word, until = form.cleaned_data["then"]
    agent, to = agent_of(request), form.route()
    entry = row.reply(
        by=agent, text=form.cleaned_data["text"], to=to, attachments=form.attachments(),
        client_id=form.cleaned_data["client_id"], seen_seq=form.cleaned_data["seen_seq"],
        hold_seconds=hold_seconds(agent, row, to),
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
    return render(request, "conversations/_stale.html", {"words": words, "pk": entry.pk}, status=409)


def _wrong(request: HttpRequest, words: str, status: int = 422) -> HttpResponse:
    return render(request, "conversations/_wrong.html", {"words": words}, status=status)


def _composer(request: HttpRequest, row: Conversation, wrong: str = "") -> HttpResponseBase:
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    agent = agent_of(request)
    composer = composer_for(agent, row, presets())
    composer.wrong = wrong
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

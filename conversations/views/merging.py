"""Two customers side by side: what speaks for one person, what would be kept, and the joined timeline."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Agent
from agents.templatetags.desk import language_words
from conversations import recording
from conversations.lists.queries import counts_of
from conversations.merging import choosing, merge, rejoining, suggesting
from conversations.merging.strangers import sees_both
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.mergerecord import MergeRecord
from conversations.reading.stretches import with_parts
from conversations.reading.telling import Told, tell
from conversations.views.access import agent_of, get_changeable, get_customer
from conversations.views.sheet import Known, known, patch_of
from conversations.ways import reach_of
from customers import custom
from customers.alike import candidates
from customers.models import Customer, CustomField
from customers.search import matching

PREVIEW, FOUND = 30, 20
# What conversations.merging.merge refuses with, so that the catalogues hold it.
REFUSALS = (
    gettext_noop("This merge was undone already."),
    gettext_noop("This merge is older than 30 days and cannot be undone any more."),
    gettext_noop("This customer was merged again since. Undo that merge first."),
    gettext_noop("This was undone already."),
    gettext_noop("This is older than 30 days and cannot be undone any more."),
    gettext_noop("One of the two was merged since. Undo that merge first."),
    gettext_noop("This address belongs to somebody else by now."),
    gettext_noop("Some of these messages were moved on since."),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as the page shows them."""

    customer: Customer
    name: str
    conversations: int
    identities: list[Known]
    patch: list[tuple[str, int]]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of which one value is kept."""

    name: str
    label: str
    values: tuple[str, str]
    takes_other: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merging(request: HttpRequest, customer: int) -> HttpResponseBase:
    """Choose whom to merge with (?q=), compare (?with=), and merge on POST. 404: one of them is not to be seen."""
    kept = get_changeable(request, customer)
    if kept.merged_into_id:
        return redirect("customer", customer=kept.merged_into_id)
    wanted = request.POST.get("with") or request.GET.get("with", "")
    if not (wanted.isdecimal() and len(wanted) < 19):
        return page(request, "customers/merge_with.html", _candidates(request, kept))
    other = get_customer(request, int(wanted))
    if request.method == "POST":
        return _merge(request, kept, other)
    if kept.pk == other.pk or other.merged_into_id:
        return page(request, "customers/merge_with.html", _candidates(request, kept, _words_for(kept, other)))
    return page(request, "customers/merge.html", _comparison(agent_of(request), kept, other))


@login_required
@require_POST
def merge_undoing(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make two of one again, or take a split or a move back. 409: it is too late for that."""
    record = get_object_or_404(MergeRecord.objects.select_related("kept", "other"), pk=pk)
    get_changeable(request, record.kept_id)
    if not sees_both(agent_of(request), record):
        raise Http404
    try:
        (merge if record.kind == MergeRecord.Kind.MERGE else rejoining).undo(record, by=agent_of(request))
    except merge.CannotUndo as too_late:
        context = {"customer": record.kept, "words": _(str(too_late))}
        return page(request, "customers/merge_refused.html", context, status=409)
    return redirect("customer", customer=record.kept_id)


def _merge(request: HttpRequest, kept: Customer, other: Customer) -> HttpResponseBase:
    taken = frozenset(name for name in request.POST if request.POST.get(name) == "other" and choosing.is_chosen(name))
    said = tuple(reason.words for reason in suggesting.reasons_for(kept, other) if reason.weight != "against")
    try:
        merge.merge(kept, other, by=agent_of(request), plan=merge.Plan(take=taken, reasons=said))
    except merge.Gone as gone:
        if gone.into.pk == kept.pk:
            # Pressed twice: it is as they wanted it.
            return redirect("customer", customer=kept.pk)
        context = _candidates(request, kept, _words_for(kept, other))
        return page(request, "customers/merge_with.html", context, status=409)
    except merge.SamePerson:
        context = _candidates(request, kept, _words_for(kept, other))
        return page(request, "customers/merge_with.html", context, status=409)
    return redirect("customer", customer=kept.pk)


def _words_for(kept: Customer, other: Customer) -> str:
    if kept.pk == other.pk:
        return _("This is the same customer.")
    return _("This customer was merged in the meantime.")


def _candidates(request: HttpRequest, kept: Customer, wrong: str = "") -> dict[str, Any]:
    words = request.GET.get("q", "").strip()[:100]
    seen = Customer.objects.visible_to(agent_of(request)).present().exclude(pk=kept.pk)
    rows = matching(seen, words).order_by("-pk") if words else seen.filter(pk__in=candidates(kept).values("pk"))
    return {"customer": kept, "rows": list(rows[:FOUND]), "words": words, "wrong": wrong}


def _comparison(agent: Agent, kept: Customer, other: Customer) -> dict[str, Any]:
    sides = [_side(agent, kept), _side(agent, other)]
    return {
        "sides": sides, "kept": sides[0], "other": sides[1], "customer": kept,
        "reasons": suggesting.reasons_for(kept, other), "choices": _choices(kept, other),
        "preview": _preview(agent, kept, other),
    }  # fmt: skip


def _side(agent: Agent, customer: Customer) -> Side:
    rows = Conversation.objects.visible_to(agent).filter(customer=customer)
    reach = reach_of(customer, agent=agent)
    identities = [known(row) for row in reach.identities[:50]]
    patch, tags = patch_of(customer, agent, reach), recording.tags_of_customer(customer)
    return Side(customer, customer.best_name, rows.count(), identities, patch, tags)


def _choices(kept: Customer, other: Customer) -> list[Choice]:
    labels = {
        "name": _("Name"), "language": _("Language"), "time_zone": _("Time zone"), "company_id": _("Company"),
        "preferred_identity_id": _("Preferred address"), "quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"),
    }  # fmt: skip
    rows = [Choice(name, label, (_shown(kept, name), _shown(other, name)), False) for name, label in labels.items()]
    rows += [Choice(custom.PREFIX + row.slug, row.name, _values(row, kept, other), False) for row in custom.fields()]
    return [
        Choice(row.name, row.label, row.values, takes_other=not row.values[0])
        for row in rows
        if row.values[0] != row.values[1]
    ]


def _shown(customer: Customer, name: str) -> str:
    if name == "language":
        return language_words(customer.language) if customer.language else ""
    value = getattr(customer, name.removesuffix("_id"))
    return f"{value:%H:%M}" if name.startswith("quiet_") and value else str(getattr(value, "label", value) or "")


def _values(row: CustomField, kept: Customer, other: Customer) -> tuple[str, str]:
    ours, theirs = (custom.shown(row.kind, side.custom.get(row.slug)) for side in (kept, other))
    return ours, theirs


def _preview(agent: Agent, kept: Customer, other: Customer) -> list[tuple[Told, bool]]:
    """Return the newest of the joined timeline, oldest first, and whether each joins."""
    rows = Entry.objects.visible_to(agent).filter(customer__in=(kept, other)).exclude(data__has_key="undone")
    newest = list(with_parts(rows).order_by("-occurred_at", "-pk")[:PREVIEW])[::-1]
    return [(told, told.entry.customer_id == other.pk) for told in tell(newest, agent)]


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    badge = counts_of([], agent_of(request))["mine_unread"]
    return render(request, template, {"section": "customers", "badge": badge, **context}, status=status)

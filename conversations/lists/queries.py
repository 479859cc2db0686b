"""What the inbox asks: its views, their rows and counts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from agents.models import Agent, Team
from agents.permissions import sight_of
from conversations.lists import inbox_sql
from conversations.models.conversation import Conversation, ConversationQuerySet
from conversations.models.draft import Draft
from conversations.models.notification import Mention
from conversations.models.savedview import SeenMarker
from customers.models import Identity
from helpdesk.lib import cursors

PAGE = 50
COUNT_MAX, UNREAD_MAX = 999, 99
UNASSIGNED = "unassigned"
ORDERS = ("due", "newest")


@dataclass(frozen=True, slots=True)
class View:
    """One list of the inbox. order: due (first due first), until (first back first) or newest.

    words: only rows whose customer or text has them. sort: the order that was asked for ('': the view's own).
    """

    slug: str
    name: str
    order: str = "newest"
    team: Team | None = None
    words: str = ""
    sort: str = ""

    @property
    def query(self) -> str:
        """What an address needs besides the view: filter and order, '' for none."""
        return urlencode({name: value for name, value in (("q", self.words), ("sort", self.sort)) if value})

    def narrowed(self, words: str, sort: str) -> "View":
        """Return this view with a filter and an order; nonsense for an order is none."""
        if sort not in ORDERS or sort == self.order:
            return replace(self, words=words)
        return replace(self, words=words, order=sort, sort=sort)

    @property
    def what(self) -> str:
        """The kind of view: the slug, or `team`."""
        return self.slug if self.team is None else "team"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and the cursor of the next ones ('' at the end)."""

    rows: list[Conversation]
    next: str


def views_of(agent: Agent) -> list[View]:
    """List the views an agent has, in the order of the menu."""
    sight = sight_of(agent)
    teams = Team.objects.all() if sight.is_all else Team.objects.filter(pk__in=sight.team_ids)
    return [
        View("mine", _("Mine"), "due"),
        View(UNASSIGNED, _("Unassigned"), "due"),
        *(View(f"team-{team.slug}", team.name, "due", team) for team in teams),
        View("mentions", _("Mentions")),
        View("drafts", _("Drafts")),
        View("snoozed", _("Snoozed"), "until"),
        View("all", _("All")),
    ]


def rows_of(view: View, agent: Agent) -> ConversationQuerySet:
    """Return the conversations that stand in a view, in no order."""
    seen = Conversation.objects.visible_to(agent)
    active = seen.genuine().filter(status__in=[Conversation.Status.OPEN, Conversation.Status.WAITING])
    if view.team is not None:
        return active.filter(team=view.team)
    mentions = Mention.objects.filter(entry__conversation=OuterRef("pk"), agent=agent)
    drafts = Draft.objects.filter(conversation=OuterRef("pk"), agent=agent).exclude(text="")
    lists = {
        "mine": active.filter(assignee=agent),
        UNASSIGNED: active.unassigned(),
        "mentions": seen.filter(Exists(mentions)),
        "drafts": seen.filter(Exists(drafts)),
        "snoozed": seen.filter(status=Conversation.Status.SNOOZED),
        "all": seen.genuine(),
    }
    return lists[view.slug]


def page_of(view: View, agent: Agent, cursor: str = "") -> Page:
    """Return one page of a view after a cursor."""
    found = _walked(view, agent, cursor) if _must_walk(view) else _merged(view, agent, cursor)
    return Page(found[:PAGE], cursor_of(found[PAGE - 1], view.order) if len(found) > PAGE else "")


def for_display(rows: ConversationQuerySet, agent: Agent) -> ConversationQuerySet:
    """Add what a row shows: whose it is, the best address, how far it was read, whether a draft waits."""
    shown = Coalesce(NullIf("display", Value("")), "value")
    addresses = Identity.objects.filter(customer=OuterRef("customer_id")).order_by("pk").annotate(shown=shown)
    seen = SeenMarker.objects.filter(conversation=OuterRef("pk"), agent=agent)
    drafts = Draft.objects.filter(conversation=OuterRef("pk"), agent=agent).exclude(text="")
    return rows.select_related("customer", "assignee", "team", "topic").annotate(
        address=Subquery(addresses.values("shown")[:1]),
        seen_seq=Subquery(seen.values("seen_seq")[:1]),
        has_draft=Exists(drafts),
    )


def counts_of(views: Iterable[View], agent: Agent) -> dict[str, int]:
    """Count each view of this agent's (`views_of`) up to 1,000, and `mine_unread` up to 100: one statement."""
    listed = list(views)
    teams = [view.team.pk for view in listed if view.team is not None]
    most = (COUNT_MAX + 1, UNREAD_MAX + 1)
    found = inbox_sql.counts((view.what for view in listed), teams, sight_of(agent), most)
    of_team = dict(zip(teams, found.get("team", ()), strict=True))
    counts = {view.slug: of_team[view.team.pk] if view.team else found[view.slug] for view in listed}
    return {**counts, "mine_unread": found["mine_unread"]}


def cursor_of(row: Conversation, order: str) -> str:
    """Name a row's place in an order; only this module reads it."""
    return cursors.pack(_key(row, order), row.pk)


def matching(view: View, rows: ConversationQuerySet) -> ConversationQuerySet:
    """Leave the rows that the view's filter leaves."""
    words = view.words
    if not words:
        return rows
    addresses = Identity.objects.filter(customer=OuterRef("customer_id"), value__icontains=words)
    has_words = Q(customer__name__icontains=words) | Q(last_preview__icontains=words) | Q(subject__icontains=words)
    return rows.filter(has_words | Exists(addresses))


def _must_walk(view: View) -> bool:
    """Whether no index gives this list: a search in texts, or everything by when it is due."""
    return bool(view.words) or (view.slug == "all" and view.order == "due")


def _merged(view: View, agent: Agent, cursor: str) -> list[Conversation]:
    """Read the rows of a page, and one more, by the indexes of each scope."""
    listed = inbox_sql.List(view.what, view.order, view.team.pk if view.team else None)
    pks = inbox_sql.page(listed, sight_of(agent), cursors.unpack(cursor), PAGE + 1)
    rows = {row.pk: row for row in for_display(Conversation.objects.filter(pk__in=pks), agent)}
    return [rows[pk] for pk in pks if pk in rows]


def _walked(view: View, agent: Agent, cursor: str) -> list[Conversation]:
    rows = for_display(matching(view, rows_of(view, agent)), agent)
    return list(_after(rows, view.order, cursor)[: PAGE + 1])


def _after(rows: ConversationQuerySet, order: str, cursor: str) -> ConversationQuerySet:
    place = cursors.unpack(cursor)
    if order == "newest":
        rows = rows.order_by("-last_entry_at", "-pk")
        if place is None:
            return rows
        # The first condition is implied by the second, and is what an index understands.
        later = Q(last_entry_at__lt=place[0]) | Q(last_entry_at=place[0], pk__lt=place[1])
        return rows.filter(later, last_entry_at__lte=place[0])
    field = "snoozed_until" if order == "until" else "next_due_at"
    rows = rows.order_by(F(field).asc(nulls_last=True), "pk")
    if place is None:
        return rows
    at, pk = place
    if at is None:
        return rows.filter(**{field: None}, pk__gt=pk)
    return rows.filter(Q(**{f"{field}__gt": at}) | Q(**{field: at}, pk__gt=pk) | Q(**{field: None}))


def _key(row: Conversation, order: str) -> datetime | None:
    return {"newest": row.last_entry_at, "until": row.snoozed_until}.get(order, row.next_due_at)

"""What administrators can look up: who changed what, and who read which customer."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agents.models import Agent
from agents.permissions import keep_sight
from agents.settings_pages import SettingsPage, administrator
from conversations.auditing import finding, readers, telling
from conversations.models.customerread import CustomerRead
from customers import search as customer_search
from customers.models import Customer

PAGE = SettingsPage(
    gettext_lazy("Audit"), gettext_lazy("Who changed what, who signed in, and who read which customer."), "audit",
    "eye", "audit",
)  # fmt: skip
PEOPLE_MAX, FOUND_MAX, WORDS_MAX = 500, 20, 100


class Day(forms.DateInput):
    """A day as browsers write it; nonsense from an address is not handed back to them."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """Return the day, or nothing."""
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            return None


class Narrowing(forms.Form):
    """What is looked for; what makes no sense is left out and marked."""

    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=WORDS_MAX)
    what = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    who = forms.TypedChoiceField(label=gettext_lazy("Who"), required=False, coerce=int, empty_value=None)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=Day)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=Day)

    def __init__(self, *args: Any, kinds: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "audit-%s", **kwargs})
        people = [(agent.pk, str(agent)) for agent in Agent.objects.order_by("name", "pk")[:PEOPLE_MAX]]
        itself = [(0, _("the desk itself"))] if kinds else []
        self.fields["who"].choices = [("", _("Everybody")), *itself, *people]  # type: ignore[attr-defined]
        named = sorted((kinds or {}).items(), key=lambda pair: pair[1].casefold())
        self.fields["what"].choices = [("", _("Everything")), *named]  # type: ignore[attr-defined]
        if kinds is None:
            del self.fields["what"]
            self.fields["q"].label = _("Customer")
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "dir": "auto"}

    def asked(self) -> finding.Asked:
        """Return what makes sense of it."""
        self.is_valid()
        said = self.cleaned_data
        names = {"who": "who", "what": "what", "since": "since", "until": "until", "words": "q"}
        return finding.Asked(**{name: said[key] for name, key in names.items() if said.get(key) not in (None, "")})


@login_required
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """List what was changed, the newest first, narrowed by ?q= &what= &who= &since= &until=."""
    me = keep_sight(administrator(request))
    form = Narrowing(request.GET, kinds=telling.kinds())
    rows, following = finding.page(finding.rows_of(form.asked()), request.GET.get("after", ""))
    context = {"lines": telling.tell(rows, me), "next": following, "here": "audit"}
    return _page(request, form, context)


@login_required
@require_GET
def reading(request: HttpRequest) -> HttpResponse:
    """List who read which customer, the newest first; ?customer= of one (404 for one that one may not see)."""
    me = keep_sight(administrator(request))
    form, wanted = Narrowing(request.GET), request.GET.get("customer", "")
    seen = Customer.objects.visible_to(me)
    one = get_object_or_404(seen, pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    asked = form.asked()
    rows = finding.within(_reads(me, one, asked.words), asked, "agent")
    found, following = finding.page(rows.select_related("agent", "customer"), request.GET.get("after", ""))
    return _page(request, form, {"reads": found, "next": following, "customer": one, "here": "reading"})


def _reads(me: Agent, customer: Customer | None, words: str) -> "QuerySet[CustomerRead]":
    if customer is not None:
        return readers.of(customer)
    rows = readers.seen_by(me)
    if words:
        found = customer_search.matching(Customer.objects.visible_to(me), words).order_by("-pk")[:FOUND_MAX]
        theirs = [readers.of(person).values("pk") for person in found]
        rows = rows.filter(_any_of(theirs))
    return rows


def _any_of(found: "list[QuerySet[CustomerRead, Any]]") -> Q:
    wanted = Q(pk=None)
    for keys in found:
        wanted |= Q(pk__in=keys)
    return wanted


def _page(request: HttpRequest, form: Narrowing, context: dict[str, Any]) -> HttpResponse:
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {**context, "form": form, "page": PAGE, "kept": kept.urlencode(), "section": "settings"}
    return render(request, "conversations/audit.html", context)

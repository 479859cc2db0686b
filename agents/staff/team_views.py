"""The settings of teams, for administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.hours.forms import calendar_field
from agents.models import Agent, Calendar, Team
from agents.settings_pages import SettingsPage, administrator, newest_change
from agents.staff import teams as verbs
from agents.staff.administering import Refused

PAGE = SettingsPage(
    gettext_lazy("Teams"), gettext_lazy("Who shares a queue, and whose work is for the team alone."), "teams",
    "people", verbs.THING,
)  # fmt: skip


class TeamForm(forms.Form):
    """A team; whether it can be so is decided by `teams`. were: who was in it when the page was drawn."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=1_000)
    slug = forms.CharField(label=gettext_lazy("In addresses"), required=False, max_length=1_000)
    is_private = forms.BooleanField(label=gettext_lazy("Private"), required=False)
    calendar = calendar_field(gettext_lazy("Hours"), gettext_lazy("As its brand"))
    members = forms.ModelMultipleChoiceField(
        Agent.objects.people().order_by("name", "pk"), label=gettext_lazy("People"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    were = forms.ModelMultipleChoiceField(
        Agent.objects.all(), required=False, widget=forms.MultipleHiddenInput, label=""
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "team-%s", **kwargs})
        plain = {"class": "input", "autocomplete": "off"}
        self.fields["name"].widget.attrs |= {**plain, "dir": "auto", "required": True, "maxlength": Team.NAME_MAX}
        self.fields["slug"].widget.attrs |= {
            **plain, "dir": "ltr", "maxlength": verbs.SLUG_MAX, "aria-describedby": "slug-hint", "translate": "no",
            "spellcheck": "false",
        }  # fmt: skip
        self.fields["is_private"].widget.attrs["aria-describedby"] = "private-hint"
        if not Calendar.objects.exists():
            del self.fields["calendar"]

    def wanted(self) -> verbs.Wanted:
        """Return what was chosen; whom a colleague let in or out meanwhile stays as the colleague said."""
        said = self.cleaned_data
        members, were = ({one.pk for one in said[name]} for name in ("members", "were"))
        return verbs.Wanted(said["name"], said["slug"].strip(), said["is_private"], frozenset(members - were),
                            frozenset(were - members), said.get("calendar"))  # fmt: skip


@login_required
@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams with how many people are in each."""
    administrator(request)
    rows = Team.objects.annotate(people=Count("memberships", filter=Q(memberships__agent__is_service=False))).order_by(
        "name"
    )
    context = {"rows": rows, "page": PAGE, "change": newest_change(PAGE.thing), "section": "settings"}
    return render(request, "agents/teams.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponseBase:
    """Add a team. 422: it cannot be so."""
    me = administrator(request)
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.add(form.wanted(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Added."))
    return _form(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a team and who is in it. 422: it cannot be so."""
    me = administrator(request)
    row = get_object_or_404(Team, pk=pk)
    form = TeamForm(request.POST or None, initial=_shown(row))
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change(row, form.wanted(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Saved."))
    return _form(request, form, row)


@login_required
@require_POST
def team_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a team. 409: something belongs to it."""
    me = administrator(request)
    row = get_object_or_404(Team, pk=pk)
    try:
        verbs.remove(row, by=me)
    except Refused as refused:
        return _form(request, TeamForm(initial=_shown(row)), row, refused=str(refused))
    return _done(request, _("Deleted."))


def _shown(row: Team) -> dict[str, Any]:
    inside = list(row.agents.filter(is_active=True, is_service=False).values_list("pk", flat=True))
    said = {"name": row.name, "slug": row.slug, "is_private": row.is_private, "calendar": row.calendar}
    return {**said, "members": inside, "were": inside}


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return redirect("teams")


def _form(request: HttpRequest, form: TeamForm, row: Team | None, *, refused: str = "") -> HttpResponse:
    left = verbs.belonging(row) if row else []
    context = {"form": form, "row": row, "left": left, "refused": refused, "section": "settings"}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "agents/team.html", context, status=status)

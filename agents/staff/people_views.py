"""The settings of people, for administrators: the list of them, one of them, and what is done to one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.forms import RoleChoice
from agents.models import Agent, Role, Team
from agents.settings_pages import SettingsPage, administrator, newest_change
from agents.staff import inviting, listing
from agents.staff import people as verbs
from agents.staff.administering import Refused

PAGE = SettingsPage(
    gettext_lazy("People"), gettext_lazy("Who works here, with which role and in which teams."), "people", "person",
    verbs.THING,
)  # fmt: skip


class PersonForm(forms.Form):
    """Somebody's place at the desk; whether it can be so is decided by `people`."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=1_000)
    email = forms.CharField(label=gettext_lazy("Email"), required=False, max_length=verbs.EMAIL_MAX)
    role = RoleChoice(Role.objects.order_by("pk"), label=gettext_lazy("Role"), empty_label=None)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(), label=gettext_lazy("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "person-%s", **kwargs})
        for name in ("name", "email", "role"):
            self.fields[name].widget.attrs |= {"class": "input", "dir": "auto", "autocomplete": "off"}
        self.fields["name"].widget.attrs |= {"required": True, "maxlength": verbs.NAME_MAX}
        self.fields["email"].widget.attrs |= {"required": True, "inputmode": "email", "dir": "ltr"}
        if not is_new:
            del self.fields["email"]

    def place(self) -> verbs.Place:
        """Return what was chosen."""
        said = self.cleaned_data
        return verbs.Place(said["name"], said["role"], tuple(said["teams"]))


@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List who works here; ?q= finds by name or address, ?state= leaves who is deactivated or invited."""
    administrator(request)
    page = listing.page_of(request.GET.get("q", ""), request.GET.get("state", ""), request.GET.get("after", ""))
    context = {"page": PAGE, "found": page, "change": newest_change(PAGE.thing), "section": "settings"}
    return render(request, "agents/people.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Let somebody in; answers with their link, which is shown once. 422: it cannot be so."""
    me = administrator(request)
    form = PersonForm(request.POST or None, is_new=True, initial={"role": Role.objects.filter(slug="agent").first()})
    if request.method == "POST" and form.is_valid():
        try:
            agent, secret = verbs.invite(form.cleaned_data["email"], form.place(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _invited(request, agent, secret, me)
    return _form(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change somebody's name, role and teams. 422: it cannot be so."""
    me = administrator(request)
    row = get_object_or_404(Agent, pk=pk, is_service=False)
    form = PersonForm(request.POST or None, is_new=False, initial=_shown(row))
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change(row, form.place(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return _form(request, form, row)


@never_cache
@login_required
@require_POST
def person_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which somebody chooses a password, shown once. 409: they are deactivated."""
    me = administrator(request)
    row = get_object_or_404(Agent, pk=pk, is_service=False)
    try:
        secret = verbs.renew(row, by=me)
    except Refused as refused:
        return _form(request, PersonForm(is_new=False, initial=_shown(row)), row, refused=str(refused))
    return _invited(request, row, secret, me)


@login_required
@require_POST
def deactivation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Lock somebody out and lead to what they leave behind. 409: it is oneself, or the last who administers."""
    me = administrator(request)
    row = get_object_or_404(Agent, pk=pk, is_service=False)
    try:
        verbs.deactivate(row, by=me)
    except Refused as refused:
        return _form(request, PersonForm(is_new=False, initial=_shown(row)), row, refused=str(refused))
    messages.success(request, _("%(name)s is locked out.") % {"name": row.name})
    return redirect("handover", pk=row.pk)


@login_required
@require_POST
def activation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let somebody in again."""
    me = administrator(request)
    row = get_object_or_404(Agent, pk=pk, is_service=False)
    verbs.activate(row, by=me)
    messages.success(request, _("%(name)s can sign in again.") % {"name": row.name})
    return redirect("people")


def _shown(row: Agent) -> dict[str, Any]:
    return {"name": row.name, "role": row.role_id, "teams": list(row.memberships.values_list("team", flat=True))}


def _invited(request: HttpRequest, agent: Agent, secret: str, me: Agent) -> HttpResponse:
    link = request.build_absolute_uri(reverse("invitation", args=[secret]))
    context = {"row": agent, "link": link, "is_mailed": inviting.send(agent, link, by=me), "section": "settings"}
    return render(request, "agents/invited.html", context)


def _form(request: HttpRequest, form: PersonForm, row: Agent | None, *, refused: str = "") -> HttpResponse:
    context = {"form": form, "row": row, "refused": refused, "section": "settings"}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "agents/person.html", context, status=status)

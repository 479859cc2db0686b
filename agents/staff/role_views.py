"""The settings of roles, for administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Role
from agents.settings_pages import SettingsPage, administrator, newest_change
from agents.staff import roles as verbs
from agents.staff.administering import Refused

PAGE = SettingsPage(
    gettext_lazy("Roles"), gettext_lazy("What each kind of colleague may see and change."), "roles", "lock",
    verbs.THING,
)  # fmt: skip


class RoleForm(forms.Form):
    """A role; whether it can be so is decided by `roles`."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=1_000)
    sight = forms.ChoiceField(
        label=gettext_lazy("Sees the conversations of"), widget=forms.RadioSelect,
        choices=[
            (Role.Sight.ALL, gettext_lazy("Everybody")),
            (Role.Sight.TEAMS, gettext_lazy("Their teams, of no team, and their own")),
            (Role.Sight.OWN, gettext_lazy("Their own: those they have, follow, or are mentioned in")),
        ],
    )  # fmt: skip
    reads_whole_timelines = forms.BooleanField(
        label=gettext_lazy("Reads all of a customer they see, also what other teams wrote"), required=False
    )
    can_reply = forms.BooleanField(label=gettext_lazy("Answers and changes customers"), required=False)
    can_supervise = forms.BooleanField(
        label=gettext_lazy("Supervises; with sight of everybody also the quarantine"), required=False
    )
    can_administer = forms.BooleanField(
        label=gettext_lazy("Administers: these settings, people and roles"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "role-%s", **kwargs})
        self.fields["name"].widget.attrs |= {
            "class": "input", "dir": "auto", "required": True, "maxlength": Role.NAME_MAX, "autocomplete": "off",
        }  # fmt: skip

    def rights(self) -> verbs.Rights:
        """Return what was chosen."""
        return verbs.Rights(**{right: self.cleaned_data[right] for right in verbs.RIGHTS})


@login_required
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """List the roles with what each may and how many have it."""
    administrator(request)
    rows = Role.objects.annotate(people=Count("agents")).order_by("pk")
    context = {"rows": rows, "page": PAGE, "change": newest_change(PAGE.thing), "section": "settings"}
    return render(request, "agents/roles.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: HttpRequest) -> HttpResponseBase:
    """Add a role. 422: it cannot be so."""
    me = administrator(request)
    form = RoleForm(request.POST or None, initial={"sight": Role.Sight.TEAMS, "can_reply": True})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.add(form.cleaned_data["name"], form.rights(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Added."))
    return _form(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a role; it works from the next request of whoever has it. 422: it cannot be so."""
    me = administrator(request)
    row = get_object_or_404(Role, pk=pk)
    shown = {"name": row.name, **{right: getattr(row, right) for right in verbs.RIGHTS}}
    form = RoleForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change(row, form.cleaned_data["name"], form.rights(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Saved."))
    return _form(request, form, row)


@login_required
@require_POST
def role_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a role. 409: it is built in, or somebody has it."""
    me = administrator(request)
    row = get_object_or_404(Role, pk=pk)
    try:
        verbs.remove(row, by=me)
    except Refused as refused:
        shown = {"name": row.name, **{right: getattr(row, right) for right in verbs.RIGHTS}}
        return _form(request, RoleForm(initial=shown), row, refused=str(refused))
    return _done(request, _("Deleted."))


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return redirect("roles")


def _form(request: HttpRequest, form: RoleForm, row: Role | None, *, refused: str = "") -> HttpResponse:
    people = row.agents.order_by("name", "pk")[:50] if row else []
    context = {"form": form, "row": row, "people": people, "refused": refused, "section": "settings"}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "agents/role.html", context, status=status)

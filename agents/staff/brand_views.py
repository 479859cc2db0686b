"""The settings of brands, for administrators."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.hours.forms import calendar_field
from agents.models import Brand, Calendar
from agents.settings_pages import SettingsPage, administrator, newest_change
from agents.staff import administering
from agents.staff import brands as verbs
from agents.staff.administering import Refused

PAGE = SettingsPage(
    gettext_lazy("Brands"), gettext_lazy("The names under which customers know you, each with its channels."),
    "brands", "tag", verbs.THING,
)  # fmt: skip


class BrandForm(forms.Form):
    """A brand; whether it can be so is decided by `brands`."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=1_000)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    calendar = calendar_field(gettext_lazy("Hours"), gettext_lazy("As the whole desk"))
    allows_parallel_conversations = forms.BooleanField(
        label=gettext_lazy("Several conversations of one customer at the same time"), required=False
    )
    is_default = forms.BooleanField(label=gettext_lazy("The brand of what says none"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "brand-%s", **kwargs})
        self.fields["name"].widget.attrs |= {
            "class": "input", "autocomplete": "off", "dir": "auto", "required": True, "maxlength": Brand.NAME_MAX,
            "aria-describedby": "name-hint",
        }  # fmt: skip
        self.fields["language"].widget.attrs |= {
            "class": "input", "aria-describedby": "language-hint", "translate": "no",
        }  # fmt: skip
        self.fields["allows_parallel_conversations"].widget.attrs["aria-describedby"] = "parallel-hint"
        if not Calendar.objects.exists():
            del self.fields["calendar"]
        if self.initial.get("is_default"):
            # It ceases to be so when another one becomes it.
            del self.fields["is_default"]

    def wanted(self) -> verbs.Wanted:
        """Return what was chosen."""
        said = self.cleaned_data
        return verbs.Wanted(
            said["name"], said["language"], said.get("calendar"), said["allows_parallel_conversations"],
            said.get("is_default", False),
        )  # fmt: skip


@login_required
@require_GET
def brands(request: HttpRequest) -> HttpResponse:
    """List the brands with how many channels each has."""
    administrator(request)
    rows = Brand.objects.annotate(channels_count=Count("channels")).select_related("calendar").order_by("name")
    context = {"rows": rows, "page": PAGE, "change": newest_change(PAGE.thing), "section": "settings"}
    return render(request, "agents/brands.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def brand_new(request: HttpRequest) -> HttpResponseBase:
    """Add a brand. 422: it cannot be so."""
    me = administrator(request)
    form = BrandForm(request.POST or None)
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
def brand(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a brand. 422: it cannot be so."""
    me = administrator(request)
    row = get_object_or_404(Brand, pk=pk)
    form = BrandForm(request.POST or None, initial=_shown(row))
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
def brand_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a brand. 409: something belongs to it, or it is the default."""
    me = administrator(request)
    row = get_object_or_404(Brand, pk=pk)
    try:
        verbs.remove(row, by=me)
    except Refused as refused:
        return _form(request, BrandForm(initial=_shown(row)), row, refused=str(refused))
    return _done(request, _("Deleted."))


def _shown(row: Brand) -> dict[str, Any]:
    names = ("name", "language", "calendar", "allows_parallel_conversations", "is_default")
    return {name: getattr(row, name) for name in names}


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return redirect("brands")


def _form(request: HttpRequest, form: BrandForm, row: Brand | None, *, refused: str = "") -> HttpResponse:
    left = administering.belonging(row) if row else []
    context = {"form": form, "row": row, "left": left, "refused": refused, "section": "settings"}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "agents/brand.html", context, status=status)

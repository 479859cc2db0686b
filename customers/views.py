"""The settings of customers' own fields, for administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.settings_pages import SettingsPage, administrator, newest_change
from customers import custom, defining
from customers.models import CustomField

PAGE = SettingsPage(
    gettext_lazy("Fields of customers"),
    gettext_lazy("What else you want to know of customers. Everybody who sees a customer sees it on the panel."),
    "fields", "form", defining.THING,
)  # fmt: skip


class FieldForm(forms.Form):
    """A field; whether it can be so is decided by `defining`."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=CustomField.Kind.choices)
    choices = forms.CharField(label=gettext_lazy("Choices, one a line"), required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "field-%s", **kwargs})
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "input", "dir": "auto"} if name != "kind" else {"class": "input"}
        self.fields["name"].widget.attrs |= {"maxlength": defining.NAME_MAX, "required": True}
        self.fields["choices"].widget.attrs |= {"rows": 5, "aria-describedby": "choices-hint"}


@login_required
@require_GET
def fields(request: HttpRequest) -> HttpResponse:
    """List the fields with how many customers have a value in each."""
    administrator(request)
    rows = custom.fields()
    counts = defining.counts(rows)
    context = {"rows": [(row, counts[row.pk]) for row in rows], "page": PAGE, "change": newest_change(PAGE.thing)}
    return render(request, "customers/fields.html", {**context, "section": "settings"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def field_new(request: HttpRequest) -> HttpResponseBase:
    """Add a field. 422: it cannot be so."""
    me = administrator(request)
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            defining.add(**form.cleaned_data, by=me)
        except defining.Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Added."))
    return _form(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a field. 422: it cannot be so, or its values would no longer fit."""
    me = administrator(request)
    row = get_object_or_404(CustomField, pk=pk)
    shown = {"name": row.name, "kind": row.kind, "choices": "\n".join(row.choices)}
    form = FieldForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            defining.change(row, **form.cleaned_data, by=me)
        except defining.Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Saved."))
    return _form(request, form, row)


@login_required
@require_POST
def field_place(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Move a field up or down (to=up, to=down)."""
    me = administrator(request)
    row = get_object_or_404(CustomField, pk=pk)
    defining.move(row, by=me, is_up=request.POST.get("to") == "up")
    # Back to where one was, so that it can be moved on.
    return redirect(f"{reverse('fields')}#field-{row.pk}")


@login_required
@require_POST
def field_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a field away with what customers have in it. 409: it is more or less than the page said (known)."""
    me = administrator(request)
    row = get_object_or_404(CustomField, pk=pk)
    known = request.POST.get("known", "")
    try:
        defining.remove(row, by=me, known=int(known) if known.isdecimal() and len(known) < 19 else 0)
    except defining.Counted:
        shown = {"name": row.name, "kind": row.kind, "choices": "\n".join(row.choices)}
        return _form(request, FieldForm(initial=shown), row, status=409)
    return _done(request, _("Removed."))


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return redirect("fields")


def _form(request: HttpRequest, form: FieldForm, row: CustomField | None, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "row": row, "count": defining.count_of(row) if row else 0, "recounted": status == 409}
    status = 422 if form.errors else status
    return render(request, "customers/field.html", {**context, "section": "settings"}, status=status)

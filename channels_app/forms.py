"""The forms of a channel: what every channel has, and the account as its kind asks for it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.hours.forms import calendar_field
from agents.models import Brand, Calendar, Team
from channels_app.adapters._base import Adapter
from channels_app.keeping import VERIFY_TOKEN, Wanted, secret_names
from channels_app.models import Channel
from customers.custom import Wrong, readable

NAME_MAX, TEXTAREA_ROWS = 120, 3
ACCOUNT, FORGET = "account", "forget"


class ChannelForm(forms.Form):
    """What every channel has. What there is no choice of is not asked for."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, help_text=gettext_lazy("As your team knows it."))
    brand = forms.ModelChoiceField(Brand.objects.order_by("name"), label=gettext_lazy("Brand"), empty_label=None)
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=gettext_lazy("Team"), required=False,
        empty_label=gettext_lazy("Nobody's at first"), help_text=gettext_lazy("Whose queue new conversations wait in."),
    )  # fmt: skip
    calendar = calendar_field(gettext_lazy("Hours"), gettext_lazy("As its team"))
    join_unproven = forms.BooleanField(
        label=gettext_lazy("Trust senders whose address is not proven"), required=False,
        help_text=gettext_lazy("Anybody can write any address as the sender. Without a tick such messages wait apart."),
    )  # fmt: skip
    trusted_authserv = forms.CharField(
        label=gettext_lazy("Server that proves senders"), required=False, max_length=255,
        help_text=gettext_lazy("What your mail server writes into Authentication-Results; nobody else is believed."),
    )  # fmt: skip
    is_sandbox = forms.BooleanField(
        label=gettext_lazy("Sandbox"), required=False,
        help_text=gettext_lazy("The desk itself plays the provider: nothing leaves, and customers are simulated."),
    )  # fmt: skip

    def __init__(self, *args: Any, adapter: Adapter, row: Channel | None, can_play: bool, **kwargs: Any) -> None:
        initial = _shown(row) if row else {"brand": Brand.objects.filter(is_default=True).first()}
        super().__init__(*args, **{"label_suffix": "", "auto_id": "channel-%s", "initial": initial, **kwargs})
        plays = adapter.simulator is not None and (can_play or (row is not None and row.is_sandbox))
        unasked = {"brand": Brand.objects.count() == 1, "is_sandbox": not plays}
        unasked["calendar"] = not Calendar.objects.exists()
        unasked |= dict.fromkeys(("join_unproven", "trusted_authserv"), not adapter.may_be_unproven)
        for name in [name for name, is_so in unasked.items() if is_so]:
            del self.fields[name]
        _dress(self)
        for name in self.fields.keys() & {"brand", "team", "calendar"}:
            self.fields[name].widget.attrs["translate"] = "no"
        self.fields["name"].widget.attrs |= {"required": True, "maxlength": NAME_MAX, "dir": "auto"}

    def clean_name(self) -> str:
        """Refuse what nobody can read."""
        try:
            name = " ".join(readable(self.cleaned_data["name"], NAME_MAX).split())
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        if not name:
            raise forms.ValidationError(_("Write a name."))
        return name

    def wanted(self, account: dict[str, Any]) -> Wanted:
        """Return what was asked for, with an account."""
        said = self.cleaned_data
        brand = said.get("brand") or Brand.objects.get()
        return Wanted(
            said["name"], brand, said["team"], said.get("is_sandbox", False), said.get("join_unproven", False),
            said.get("trusted_authserv", ""), account, said.get("calendar"),
        )  # fmt: skip


def account_form(adapter: Adapter, kept: dict[str, Any], given: QueryDict | None = None) -> forms.Form:
    """Draw the kind's own form. A secret that is kept stays unless another is typed, or it is told to be forgotten."""
    secret = secret_names(adapter.ConfigForm)
    shown = {name: value for name, value in kept.items() if name not in secret}
    data = _with_kept(given, {name: kept[name] for name in secret if kept.get(name)}) if given is not None else None
    form = adapter.ConfigForm(data, prefix=ACCOUNT, initial=shown, label_suffix="", auto_id="%s")
    if adapter.has_verify_token:
        # The desk makes it (channels_app/keeping.py).
        form.fields.pop(VERIFY_TOKEN, None)
    _dress(form)
    for name in secret & form.fields.keys():
        _hide(form.fields[name], is_kept=bool(kept.get(name)))
    return form


def parted(form: forms.Form) -> tuple[list[forms.BoundField], list[forms.BoundField]]:
    """Return an account's fields, and apart from them those that its kind folds away (ConfigForm.folded)."""
    folded = getattr(form, "folded", ())
    return [one for one in form if one.name not in folded], [one for one in form if one.name in folded]


def _with_kept(given: QueryDict, kept: dict[str, Any]) -> QueryDict:
    data = given.copy()
    for name, value in kept.items():
        field = f"{ACCOUNT}-{name}"
        if not data.get(field) and name not in data.getlist(FORGET):
            data[field] = str(value)
    return data


def _hide(field: forms.Field, *, is_kept: bool) -> None:
    field.widget.render_value = False
    field.widget.attrs |= {"autocomplete": "new-password", "dir": "ltr"}
    # Read by the template: an optional secret can be forgotten.
    field.is_kept = is_kept and not field.required  # type: ignore[attr-defined]
    if is_kept:
        field.widget.attrs["placeholder"] = _("Kept; type to replace")
        field.required = False


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, forms.CheckboxInput):
            continue
        field.widget.attrs |= {"class": "input", "autocomplete": "off"}
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs |= {"rows": TEXTAREA_ROWS}
        if not isinstance(field.widget, forms.Select):
            field.widget.attrs |= {"translate": "no", "spellcheck": "false"}


def _shown(row: Channel) -> dict[str, Any]:
    names = ("name", "brand", "calendar", "join_unproven", "trusted_authserv", "is_sandbox")
    return {**{name: getattr(row, name) for name in names}, "team": row.default_team}

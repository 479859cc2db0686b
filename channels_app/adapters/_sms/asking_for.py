"""Fields that the forms of several gateways of text messages share."""

from dataclasses import replace
from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.lib.outbound import Capabilities


def secret(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    """Return a field whose value is shown to nobody again."""
    return forms.CharField(
        label=label,
        max_length=500,
        required=required,
        widget=forms.PasswordInput(render_value=False),
        help_text=help_text,
    )


def base_url(label: Any, initial: str, *, required: bool = True) -> forms.URLField:
    """Return a field for a provider's address on the web."""
    return forms.URLField(label=label, initial=initial, max_length=300, assume_scheme="https", required=required)


def region_field() -> forms.CharField:
    """Return a field for the country that numbers without a country's code are in."""
    return forms.CharField(
        label=_("Country"),
        max_length=2,
        required=False,
        help_text=_("Two letters, such as IT or RO: the country of numbers that come without one."),
    )


def clean_region(written: str) -> str:
    """Return a country's two letters. Raises ValidationError."""
    region = written.strip().upper()
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise forms.ValidationError(_("Give a country's two letters, such as IT."))
    return region


def at_pace(abilities: Capabilities, config: dict[str, Any]) -> Capabilities:
    """Return abilities with the pace that the account was given, where the configuration says one."""
    pace = config.get("per_second")
    is_given = isinstance(pace, int | float) and not isinstance(pace, bool) and pace > 0
    return replace(abilities, per_second=float(pace)) if is_given and pace else abilities


def with_initials(form: type[forms.Form], config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with the form's own values where it says nothing."""
    initials = {name: one.initial for name, one in form.base_fields.items() if one.initial not in (None, "")}
    return {**initials, **{name: value for name, value in config.items() if value not in (None, "")}}

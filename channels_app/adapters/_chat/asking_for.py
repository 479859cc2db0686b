"""Fields that the forms of several messengers share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

IGNORE, PER_CHAT = "ignore", "chat"


def secret(label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    """Return a field whose value is shown to nobody again."""
    widget = forms.PasswordInput(render_value=False)
    return forms.CharField(label=label, max_length=500, required=required, widget=widget, help_text=help_text)


def base_url(label: Any, initial: str) -> forms.URLField:
    """Return a field for a provider's address on the web."""
    return forms.URLField(label=label, initial=initial, max_length=300, assume_scheme="https")


def groups_field() -> forms.ChoiceField:
    """Return a field that says what becomes of groups."""
    choices = [(IGNORE, _("Ignore them")), (PER_CHAT, _("One conversation for each group"))]
    help_text = _("What becomes of messages in groups that the account was added to.")
    return forms.ChoiceField(label=_("Groups"), choices=choices, initial=IGNORE, required=False, help_text=help_text)

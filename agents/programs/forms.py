"""What is said of a token or a service before it is made."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.forms import RoleChoice
from agents.models import Role, Team
from agents.programs.scopes import Scope
from helpdesk.lib import clock

NAME_MAX = 80
DAYS = [
    ("30", gettext_lazy("In 30 days")),
    ("90", gettext_lazy("In 90 days")),
    ("365", gettext_lazy("In a year")),
    ("", gettext_lazy("Never")),
]


class Named(forms.Form):
    """Something with a name that somebody can see."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_MAX)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["name"].widget.attrs |= {"class": "input", "dir": "auto", "autocomplete": "off"}

    def clean_name(self) -> str:
        """Keep it on one line."""
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise forms.ValidationError(_("Write a name."))
        return name


class TokenForm(Named):
    """A token: what for, how far it reaches and how long."""

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.ChoiceField(label=gettext_lazy("Expires"), choices=DAYS, required=False, initial="90")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].widget.attrs["class"] = "input"

    def expires_at(self) -> datetime | None:
        """Return when it ends; None for never."""
        days = self.cleaned_data["days"]
        return clock.real() + timedelta(days=int(days)) if days else None


class ServiceForm(Named):
    """A service: its name, what it may do and what it sees."""

    # The one that may least stands first: nobody makes an administrator by leaving it as it is.
    role = RoleChoice(
        Role.objects.order_by("can_administer", "can_supervise", "can_reply", "pk"),
        label=gettext_lazy("Role"), empty_label=None,
    )  # fmt: skip
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(), label=gettext_lazy("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.attrs |= {"class": "input", "dir": "auto"}

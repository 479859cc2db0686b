"""What an agent chooses for themselves."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.models import Agent

UNDO_CHOICES = [(0, _("Off")), (5, "5 s"), (10, "10 s"), (20, "20 s"), (30, "30 s")]


class RoleChoice(forms.ModelChoiceField):
    """Roles as the reader knows them."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what a role is called."""
        return str(obj.label)


class PreferencesForm(forms.ModelForm):
    """Language, time zone, looks and keys."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    undo_seconds = forms.TypedChoiceField(label=_("Undo send"), choices=UNDO_CHOICES, coerce=int)

    class Meta:
        model = Agent
        fields = ("language", "time_zone", "theme", "density", "undo_seconds", "has_shortcuts")
        labels = {"theme": _("Theme"), "density": _("Density"), "has_shortcuts": _("Single-key shortcuts")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})  # type: ignore[arg-type]
        zones = sorted(zoneinfo.available_timezones())
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if name != "has_shortcuts":
                field.widget.attrs["class"] = "input"
        # Names of languages and places stay as they are, whoever translates the page.
        for name in ("language", "time_zone"):
            self.fields[name].widget.attrs["translate"] = "no"


class ThemeForm(forms.ModelForm):
    """The switch in the rail."""

    class Meta:
        model = Agent
        fields = ("theme",)

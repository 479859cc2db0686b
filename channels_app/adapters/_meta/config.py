"""The fields of an account at Meta that the three kinds of channel share. Password widgets mark the secrets."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import graph

_VERSION = re.compile(r"\Av[0-9]{1,3}\.[0-9]{1,2}\Z")


def secret_field(label: Any, **more: Any) -> forms.CharField:
    """Return a field that is never shown again."""
    return forms.CharField(
        label=label, max_length=1000, widget=forms.PasswordInput(render_value=False), **{"required": False, **more}
    )


def id_field(label: Any, **more: Any) -> forms.RegexField:
    """Return a field for one of Meta's numeric ids."""
    said = {"invalid": _("Only digits, for example 1029384756.")}
    return forms.RegexField(r"\A[0-9]{1,40}\Z", label=label, max_length=40, error_messages=said, **more)


class MetaConfigForm(forms.Form):
    """What every account at Meta has."""

    folded: ClassVar[tuple[str, ...]] = ("app_secret_next", "base_url", "graph_version")

    access_token = secret_field(_("Access token"), required=True)
    app_secret = secret_field(_("App secret"), required=True, help_text=_("Meta signs its calls with it."))
    app_secret_next = secret_field(
        _("Next app secret"), help_text=_("While you change the app secret, both are accepted.")
    )
    base_url = forms.URLField(
        label=_("Address of the API"), max_length=300, initial=graph.FACEBOOK, assume_scheme="https"
    )
    graph_version = forms.RegexField(
        _VERSION,
        label=_("Version of the API"),
        max_length=10,
        initial=graph.VERSION,
        error_messages={"invalid": _("Give a version such as v26.0.")},
    )

    def clean_base_url(self) -> str:
        """Keep it without a slash at the end."""
        return str(self.cleaned_data["base_url"]).rstrip("/")

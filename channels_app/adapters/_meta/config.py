"""The fields of an account at Meta that the three kinds of channel share. Password widgets mark the secrets."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import graph

_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}")


def secret_field(label: Any, **more: Any) -> forms.CharField:
    """Return a field that is never shown again."""
    return forms.CharField(
        label=label, max_length=1000, widget=forms.PasswordInput(render_value=False), **{"required": False, **more}
    )


def id_field(label: Any, **more: Any) -> forms.RegexField:
    """Return a field for one of Meta's numeric ids."""
    return forms.RegexField(r"\A\d{1,40}\Z", label=label, max_length=40, **more)


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
    graph_version = forms.RegexField(_VERSION, label=_("Version of the API"), max_length=10, initial=graph.VERSION)

    def clean_base_url(self) -> str:
        """Keep it without a slash at the end."""
        return str(self.cleaned_data["base_url"]).rstrip("/")

"""The form of a webhook; whether it can be so beyond its shape is decided by `keeping`."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Team
from conversations.models.webhook import Webhook
from conversations.webhooks.keeping import Wanted
from conversations.webhooks.kinds import CHOSEN_AT_FIRST, Group
from customers.custom import Wrong, readable
from helpdesk.lib.guard import is_public

NAME_MAX, URL_MAX = 80, 2_000


class WebhookForm(forms.Form):
    """What an administrator says of a webhook. Private teams are asked for only where there are some to offer."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False)
    url = forms.CharField(label=gettext_lazy("Address"), required=False)
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told of"), choices=Group.choices, widget=forms.CheckboxSelectMultiple,
        required=False,
    )  # fmt: skip
    teams = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Private teams it may be told of"), queryset=Team.objects.none(),
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, teams: "QuerySet[Team]", row: Webhook | None = None, **kwargs: Any) -> None:
        initial = {"groups": CHOSEN_AT_FIRST} if row is None else _shown(row)
        super().__init__(*args, **{"label_suffix": "", "auto_id": "webhook-%s", "initial": initial, **kwargs})
        self.fields["name"].widget.attrs |= {"class": "input", "dir": "auto", "maxlength": NAME_MAX, "required": True}
        self.fields["url"].widget.attrs |= {
            "class": "input", "dir": "ltr", "inputmode": "url", "autocomplete": "off", "spellcheck": "false",
            "placeholder": "https://example.org/telaio", "aria-describedby": "url-hint", "required": True,
            "translate": "no",
        }  # fmt: skip
        if teams.exists():
            self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        else:
            del self.fields["teams"]

    @property
    def wanted(self) -> Wanted:
        """What was asked for, in its shape."""
        said = self.cleaned_data
        return Wanted(said["name"], said["url"], said["groups"], list(said.get("teams", [])))

    def clean_name(self) -> str:
        """Refuse what nobody can read."""
        try:
            name = " ".join(readable(self.cleaned_data["name"], NAME_MAX).split())
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        if not name:
            raise forms.ValidationError(_("Write a name."))
        return name

    def clean_url(self) -> str:
        """Refuse what no signed body should go to; names are looked up only when something is sent."""
        url = self.cleaned_data["url"].strip()
        if len(url) > URL_MAX or not is_address(url):
            raise forms.ValidationError(_("Write a public address that begins with https:// and holds no password."))
        return url

    def clean_groups(self) -> list[str]:
        """Refuse a webhook that would never be told anything."""
        groups: list[str] = self.cleaned_data["groups"]
        if not groups:
            raise forms.ValidationError(_("Choose what it is told of."))
        return groups


def is_address(url: str) -> bool:
    """Whether this is an https address of a public host, without a password, as far as its spelling tells."""
    if not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or parts.fragment or not host:
        return False
    try:
        return is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal"))


def _shown(row: Webhook) -> dict[str, Any]:
    return {"name": row.name, "url": row.url, "groups": row.groups, "teams": list(row.teams.all())}

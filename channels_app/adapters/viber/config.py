"""What an administrator fills in for a bot on Viber."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._chat import asking_for

API = "https://chatapi.viber.com"
NAME_MAX = 28


class ViberConfigForm(forms.Form):
    """The bot's token and name, and where Viber is asked."""

    folded: ClassVar[tuple[str, ...]] = ("previous_token", "base_url")

    address = forms.CharField(
        label=_("Bot's name in links"), max_length=64, required=False, help_text=_("Empty: Viber is asked for it.")
    )
    name = forms.CharField(
        label=_("Sender name"),
        max_length=NAME_MAX,
        required=False,
        help_text=_("Shown where no agent's name is; at most 28 characters."),
    )
    token = asking_for.secret(_("Token"), required=True, help_text=_("From the bot's page at partners.viber.com."))
    previous_token = asking_for.secret(_("Previous token"), help_text=_("Accepted too while you change tokens."))
    base_url = asking_for.base_url(_("Address of Viber"), API)

"""What an administrator fills in for a bot on Telegram."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._chat import asking_for

API = "https://api.telegram.org"
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramConfigForm(forms.Form):
    """The bot, the secret by which Telegram's calls are known, and where Telegram is asked."""

    address = forms.CharField(
        label=_("Bot"), max_length=64, required=False, help_text=_("@name; empty: Telegram is asked for it.")
    )
    token = asking_for.secret(_("Token"), required=True, help_text=_("123456:ABC… from @BotFather."))
    secret = asking_for.secret(
        _("Secret of the webhook"), help_text=_("Empty: one is made when the channel is connected.")
    )
    previous_secret = asking_for.secret(
        _("Previous secret of the webhook"), help_text=_("Accepted too while you change secrets.")
    )
    groups = asking_for.groups_field()
    base_url = asking_for.base_url(_("Address of Telegram"), API)

    def clean_address(self) -> str:
        """Keep one spelling of the bot's name."""
        name = str(self.cleaned_data["address"]).strip().removeprefix("https://t.me/").removeprefix("@")
        return f"@{name}" if name else ""

    def clean_token(self) -> str:
        """Refuse what @BotFather never gives."""
        token = str(self.cleaned_data["token"]).strip()
        if token and not TOKEN.fullmatch(token):
            raise forms.ValidationError(_("A token looks like 123456:ABC…, without spaces."))
        return token

    def clean_secret(self) -> str:
        """Refuse signs that Telegram does not take."""
        return self._spelled("secret")

    def clean_previous_secret(self) -> str:
        """Refuse signs that Telegram does not take."""
        return self._spelled("previous_secret")

    def _spelled(self, name: str) -> str:
        value = str(self.cleaned_data[name])
        if value and not SECRET.fullmatch(value):
            raise forms.ValidationError(_("Only letters without accents, digits, _ and - are possible."))
        return value

"""What an administrator fills in for a bot on Telegram."""

import re
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._chat import asking_for

if TYPE_CHECKING:
    from channels_app.models import Channel

API = "https://api.telegram.org"
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def secrets_of(channel: "Channel") -> list[str]:
    """Return what Telegram may show; the first is what it is told. Where nobody chose one it is made of our own key."""
    config = channel.config
    chosen, previous = str(config.get("secret") or ""), str(config.get("previous_secret") or "")
    keys = [] if chosen else [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [salted_hmac("telegram-webhook", channel.public_key, secret=key, algorithm="sha256") for key in keys]
    return [one for one in (chosen, *(found.hexdigest() for found in made), previous) if one]


class TelegramConfigForm(forms.Form):
    """The bot, the secret by which Telegram's calls are known, and where Telegram is asked."""

    folded: ClassVar[tuple[str, ...]] = ("secret", "previous_secret", "base_url")

    address = forms.CharField(
        label=_("Bot"), max_length=64, required=False, help_text=_("@name; empty: Telegram is asked for it.")
    )
    token = asking_for.secret(_("Token"), required=True, help_text=_("123456:ABC… from @BotFather."))
    secret = asking_for.secret(_("Secret of the webhook"), help_text=_("Empty: the desk makes one of its own."))
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

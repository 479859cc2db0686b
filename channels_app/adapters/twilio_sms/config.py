"""What an administrator fills in for a number at Twilio."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sms.asking_for import base_url, clean_region, region_field, secret, with_initials
from channels_app.adapters._sms.people import WHATSAPP, phone


class TwilioConfigForm(forms.Form):
    """The account, the number or the service it writes from, and where Twilio is asked."""

    folded: ClassVar[tuple[str, ...]] = (
        "auth_token_next", "messaging_service", "region", "validity_seconds", "per_second", "collects_missed",
        "api_url", "content_url",
    )  # fmt: skip

    account_sid = forms.RegexField(
        r"^AC[0-9a-zA-Z]{32}$",
        label=_("Account SID"),
        help_text=_("AC… from the first page of the console."),
        error_messages={"invalid": _("It is AC and 32 letters and digits after it, without spaces.")},
    )
    auth_token = secret(_("Auth token"), required=True, help_text=_("Twilio signs its calls with it."))
    auth_token_next = secret(
        _("Secondary auth token"), help_text=_("While you change tokens, so that both are accepted.")
    )
    api_key = forms.CharField(
        label=_("API key"), max_length=64, required=False, help_text=_("SK…; recommended for sending.")
    )
    api_secret = secret(_("API key's secret"))
    address = forms.CharField(
        label=_("Number"),
        max_length=100,
        help_text=_("+15550100, a short code or a name; for WhatsApp whatsapp:+15550100."),
    )
    messaging_service = forms.RegexField(
        r"^MG[0-9a-zA-Z]{32}$",
        label=_("Messaging service"),
        required=False,
        help_text=_("MG…; empty: the number itself writes."),
        error_messages={"invalid": _("It is MG and 32 letters and digits after it, without spaces.")},
    )
    region = region_field()
    validity_seconds = forms.IntegerField(
        label=_("How long a message is worth delivering, in seconds"),
        min_value=1,
        max_value=36_000,
        required=False,
        help_text=_("Empty: as long as Twilio tries."),
    )
    per_second = forms.FloatField(
        label=_("Messages in a second"),
        min_value=0.1,
        max_value=1_000,
        required=False,
        help_text=_("Empty: as many as usual."),
    )
    collects_missed = forms.BooleanField(label=_("Look for messages whose call was lost"), required=False, initial=True)
    api_url = base_url(_("Address of Twilio"), "https://api.twilio.com")
    content_url = base_url(_("Address of Twilio's templates"), "https://content.twilio.com")

    def clean_region(self) -> str:
        """Keep the two letters of a country."""
        return clean_region(self.cleaned_data["region"])

    def clean_address(self) -> str:
        """Keep the one spelling of a number; names and short codes as they are."""
        written = self.cleaned_data["address"].strip()
        is_whatsapp = written.lower().startswith(WHATSAPP)
        number = phone(written[len(WHATSAPP) :] if is_whatsapp else written)
        if is_whatsapp and not number:
            raise forms.ValidationError(_("Give the number with its country's code: whatsapp:+15550100."))
        return f"{WHATSAPP}{number}" if is_whatsapp else number or written

    def clean(self) -> dict[str, Any]:
        """A key needs its secret."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("api_key") and not cleaned.get("api_secret"):
            self.add_error("api_secret", _("Give the secret of the key."))
        return cleaned


def settings_of(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with Twilio's own addresses where it names none."""
    return with_initials(TwilioConfigForm, config)

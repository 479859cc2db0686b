"""What an administrator fills in for a number at Vonage."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sms.asking_for import base_url, secret, with_initials
from channels_app.adapters._sms.people import phone

SMS, MESSAGES = "sms", "messages"


class VonageConfigForm(forms.Form):
    """The account, which of its two interfaces is used, and how its calls are signed."""

    folded: ClassVar[tuple[str, ...]] = ("signature_secret_next", "per_second", "sms_url", "api_url")

    api_key = forms.CharField(label=_("API key"), max_length=40)
    api_secret = secret(_("API secret"), required=True)
    address = forms.CharField(
        label=_("Number or name"), max_length=100, help_text=_("+15550100, or a name of at most 11 letters.")
    )
    interface = forms.ChoiceField(
        label=_("Interface"),
        choices=[(SMS, _("SMS API")), (MESSAGES, _("Messages API (SMS and MMS)"))],
        initial=SMS,
        help_text=_("The one that is chosen under “Default SMS setting” of the account."),
    )
    signature_secret = secret(
        _("Signature secret"), required=True, help_text=_("From the account's settings; calls without it are refused.")
    )
    signature_secret_next = secret(_("Next signature secret"), help_text=_("While you change it."))
    signature_method = forms.ChoiceField(
        label=_("Signature method"),
        choices=[
            ("md5hash", _("MD5 hash")), ("md5", _("MD5 HMAC")), ("sha1", _("SHA-1 HMAC")),
            ("sha256", _("SHA-256 HMAC")), ("sha512", _("SHA-512 HMAC")),
        ],
        initial="sha256",
        help_text=_("As in the account's settings."),
    )  # fmt: skip
    per_second = forms.FloatField(
        label=_("Messages in a second"),
        min_value=0.1,
        max_value=1_000,
        required=False,
        help_text=_("Empty: as many as usual."),
    )
    sms_url = base_url(_("Address of the SMS API"), "https://rest.nexmo.com")
    api_url = base_url(_("Address of Vonage"), "https://api.nexmo.com")

    def clean_address(self) -> str:
        """Keep the one spelling of a number; names as they are."""
        written: str = self.cleaned_data["address"].strip()
        return phone(written, is_international=True) or written


def settings_of(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with Vonage's own addresses where it names none."""
    return with_initials(VonageConfigForm, config)

"""What an administrator says of a gateway: how it calls, where things stand in its bodies, how it is asked."""

import ipaddress
import json
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sms.asking_for import clean_region, region_field, secret, with_initials
from channels_app.adapters.http_sms.filling import MARK, STATES, WORDS

AUTHS = [
    ("basic", _("User and password (HTTP Basic)")),
    ("header", _("A secret in a header")),
    ("hmac", _("A signature over the body in a header")),
    ("ip", _("Only the addresses it calls from")),
]
# Words of a standard, the same in every language.
AS_IT_IS = {"translate": "no", "dir": "ltr"}


def _text(label: Any, initial: str = "", *, help_text: Any = "", required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, initial=initial, required=required, help_text=help_text)


class HttpSmsConfigForm(forms.Form):
    """A gateway of any kind. Places in bodies are names with dots between them: data.0.text."""

    folded: ClassVar[tuple[str, ...]] = (
        "region", "auth_secret_next", "auth_algorithm", "auth_encoding", "auth_prefix", "list_at", "to_at",
        "time_at", "media_at", "status_error_at", "status_words", "reply_body", "number_format", "response_id_at",
        "response_error_at", "good_errors", "error_words", "per_second",
    )  # fmt: skip

    address = _text(_("Our number or name"), required=True)
    region = region_field()
    auth = forms.ChoiceField(label=_("How its calls are told from others"), choices=AUTHS, initial="header")
    auth_user = _text(_("Its user name"))
    auth_secret = secret(_("Its password or secret"))
    auth_secret_next = secret(_("Its next password or secret"), help_text=_("While you change it."))
    auth_header = _text(_("Header of the secret or the signature"), "X-Signature")
    auth_algorithm = forms.ChoiceField(
        label=_("Algorithm of the signature"), initial="sha256",
        choices=[("sha1", "HMAC-SHA1"), ("sha256", "HMAC-SHA256"), ("sha512", "HMAC-SHA512")],
        widget=forms.Select(attrs=AS_IT_IS),
    )  # fmt: skip
    auth_encoding = forms.ChoiceField(
        label=_("How the signature is written"), initial="hex",
        choices=[("hex", _("Hexadecimal")), ("base64", _("Base64"))],
    )  # fmt: skip
    auth_prefix = _text(_("What stands before the signature"), help_text=_("Such as sha256=."))
    auth_networks = forms.CharField(
        label=_("Addresses it calls from"), max_length=2_000, required=False, widget=forms.Textarea,
        help_text=_("One a line: 203.0.113.7 or 203.0.113.0/24. They count beside the other ways, too."),
    )  # fmt: skip
    list_at = _text(_("Where a list of messages stands"), help_text=_("Empty: the body is one message, or a list."))
    id_at = _text(_("Where a message's id stands"), "id")
    from_at = _text(_("Where the sender stands"), "from", required=True)
    to_at = _text(_("Where our number stands"), "to")
    text_at = _text(_("Where the text stands"), "text", required=True)
    time_at = _text(_("Where the time stands"), "timestamp")
    media_at = _text(_("Where the address of a file, or a list of them, stands"), "media")
    status_at = _text(_("Where the state of a message of ours stands"), "status")
    status_id_at = _text(_("Where the id of a message of ours stands"), "id")
    status_error_at = _text(_("Where the code of an error stands"), "error")
    status_words = forms.JSONField(
        label=_("Its words for states"), required=False,
        initial={"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"},
        help_text=_("Each of its words with sent, delivered, read or failed."),
    )  # fmt: skip
    reply_body = _text(_("What it wants to hear"), help_text=_("Empty: nothing but 200."))
    url = forms.CharField(
        label=_("Address that sends"), max_length=1_000,
        help_text=_("https://gateway.example.org/send; {to}, {from}, {text} and {id} may stand behind the host."),
    )  # fmt: skip
    method = forms.ChoiceField(
        label=_("Method"), choices=[(name, name) for name in ("POST", "PUT", "GET")],
        widget=forms.Select(attrs=AS_IT_IS),
    )  # fmt: skip
    headers = forms.CharField(
        label=_("Headers"), max_length=4_000, required=False, widget=forms.PasswordInput(render_value=False),
        help_text=_('As JSON: {"Authorization": "Bearer …"}. They are kept secret.'),
    )  # fmt: skip
    encoding = forms.ChoiceField(
        label=_("Body"), choices=[("json", _("JSON")), ("form", _("Form")), ("none", _("None"))], initial="json"
    )
    body = forms.JSONField(
        label=_("What stands in the body"), required=False,
        initial={"from": "{from}", "to": "{to}", "text": "{text}", "id": "{id}", "callback": "{callback}"},
        help_text=_("{to}, {from}, {text}, {id} and {callback} are filled in."),
    )  # fmt: skip
    number_format = forms.ChoiceField(
        label=_("How it wants numbers"), initial="plus",
        choices=[("plus", "+40740555012"), ("plain", "40740555012"), ("zeros", "0040740555012")],
    )  # fmt: skip
    response_id_at = _text(_("Where the id stands in its answer"), "id")
    response_error_at = _text(_("Where the code of an error stands in its answer"), "error")
    good_errors = _text(_("Codes that are no error"), "0", help_text=_("With commas between them."))
    error_words = forms.JSONField(
        label=_("Its codes of errors"), required=False, initial={},
        help_text=format_lazy(_("Each with one of: {words}."), words=", ".join(sorted(WORDS))),
    )  # fmt: skip
    per_second = forms.FloatField(
        label=_("Messages in a second"),
        min_value=0.1,
        max_value=1_000,
        required=False,
        help_text=_("Empty: as many as usual."),
    )

    def clean_region(self) -> str:
        """Keep the two letters of a country."""
        return clean_region(self.cleaned_data["region"])

    def clean_auth_networks(self) -> str:
        """Refuse what is no address and no network."""
        written: str = self.cleaned_data["auth_networks"]
        try:
            for one in written.split():
                ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise forms.ValidationError(_("Give addresses such as 203.0.113.7 or 203.0.113.0/24.")) from None
        return written

    def clean_url(self) -> str:
        """The host is never filled in: a message must not say whom we ask."""
        url: str = self.cleaned_data["url"].strip()
        try:
            parts = urlsplit(url)
            is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not MARK.search(parts.netloc)
        except ValueError:
            is_good = False
        if not is_good:
            raise forms.ValidationError(_("Give an address such as https://gateway.example.org/send."))
        return url

    def clean_headers(self) -> str:
        """Refuse what is no JSON object of texts on one line each."""
        written: str = self.cleaned_data["headers"]
        try:
            found = json.loads(written or "{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(_is_header(name, value) for name, value in found.items()):
            raise forms.ValidationError(_('Give headers as JSON: {"Authorization": "Bearer …"}.'))
        return written

    def clean_status_words(self) -> dict[str, str]:
        """Refuse words of ours that there are not."""
        return _mapped(self.cleaned_data["status_words"], set(STATES))

    def clean_error_words(self) -> dict[str, str]:
        """Refuse words of ours that there are not."""
        return _mapped(self.cleaned_data["error_words"], set(WORDS))

    def clean(self) -> dict[str, Any]:
        """Each way of telling its calls needs what it is told by: nothing at all would let everybody in."""
        cleaned: dict[str, Any] = super().clean() or {}
        needed = "auth_networks" if cleaned.get("auth") == "ip" else "auth_secret"
        if cleaned.get("auth") and not cleaned.get(needed):
            self.add_error(needed, _("Its calls could not be told from anybody else's without this."))
        return cleaned


def settings_of(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with the usual places where it names none."""
    return with_initials(HttpSmsConfigForm, config)


def _is_header(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, str) and name.isascii() and not set("\r\n\0") & set(name + value)


def _mapped(given: object, allowed: set[str]) -> dict[str, str]:
    found = given or {}
    if not isinstance(found, dict) or not set(map(str, found.values())) <= allowed:
        raise forms.ValidationError(_("Give a JSON object with one of these words each: %(words)s.")
                                    % {"words": ", ".join(sorted(allowed))})  # fmt: skip
    return {str(name).lower(): str(value) for name, value in found.items()}

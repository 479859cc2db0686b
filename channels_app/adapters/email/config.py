"""The settings of one mailbox: the form that checks them and the servers they name."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.lib.emails import spell_address

SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class BadServer(ValueError):
    """The address of a mail server cannot be understood."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail leaves. `tls` from the first byte; `starttls` demanded after the greeting."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def smtp_server(url: str) -> SmtpServer:
    """Read `smtp[s]://user:password@host:port` or `smtp+starttls://…`. Raises BadServer."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise BadServer from None
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise BadServer
    return SmtpServer(
        host=parts.hostname,
        port=port or SMTP_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+starttls",
    )


class EmailConfigForm(forms.Form):
    """What an administrator fills in for a mailbox. Password widgets mark the secrets."""

    address = forms.EmailField(label=_("Address of the mailbox"), max_length=254)
    name = forms.CharField(
        label=_("Sender name"), max_length=80, required=False, help_text=_("Shown behind the agent's name.")
    )
    smtp_url = forms.CharField(
        label=_("Outgoing server"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(render_value=False),
        help_text=_("smtp+starttls://user:password@mail.example.org:587; empty: the server of this desk."),
    )
    imap_host = forms.CharField(label=_("IMAP server"), max_length=253, required=False)
    imap_port = forms.IntegerField(label=_("IMAP port"), min_value=1, max_value=65535, required=False, initial=993)
    imap_user = forms.CharField(label=_("IMAP user"), max_length=254, required=False)
    imap_password = forms.CharField(
        label=_("IMAP password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=False),
    )
    imap_ssl = forms.BooleanField(label=_("Encrypted (TLS)"), required=False, initial=True)
    imap_folder = forms.CharField(label=_("IMAP folder"), max_length=200, required=False, initial="INBOX")

    def clean_address(self) -> str:
        """Keep the one spelling of the address."""
        address = spell_address(self.cleaned_data["address"])
        if not address or "+" in address.partition("@")[0]:
            raise forms.ValidationError(_("A mailbox needs a plain address, without a plus sign."))
        return address

    def clean_name(self) -> str:
        """Refuse line ends, which would become header lines."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_smtp_url(self) -> str:
        """Refuse an outgoing server that cannot be understood."""
        url: str = self.cleaned_data["smtp_url"]
        try:
            if url:
                smtp_server(url)
        except BadServer:
            raise forms.ValidationError(
                _("Give an address such as smtp+starttls://user:password@mail.example.org:587.")
            ) from None
        return url

    def clean(self) -> dict[str, Any]:
        """An IMAP server needs a user."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("imap_host") and not cleaned.get("imap_user"):
            self.add_error("imap_user", _("Give the user of the IMAP server."))
        return cleaned

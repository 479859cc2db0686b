"""What an administrator fills in for an API channel."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sms import asking_for

SECRET_MIN = 16


class ApiConfigForm(forms.Form):
    """The other system: its name, the secret that both sides know, and where it is told of answers."""

    folded: ClassVar[tuple[str, ...]] = ("secret_next",)

    address = forms.CharField(
        label=_("Name of the system"), max_length=100,
        help_text=_("Its people are known by its ids; two channels of one name share them."),
    )  # fmt: skip
    secret = asking_for.secret(
        _("Secret"), required=True, help_text=_("At least 16 characters; both sides sign with it.")
    )
    secret_next = asking_for.secret(
        _("Next secret"), help_text=_("While you change it: both are accepted, and both sign.")
    )
    target_url = forms.URLField(
        label=_("Address for answers"), max_length=500, required=False, assume_scheme="https",
        help_text=_("Where the other system takes what is written here."),
    )  # fmt: skip

    def clean_secret(self) -> str:
        """Refuse what could be guessed."""
        return _long(self.cleaned_data["secret"])

    def clean_secret_next(self) -> str:
        """Refuse what could be guessed."""
        return _long(self.cleaned_data["secret_next"])


def _long(written: str) -> str:
    if written and len(written) < SECRET_MIN:
        raise forms.ValidationError(_("A secret has at least 16 characters."))
    return written

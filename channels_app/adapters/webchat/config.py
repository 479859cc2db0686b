"""What an administrator decides about a widget: where it may stand, how it looks and greets, whom it believes."""

import re
import secrets
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters.webchat import colours, sites, topics

FOLLOW_UP_MINUTES = 2
FOLLOW_UP_MAX_MINUTES = 1_440
# Long enough to read a message and change the app, too short for whoever finds the phone or the mail later.
HOP_MINUTES = 30
HOP_MIN_MINUTES, HOP_MAX_MINUTES = 5, 1_440
HEX = re.compile(r"#[0-9a-f]{6}")


class WebchatConfigForm(forms.Form):
    """One widget. Its texts are the desk's own words in the visitor's language unless others are written here."""

    sites = forms.CharField(
        label=_("Websites"), required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
        help_text=_("Where the widget may stand, one on a line, for example https://shop.example.test"),
    )  # fmt: skip
    label = forms.CharField(
        label=_("Text of the button"), required=False, max_length=20,
        help_text=_("Empty: “Chat with us” in the visitor's language."),
    )  # fmt: skip
    greeting = forms.CharField(
        label=_("Greeting"), required=False, max_length=200,
        help_text=_("Shown above an empty conversation. Empty: ours, in the visitor's language."),
    )  # fmt: skip
    accent = forms.CharField(
        label=_("Colour"), initial="#1f4d3a", max_length=7, widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=_("As #rrggbb, for example #1f4d3a. White text must be readable on it."),
    )  # fmt: skip
    corner = forms.ChoiceField(label=_("Corner"), choices=[("end", _("Bottom end")), ("start", _("Bottom start"))])
    topics = forms.CharField(
        label=_("Topics of your pages"), required=False, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_(
            "One on a line, with the team that answers it, for example “Returns > Warehouse”. What a page with "
            "data-telaio-topic=\"Returns\" begins is given that topic and waits for that team."
        ),
    )  # fmt: skip
    follow_up_minutes = forms.IntegerField(
        label=_("Minutes until an unread answer goes by email"), min_value=1, max_value=FOLLOW_UP_MAX_MINUTES,
        initial=FOLLOW_UP_MINUTES, help_text=_("After the visitor has left, if they gave an address."),
    )  # fmt: skip
    hop_minutes = forms.IntegerField(
        label=_("Minutes for which a link to the secure chat opens"), min_value=HOP_MIN_MINUTES,
        max_value=HOP_MAX_MINUTES, initial=HOP_MINUTES, required=False,
        help_text=_("Agents send it from other channels. It opens once."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Secret for signed-in customers"), max_length=200, required=False, widget=forms.PasswordInput,
        help_text=_("Your shop signs who is logged in with it. Leave it empty to have one made."),
    )  # fmt: skip
    secret_next = forms.CharField(
        label=_("Next secret"), max_length=200, required=False, widget=forms.PasswordInput,
        help_text=_("While you change it: both are accepted."),
    )  # fmt: skip
    checks_addresses = forms.BooleanField(
        label=_("The shop has checked its customers' addresses"), required=False,
        help_text=_(
            "Then a signed address proves who writes, and opens what was said by mail. Only if your shop sends a link "
            "to each new address."
        ),
    )  # fmt: skip
    SECRET_MIN: ClassVar[int] = 32

    def clean_sites(self) -> str:
        """Spell each as its origin; what is none is named."""
        written = self.cleaned_data["sites"].split()
        wrong = [one for one in written if not sites.origin_of(one)]
        if wrong:
            words = _("This is no website: %(site)s. Write it as https://shop.example.test")
            raise forms.ValidationError(words, params={"site": wrong[0][:100]})
        return "\n".join(dict.fromkeys(map(sites.origin_of, written)))

    def clean_topics(self) -> str:
        """Name a team that there is not."""
        try:
            return topics.read(self.cleaned_data["topics"])
        except topics.NoTeam as error:
            words = _("There is no team called %(team)s.")
            raise forms.ValidationError(words, params={"team": str(error)[:100]}) from error

    def clean_accent(self) -> str:
        """Refuse a colour on which white text cannot be read (WCAG 2.2, 1.4.3)."""
        accent = str(self.cleaned_data["accent"]).strip().lower()
        if not HEX.fullmatch(accent):
            raise forms.ValidationError(_("Write a colour as #rrggbb, for example #1f4d3a."))
        if colours.contrast(accent, "#ffffff") < colours.READABLE:
            raise forms.ValidationError(_("White text cannot be read on this colour. Choose a darker one."))
        return accent

    def clean_secret(self) -> str:
        """Make a secret where none is given; refuse one that could be guessed."""
        return _long(self.cleaned_data["secret"] or secrets.token_hex(32))

    def clean_secret_next(self) -> str:
        """Refuse what could be guessed."""
        return _long(self.cleaned_data["secret_next"])


def secrets_of(config: dict[str, Any]) -> list[str]:
    """Return the secrets that are believed, while one is being changed both."""
    return [str(config[name]) for name in ("secret", "secret_next") if config.get(name)]


def _long(written: str) -> str:
    if written and len(written) < WebchatConfigForm.SECRET_MIN:
        raise forms.ValidationError(_("A secret has at least 32 characters."))
    return written

"""What an administrator fills in for an official account on LINE."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._chat import asking_for

API = "https://api.line.me"
DATA = "https://api-data.line.me"
# Where LINE's own programs fetch the pictures of stickers; not a promise of the documentation (read 2026-11).
STICKERS = "https://stickershop.line-scdn.net/stickershop/v1/sticker/{id}/android/sticker.png"


class LineConfigForm(forms.Form):
    """The account's keys, and where LINE is asked."""

    folded: ClassVar[tuple[str, ...]] = ("previous_secret", "base_url", "data_url", "sticker_url")

    address = forms.CharField(
        label=_("Basic ID"), max_length=64, required=False, help_text=_("@123abcde; empty: LINE is asked for it.")
    )
    access_token = asking_for.secret(_("Channel access token"), required=True, help_text=_("The long-lived one."))
    channel_secret = asking_for.secret(_("Channel secret"), required=True, help_text=_("LINE signs its calls with it."))
    previous_secret = asking_for.secret(
        _("Previous channel secret"), help_text=_("Accepted too while you change secrets.")
    )
    groups = asking_for.groups_field()
    base_url = asking_for.base_url(_("Address of LINE"), API)
    data_url = asking_for.base_url(_("Address of LINE's files"), DATA)
    sticker_url = forms.CharField(
        label=_("Address of stickers' pictures"),
        initial=STICKERS,
        max_length=300,
        required=False,
        help_text=_("{id} stands for the sticker. Empty: stickers are shown as words."),
    )

    def clean_sticker_url(self) -> str:
        """Refuse what is no address with a place for the sticker."""
        url = str(self.cleaned_data["sticker_url"]).strip()
        if url and not (url.startswith("https://") and "{id}" in url):
            raise forms.ValidationError(_("Give an address that begins with https:// and has {id} in it."))
        return url

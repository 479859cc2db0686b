"""What an administrator fills in for an Instagram account, by either log-in."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import graph
from channels_app.adapters._meta.config import MetaConfigForm, id_field, secret_field

INSTAGRAM, PAGE = "instagram", "page"
LOGINS = ((INSTAGRAM, _("Instagram log-in")), (PAGE, _("By its Facebook Page")))


class InstagramConfigForm(MetaConfigForm):
    """One professional account. Which log-in it was connected with decides the host and the secret."""

    folded: ClassVar[tuple[str, ...]] = ("app_secret_next", "instagram_app_secret_next", "base_url", "graph_version")
    field_order = ("address", "login", "ig_id", "page_id", "access_token", "app_secret", "instagram_app_secret")

    address = forms.CharField(label=_("User name"), max_length=60, required=False, help_text=_("Such as @our.shop."))
    login = forms.ChoiceField(label=_("Connected by"), choices=LOGINS, initial=INSTAGRAM)
    ig_id = id_field(
        _("Id of the account"), help_text=_("The id of the professional account (user_id), as webhooks name it.")
    )
    page_id = id_field(_("Id of the Page"), required=False, help_text=_("Only where it is connected by its Page."))
    app_secret = secret_field(_("App secret"), help_text=_("Of the Facebook app; Meta signs with either."))
    instagram_app_secret = secret_field(
        _("Instagram app secret"), help_text=_("With Instagram's own log-in it is another one than the app secret.")
    )
    instagram_app_secret_next = secret_field(_("Next Instagram app secret"))
    base_url = forms.URLField(
        label=_("Address of the API"), max_length=300, initial=graph.INSTAGRAM, required=False, assume_scheme="https"
    )

    def clean(self) -> dict[str, Any]:
        """Demand one secret, and the Page where it is needed; each log-in has its own host."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("app_secret") and not cleaned.get("instagram_app_secret"):
            self.add_error("instagram_app_secret", _("Give the app secret or the Instagram app secret."))
        is_by_page = cleaned.get("login") == PAGE
        if is_by_page and not cleaned.get("page_id"):
            self.add_error("page_id", _("Give the id of the Page that the account is connected to."))
        hosts = {"", graph.INSTAGRAM, graph.FACEBOOK}
        if cleaned.get("base_url", "") in hosts:
            cleaned["base_url"] = graph.FACEBOOK if is_by_page else graph.INSTAGRAM
        return cleaned

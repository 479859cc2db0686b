"""What an administrator fills in for a WhatsApp number."""

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta.config import MetaConfigForm, id_field


class WhatsAppConfigForm(MetaConfigForm):
    """One number of a WhatsApp Business account."""

    field_order = ("address", "phone_number_id", "waba_id", "access_token", "app_secret")

    address = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        help_text=_("As customers know it, such as +39 02 555 0100."),
    )
    phone_number_id = id_field(
        _("Id of the phone number"), help_text=_("Not the number itself: Meta shows the id beside it.")
    )
    waba_id = id_field(_("Id of the WhatsApp Business account"), help_text=_("Templates belong to it."))

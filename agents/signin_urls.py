"""The addresses of signing in, under allauth's names because its views find each other by them."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path
from django.views.generic import RedirectView

password = [
    path("password/", account.password_change, name="account_change_password"),
    path("password/first/", account.password_set, name="account_set_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("password/confirm/", account.reauthenticate, name="account_reauthenticate"),
]

two_factor = [
    path("two-factor/", mfa.index, name="mfa_index"),
    path("two-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("two-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("two-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("two-factor/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("two-factor/recovery/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("two-factor/recovery/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("two-factor/recovery/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("two-factor/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("two-factor/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("two-factor/passkeys/confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("two-factor/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("two-factor/passkeys/<int:pk>/removal/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("login/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("logout/", account.logout, name="account_logout"),
    *password,
    *two_factor,
    # Allauth's shared views link to these two; we have neither page.
    path("login/new/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path("me/email/", RedirectView.as_view(url="/me/"), name="account_email"),
]

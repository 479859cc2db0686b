"""The addresses of an agent's own pages and of the settings."""

from django.urls import path
from django.views.generic import RedirectView

from agents import views
from agents.programs import pages

urlpatterns = [
    path("me/", RedirectView.as_view(pattern_name="preferences"), name="me"),
    path("me/preferences/", views.preferences, name="preferences"),
    path("me/theme/", views.theme, name="theme"),
    path("me/tokens/", pages.own_tokens, name="own_tokens"),
    path("me/tokens/new/", pages.own_token, name="own_token"),
    path("me/tokens/<int:pk>/revocation/", pages.own_token_revocation, name="own_token_revocation"),
    path("settings/", views.settings, name="settings"),
    path("settings/api/", pages.programs, name="programs"),
    path("settings/api/services/new/", pages.service_new, name="service_new"),
    path("settings/api/services/<int:pk>/", pages.service, name="service"),
    path("settings/api/services/<int:pk>/retirement/", pages.service_retirement, name="service_retirement"),
    path("settings/api/services/<int:pk>/tokens/new/", pages.service_token, name="service_token"),
    path("settings/api/tokens/<int:pk>/revocation/", pages.token_revocation, name="token_revocation"),
]

"""The addresses of an agent's own pages and of the settings."""

from django.urls import path
from django.views.generic import RedirectView

from agents import views

urlpatterns = [
    path("me/", RedirectView.as_view(pattern_name="preferences"), name="me"),
    path("me/preferences/", views.preferences, name="preferences"),
    path("me/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
]

"""The addresses of an agent's own pages and of the settings."""

from django.urls import path
from django.views.generic import RedirectView

from agents import views
from agents.staff import role_views

urlpatterns = [
    path("me/", RedirectView.as_view(pattern_name="preferences"), name="me"),
    path("me/preferences/", views.preferences, name="preferences"),
    path("me/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
    path("settings/roles/", role_views.roles, name="roles"),
    path("settings/roles/new/", role_views.role_new, name="role_new"),
    path("settings/roles/<int:pk>/", role_views.role, name="role"),
    path("settings/roles/<int:pk>/removal/", role_views.role_removal, name="role_removal"),
]

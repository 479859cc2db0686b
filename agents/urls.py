"""The addresses of an agent's own pages and of the settings."""

from django.urls import path
from django.views.generic import RedirectView

from agents import views
from agents.hours import views as hours_views
from agents.programs import pages
from agents.staff import brand_views, invitation_views, people_views, role_views, team_views

urlpatterns = [
    path("invitation/<str:secret>/", invitation_views.invitation, name="invitation"),
    path("me/", RedirectView.as_view(pattern_name="preferences"), name="me"),
    path("me/preferences/", views.preferences, name="preferences"),
    path("me/theme/", views.theme, name="theme"),
    path("me/tokens/", pages.own_tokens, name="own_tokens"),
    path("me/tokens/new/", pages.own_token, name="own_token"),
    path("me/tokens/<int:pk>/revocation/", pages.own_token_revocation, name="own_token_revocation"),
    path("settings/", views.settings, name="settings"),
    path("settings/people/", people_views.people, name="people"),
    path("settings/people/new/", people_views.person_new, name="person_new"),
    path("settings/people/<int:pk>/", people_views.person, name="person"),
    path("settings/people/<int:pk>/invitation/", people_views.person_invitation, name="person_invitation"),
    path("settings/people/<int:pk>/deactivation/", people_views.deactivation, name="deactivation"),
    path("settings/people/<int:pk>/activation/", people_views.activation, name="activation"),
    path("settings/teams/", team_views.teams, name="teams"),
    path("settings/teams/new/", team_views.team_new, name="team_new"),
    path("settings/teams/<int:pk>/", team_views.team, name="team"),
    path("settings/teams/<int:pk>/removal/", team_views.team_removal, name="team_removal"),
    path("settings/brands/", brand_views.brands, name="brands"),
    path("settings/brands/new/", brand_views.brand_new, name="brand_new"),
    path("settings/brands/<int:pk>/", brand_views.brand, name="brand"),
    path("settings/brands/<int:pk>/removal/", brand_views.brand_removal, name="brand_removal"),
    path("settings/roles/", role_views.roles, name="roles"),
    path("settings/roles/new/", role_views.role_new, name="role_new"),
    path("settings/roles/<int:pk>/", role_views.role, name="role"),
    path("settings/roles/<int:pk>/removal/", role_views.role_removal, name="role_removal"),
    path("settings/hours/", hours_views.hours, name="hours"),
    path("settings/hours/new/", hours_views.calendar_new, name="calendar_new"),
    path("settings/hours/choice/", hours_views.calendar_choice, name="calendar_choice"),
    path("settings/hours/<int:pk>/", hours_views.calendar, name="calendar"),
    path("settings/hours/<int:pk>/removal/", hours_views.calendar_removal, name="calendar_removal"),
    path("settings/api/", pages.programs, name="programs"),
    path("settings/api/services/new/", pages.service_new, name="service_new"),
    path("settings/api/services/<int:pk>/", pages.service, name="service"),
    path("settings/api/services/<int:pk>/retirement/", pages.service_retirement, name="service_retirement"),
    path("settings/api/services/<int:pk>/tokens/new/", pages.service_token, name="service_token"),
    path("settings/api/tokens/<int:pk>/revocation/", pages.token_revocation, name="token_revocation"),
]

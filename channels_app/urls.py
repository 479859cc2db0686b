"""Addresses of channels: the providers' door and the quarantine."""

from django.urls import path

from channels_app.views import quarantine, webhook

urlpatterns = [
    path("webhooks/<slug:kind>/<slug:key>/", webhook.receive, name="webhook"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/raw/", quarantine.raw, name="quarantine_raw"),
    path("quarantine/<int:pk>/replay/", quarantine.replay, name="quarantine_replay"),
]

"""Addresses of channels: the providers' door, the outbox and the quarantine."""

from django.urls import path

from channels_app.views import outbox, quarantine, webhook

urlpatterns = [
    path("webhooks/<slug:kind>/<slug:key>/", webhook.receive, name="webhook"),
    path("webhooks/<slug:kind>/<slug:key>/<path:rest>", webhook.receive, name="webhook_part"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/release/", outbox.release, name="outbox_release"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/raw/", quarantine.raw, name="quarantine_raw"),
    path("quarantine/<int:pk>/replay/", quarantine.replay, name="quarantine_replay"),
]

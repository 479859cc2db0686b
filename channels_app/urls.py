"""Addresses of channels: the providers' door, the outbox, the quarantine and the settings."""

from django.urls import include, path

from channels_app import adapters
from channels_app.views import channel, hopping, outbox, quarantine, setting_up, simulating, webhook

urlpatterns = [
    path("webhooks/<slug:kind>/<slug:key>/", webhook.receive, name="webhook"),
    path("webhooks/<slug:kind>/<slug:key>/<path:rest>", webhook.receive, name="webhook_part"),
    path("conversations/<int:number>/hops/", hopping.hops, name="hops"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/release/", outbox.release, name="outbox_release"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/raw/", quarantine.raw, name="quarantine_raw"),
    path("quarantine/<int:pk>/replay/", quarantine.replay, name="quarantine_replay"),
    path("settings/channels/", channel.channel_list, name="channel_list"),
    path("settings/channels/new/", channel.channel_kinds, name="channel_kinds"),
    path("settings/channels/new/<slug:kind>/", channel.channel_new, name="channel_new"),
    path("settings/channels/sandboxes/", channel.sandboxes, name="sandboxes"),
    path("settings/channels/pictures/", channel.profile_pictures, name="profile_pictures"),
    path("settings/channels/<int:pk>/", setting_up.channel_one, name="channel_one"),
    path("settings/channels/<int:pk>/account/", channel.channel_account, name="channel_account"),
    path("settings/channels/<int:pk>/state/", channel.channel_state, name="channel_state"),
    path("settings/channels/<int:pk>/key/", channel.channel_key, name="channel_key"),
    path("settings/channels/<int:pk>/removal/", channel.channel_removal, name="channel_removal"),
    path("settings/channels/<int:pk>/first-call/", setting_up.channel_waiting, name="channel_waiting"),
    path("settings/channels/<int:pk>/check/", setting_up.channel_check, name="channel_check"),
    path("settings/channels/<int:pk>/connection/", setting_up.channel_connection, name="channel_connection"),
    path("settings/channels/<int:pk>/message/", setting_up.channel_message, name="channel_message"),
    path("settings/channels/<int:pk>/templates/", setting_up.channel_templates, name="channel_templates"),
    path("settings/channels/<int:pk>/test/", simulating.channel_test, name="channel_test"),
    path("settings/channels/<int:pk>/test/sent/", simulating.channel_sent, name="channel_sent"),
    path("settings/channels/<int:pk>/test/status/", simulating.channel_status, name="channel_status"),
    path("settings/channels/<int:pk>/test/plan/", simulating.channel_plan, name="channel_plan"),
    # What kinds of channel bring themselves.
    *[path("", include(module)) for module in adapters.modules("urls")],
]

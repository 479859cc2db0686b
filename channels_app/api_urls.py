"""The public API of the outer doors: channels, to be read."""

from django.urls import path

from channels_app import api

urlpatterns = [
    path("channels/", api.ChannelList.as_view(), name="api-channels"),
]

"""The public API of the heart."""

from django.urls import path

from conversations import api

urlpatterns = [
    path("entries/", api.EntryList.as_view(), name="api-entries"),
    path("messages/", api.MessageCreate.as_view(), name="api-messages"),
]

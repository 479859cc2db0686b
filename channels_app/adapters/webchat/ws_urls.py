"""Where visitors' sockets enter."""

from django.urls import path

from channels_app.adapters.webchat.consumers import VisitorConsumer

urlpatterns = [path("ws/widget/<slug:key>/", VisitorConsumer.as_asgi())]

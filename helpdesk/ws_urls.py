"""Where WebSockets enter: `/ws/agent/` for agents, and what adapters bring."""

from importlib.util import find_spec
from typing import Any

from django.urls import path
from django.utils.module_loading import import_string

from channels_app import adapters

urlpatterns: list[Any] = []
if find_spec("conversations.consumers"):
    urlpatterns.append(path("ws/agent/", import_string("conversations.consumers.AgentConsumer").as_asgi()))
    for module in adapters.modules("ws_urls"):
        urlpatterns += import_string(f"{module}.urlpatterns")

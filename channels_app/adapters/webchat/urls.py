"""Addresses of the widget; `widget/v1/` is a contract with every shop that pasted the line."""

from django.urls import path

from channels_app.adapters.webchat.views import framing, returning, talking

urlpatterns = [
    path("widget/v1/loader.js", framing.loader, name="widget_loader"),
    path("widget/<slug:key>/", framing.frame, name="widget_frame"),
    path("widget/<slug:key>/visits/", talking.visits, name="widget_visits"),
    path("widget/<slug:key>/messages/", talking.messages, name="widget_messages"),
    path("widget/<slug:key>/entries/", talking.entries, name="widget_entries"),
    path("widget/<slug:key>/sightings/", talking.sightings, name="widget_sightings"),
    path("widget/<slug:key>/language/", talking.language, name="widget_language"),
    path("widget/<slug:key>/state/", returning.state, name="widget_state"),
    path("widget/<slug:key>/outlook/", returning.outlook, name="widget_outlook"),
    path("widget/<slug:key>/identity/", returning.identity, name="widget_identity"),
    path("widget/<slug:key>/addresses/", returning.addresses, name="widget_addresses"),
    path("widget/<slug:key>/arrivals/", returning.arrivals, name="widget_arrivals"),
    path("widget/<slug:key>/back/<slug:token>/", returning.back, name="widget_back"),
]

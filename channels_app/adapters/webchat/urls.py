"""Addresses of the widget; `widget/v1/` is a contract with every shop that pasted the line."""

from django.urls import path

from channels_app.adapters.webchat.views import filing, framing, parting, proving, returning, talking

urlpatterns = [
    path("widget/v1/loader.js", framing.loader, name="widget_loader"),
    path("widget/<slug:key>/", framing.frame, name="widget_frame"),
    path("widget/<slug:key>/visits/", talking.visits, name="widget_visits"),
    path("widget/<slug:key>/messages/", talking.messages, name="widget_messages"),
    path("widget/<slug:key>/files/", filing.files, name="widget_files"),
    path("widget/<slug:key>/files/<int:pk>/<str:leave>/", filing.file, name="widget_file"),
    path("widget/<slug:key>/entries/", talking.entries, name="widget_entries"),
    path("widget/<slug:key>/sightings/", talking.sightings, name="widget_sightings"),
    path("widget/<slug:key>/language/", talking.language, name="widget_language"),
    path("widget/<slug:key>/state/", returning.state, name="widget_state"),
    path("widget/<slug:key>/outlook/", returning.outlook, name="widget_outlook"),
    path("widget/<slug:key>/identity/", returning.identity, name="widget_identity"),
    path("widget/<slug:key>/addresses/", returning.addresses, name="widget_addresses"),
    path("widget/<slug:key>/arrivals/", returning.arrivals, name="widget_arrivals"),
    path("widget/<slug:key>/codes/", proving.ask, name="widget_codes"),
    path("widget/<slug:key>/proofs/", proving.show, name="widget_proofs"),
    path("widget/<slug:key>/hop/<slug:token>/", returning.hop, name="widget_hop"),
    path("widget/<slug:key>/back/<slug:token>/", returning.back, name="widget_back"),
    path("widget/<slug:key>/copies/", parting.copies, name="widget_copies"),
    path("widget/<slug:key>/copies/file/", parting.copy, name="widget_copy"),
    path("widget/<slug:key>/endings/", parting.endings, name="widget_endings"),
    path("widget/<slug:key>/ratings/", parting.ratings, name="widget_ratings"),
    path("widget/<slug:key>/erasures/", parting.erasures, name="widget_erasures"),
]

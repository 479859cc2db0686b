"""Addresses of the contact page. `help/<lang>/` is the place of the help centre, which leads here."""

from django.urls import path

from channels_app.adapters.webform import views

urlpatterns = [
    path("help/<slug:lang>/", views.help_page, name="help"),
    path("help/<slug:lang>/contact/", views.page, name="webform"),
    path("help/<slug:lang>/contact/<slug:key>/", views.page, name="webform_page"),
    path("help/<slug:lang>/contact/<slug:key>/sent/<str:receipt>/", views.sent, name="webform_sent"),
]

"""The addresses of the settings that are about customers."""

from django.urls import path

from customers import views

urlpatterns = [
    path("settings/fields/", views.fields, name="fields"),
    path("settings/fields/new/", views.field_new, name="field_new"),
    path("settings/fields/<int:pk>/", views.field, name="field"),
    path("settings/fields/<int:pk>/place/", views.field_place, name="field_place"),
    path("settings/fields/<int:pk>/removal/", views.field_removal, name="field_removal"),
]

"""The addresses of exports."""

from django.urls import path

from helpdesk.exports import views

urlpatterns = [
    path("settings/export/", views.exports, name="exports"),
    path("settings/export/<int:pk>/file/", views.export_file, name="export_file"),
    path("settings/export/<int:pk>/removal/", views.export_removal, name="export_removal"),
]

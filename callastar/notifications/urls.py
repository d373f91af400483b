"""Addresses of one's notifications."""

from django.urls import path

from callastar.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications", views.mine, name="list"),
    path("notifications/read-all", views.read_all, name="read_all"),
    path("notifications/<uuid:notification_id>", views.follow, name="follow"),
    path("notifications/<uuid:notification_id>/read", views.read, name="read"),
]

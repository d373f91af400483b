"""Addresses of the pages about what one gets by email."""

from django.urls import path

from callastar.mail import views

app_name = "mail"
urlpatterns = [
    path("account/email-settings", views.choices, name="choices"),
    path("unsubscribe", views.unsubscribe, name="unsubscribe"),
]

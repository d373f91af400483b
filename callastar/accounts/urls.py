"""Addresses of the pages about one's account."""

from django.urls import path

from callastar.accounts import views

app_name = "accounts"
urlpatterns = [
    path("account/profile", views.profile, name="profile"),
]

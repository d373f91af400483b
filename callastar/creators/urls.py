"""Addresses of becoming a creator, the profile and Stripe's onboarding."""

from django.urls import path

from callastar.creators import views

urlpatterns = [
    path("creators/become", views.become, name="become"),
    path("dashboard/creator/profile", views.edit_profile, name="edit_profile"),
    path("dashboard/creator/onboarding/start", views.start, name="onboarding_start"),
    path("dashboard/creator/onboarding/return", views.returned, name="onboarding_return"),
    path("dashboard/creator/onboarding/refresh", views.refresh, name="onboarding_refresh"),
]

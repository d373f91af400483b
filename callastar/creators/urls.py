"""Addresses of becoming a creator, the profile, the mails and Stripe's onboarding."""

from django.urls import path

from callastar.creators import mail_style_views, views

urlpatterns = [
    path("creators/become", views.become, name="become"),
    path("dashboard/creator/profile", views.edit_profile, name="edit_profile"),
    path("dashboard/creator/mails", mail_style_views.edit_mail_style, name="mail_style"),
    path("dashboard/creator/mails/preview", mail_style_views.mail_preview, name="mail_preview"),
    path("dashboard/creator/onboarding/start", views.start, name="onboarding_start"),
    path("dashboard/creator/onboarding/return", views.returned, name="onboarding_return"),
    path("dashboard/creator/onboarding/refresh", views.refresh, name="onboarding_refresh"),
]

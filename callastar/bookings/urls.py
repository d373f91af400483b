"""Addresses of booking, paying and one's bookings."""

from django.urls import path

from callastar.bookings.views import book, cancel, contest, detail, lists, pay, receipt, recordings

app_name = "bookings"
urlpatterns = [
    path("book/<uuid:offer_id>", book.book, name="book"),
    path("book/<uuid:offer_id>/panel", book.panel, name="panel"),
    path("bookings", lists.mine, name="list"),
    path("bookings/<uuid:booking_id>", detail.detail, name="detail"),
    path("bookings/<uuid:booking_id>/call.ics", detail.calendar, name="calendar"),
    path("bookings/<uuid:booking_id>/receipt.pdf", receipt.receipt, name="receipt"),
    path("bookings/<uuid:booking_id>/recordings/<uuid:recording_id>", recordings.recording, name="recording"),
    path(
        "bookings/<uuid:booking_id>/recordings/<uuid:recording_id>/delete",
        recordings.delete,
        name="delete_recording",
    ),
    path("bookings/<uuid:booking_id>/cancel", cancel.cancel, name="cancel"),
    path("bookings/<uuid:booking_id>/contest", contest.contest, name="contest"),
    path("bookings/<uuid:booking_id>/pay", pay.pay, name="pay"),
    path("bookings/<uuid:booking_id>/return", pay.returned, name="returned"),
    path("bookings/<uuid:booking_id>/give-up", pay.give_up, name="give_up"),
    path("dashboard/user", lists.user_dashboard, name="user_dashboard"),
    path("dashboard/creator/bookings", lists.studio, name="studio"),
]

"""The address of a call: `calls:call`. Its view needs the booking, which calls know nothing of."""

from django.urls import path

from callastar.bookings.views.call import call

app_name = "calls"
urlpatterns = [path("call/<uuid:booking_id>", call, name="call")]

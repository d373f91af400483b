"""The address of a built-in room: `rooms:room`."""

from django.urls import path

from callastar.calls import views

app_name = "rooms"
urlpatterns = [path("room/<slug:name>", views.room, name="room")]

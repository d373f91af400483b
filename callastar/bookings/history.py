"""The timeline of a booking in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callastar.bookings.models import BookingStatus, CancelReason, Transition

Text = str | Promise

_CANCELLED: dict[str, Text] = {
    CancelReason.HOLD_LAPSED: _("Not paid in time: the call was released"),
    CancelReason.PAYMENT_CANCELED: _("The payment was cancelled"),
    CancelReason.FAN: _("Cancelled by the fan"),
    CancelReason.CREATOR: _("Cancelled by the creator"),
    CancelReason.ADMIN: _("Cancelled by Call a Star"),
}
_GIVEN_UP = _("Given up by the fan before paying")
_TEXTS: dict[str, Text] = {
    BookingStatus.PENDING: _("Booked, waiting for payment"),
    BookingStatus.CONFIRMED: _("Paid and confirmed"),
    BookingStatus.COMPLETED: _("The call is over"),
    BookingStatus.CANCELLED: _("Cancelled"),
}
_LATE = _("The payment arrived late and the call was still free: confirmed")
_VARIANTS: dict[str, str] = {
    BookingStatus.PENDING: "warning",
    BookingStatus.CONFIRMED: "success",
    BookingStatus.COMPLETED: "success",
    BookingStatus.CANCELLED: "danger",
}


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of the timeline."""

    at: datetime
    text: Text
    variant: str


def event_of(transition: Transition) -> HistoryEvent:
    """What a transition says to the two people of the booking."""
    return HistoryEvent(transition.at, _text(transition), _VARIANTS[transition.to_status])


def _text(transition: Transition) -> Text:
    if transition.to_status == BookingStatus.CANCELLED:
        if (transition.from_status, transition.reason) == (BookingStatus.PENDING, CancelReason.FAN):
            return _GIVEN_UP
        return _CANCELLED.get(transition.reason, _TEXTS[BookingStatus.CANCELLED])
    taken_back = (BookingStatus.CANCELLED, BookingStatus.CONFIRMED)
    if (transition.from_status, transition.to_status) == taken_back:
        return _LATE
    return _TEXTS[transition.to_status]

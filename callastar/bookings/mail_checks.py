"""What mails about bookings are asked when they leave: whether what they say is still so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callastar.bookings.models import Booking, BookingStatus
from callastar.mail.models import EmailLog
from callastar.mail.reminder_messages import TEMPLATES, reminder_key
from callastar.mail.truth import check_when_sent
from callastar.payments.models import PaymentStatus

CANCELLED, MOVED, PAID = "cancelled", "moved", "paid"


@check_when_sent(*TEMPLATES)
def reminder_is_untrue(email: EmailLog) -> str:
    """A call is reminded of while it is confirmed, at the start that the reminder says.

    One that waits while its call is moved away and back is true again, unless another has been written since.
    """
    booking = _booking_of(email)
    if booking is None or booking["status"] != BookingStatus.CONFIRMED:
        return CANCELLED
    if booking["starts_at"] != datetime.fromisoformat(email.context["starts_at"]):
        return MOVED
    present = reminder_key(email.template, booking["pk"], booking["starts_at"], booking["moved_at"])
    is_replaced = email.dedupe_key != present and EmailLog.objects.filter(dedupe_key=present).exists()
    return MOVED if is_replaced else ""


@check_when_sent("payment_failed")
def payment_is_not_awaited(email: EmailLog) -> str:
    """Somebody is asked to pay in another way while their booking waits for it: not once they let it go, or pay."""
    booking = _booking_of(email)
    if booking is None or booking["status"] == BookingStatus.CANCELLED:
        return CANCELLED
    is_paying = booking["payment__status"] == PaymentStatus.PROCESSING
    return PAID if is_paying or booking["status"] != BookingStatus.PENDING else ""


def _booking_of(email: EmailLog) -> Mapping[str, Any] | None:
    found = Booking.objects.filter(pk=email.metadata["booking"])
    return found.values("pk", "status", "starts_at", "moved_at", "payment__status").first()

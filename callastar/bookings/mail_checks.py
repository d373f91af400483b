"""What mails about bookings are asked when they leave: whether what they say is still so."""

from datetime import datetime

from callastar.bookings.models import Booking, BookingStatus
from callastar.mail.models import EmailLog
from callastar.mail.reminder_messages import TEMPLATES
from callastar.mail.truth import check_when_sent

CANCELLED, MOVED = "cancelled", "moved"


@check_when_sent(*TEMPLATES)
def reminder_is_untrue(email: EmailLog) -> str:
    """A call is reminded of while it is confirmed, at the start that the reminder says."""
    booking = Booking.objects.filter(pk=email.metadata["booking"]).values("status", "starts_at").first()
    if booking is None or booking["status"] != BookingStatus.CONFIRMED:
        return CANCELLED
    return MOVED if booking["starts_at"] != datetime.fromisoformat(email.context["starts_at"]) else ""

"""What a browser's return triggers: it confirms nothing by itself, the server asks Stripe."""

from datetime import datetime
from uuid import UUID

from callastar.accounts.models import User
from callastar.bookings import queries
from callastar.bookings.models import Booking
from callastar.bookings.operations.settle import settle_payment
from callastar.core.errors import ProviderError
from callastar.payments.models import UNSETTLED
from callastar.payments.refusals import PaymentUnavailableError


def refresh_booking(*, booking_id: UUID, person: User, now: datetime) -> Booking:
    """The booking as it stands after asking Stripe, if there is something to ask.

    Raises `BookingNotFoundError` for strangers, `PaymentUnavailableError` while Stripe does not answer.
    """
    booking = queries.booking_for(booking_id=booking_id, person=person)
    if booking.payment.intent_state not in UNSETTLED:
        return booking
    try:
        settle_payment(booking_id=booking_id, now=now)
    except ProviderError as error:
        raise PaymentUnavailableError from error
    return queries.booking_for(booking_id=booking_id, person=person)

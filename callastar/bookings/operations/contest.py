"""Fan or creator objects to the outcome of their call: nothing is paid out until an admin has decided."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.bookings import outcome_telling, queries
from callastar.bookings.cancellation import side_of
from callastar.bookings.models import Booking, Contest
from callastar.bookings.operations.settle import lock_rows
from callastar.bookings.outcomes import contest_state_of
from callastar.bookings.refusals import CONTEST_REFUSALS, BookingNotFoundError, ContestTextError
from callastar.bookings.rules import (
    LONGEST_CONTEST,
    SHORTEST_CONTEST,
    Canceller,
    ContestState,
    refund_due_after_contest,
)
from callastar.live.operations import publish_booking
from callastar.payments.models import Payment


def contest_outcome(*, booking_id: UUID, person: User, text: str, now: datetime) -> Contest:
    """Object to the outcome as the booking's fan or creator, once each. Admins are told.

    The payment cannot be paid out until they decide. What goes back to the fan by itself still does if they do not, 72
    hours after a creator's objection at the earliest. Raises the refusal that fits; nothing has changed then.
    """
    booking = queries.booking_for(booking_id=booking_id, person=person)
    side = side_of(booking=booking, person=person)
    if side is Canceller.PLATFORM:
        raise BookingNotFoundError
    said = text.strip()
    if not SHORTEST_CONTEST <= len(said) <= LONGEST_CONTEST:
        raise ContestTextError
    with transaction.atomic(durable=True):
        _offer, booking, payment = lock_rows(booking_id)
        state = contest_state_of(booking=booking, person=person, now=now)
        if state is not ContestState.OPEN:
            raise CONTEST_REFUSALS[state]
        contest = Contest.objects.create(
            booking=booking, person=person, contested_outcome=booking.outcome, text=said, created_at=now
        )
        _hold_back(booking, payment, by_creator=side is Canceller.CREATOR, now=now)
        record(
            type="OUTCOME_CONTESTED",
            level=Level.WARNING,
            message=f"The outcome {booking.outcome} is contested",
            actor=Actor.of(person),
            booking=booking.pk,
            contest=contest.pk,
        )
        outcome_telling.contested(booking=booking, payment=payment, contest=contest, now=now)
        publish_booking(booking_id=booking.pk, status=booking.status)
    return contest


def _hold_back(booking: Booking, payment: Payment, *, by_creator: bool, now: datetime) -> None:
    booking.refund_due_at = refund_due_after_contest(
        outcome=booking.outcome, due_at=booking.refund_due_at, by_creator=by_creator, contested_at=now
    )
    booking.save(update_fields=["refund_due_at"])
    payment.call_settled_at = None
    payment.save(update_fields=["call_settled_at", "updated_at"])

"""What outcomes do by themselves in time: the fan gets their money back, and what nobody objects to is final."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from callastar.audit.operations import record
from callastar.bookings.models import Booking, BookingStatus, Contest, Outcome
from callastar.bookings.operations.batch import each
from callastar.bookings.operations.settle import lock_rows
from callastar.live.operations import publish_booking
from callastar.payments.models import Dispute, DisputeStatus, RefundCause
from callastar.payments.operations.refunds import is_at_the_bank, request_full_refund

_OPEN_CONTESTS = Contest.objects.filter(booking=OuterRef("pk"), decided_at=None)
_AT_THE_BANK = Dispute.objects.filter(
    payment=OuterRef("payment_id"), status__in=(DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)
)
_WAITS_FOR_ADMIN = (Outcome.TECHNICAL, Outcome.UNKNOWN)


def refund_outcomes(*, now: datetime) -> dict[str, int]:
    """Give back in full what is due by the outcome of its call; answers counts.

    Also what is contested: nobody has decided in time. The objection still waits for an answer.
    While the fan's bank decides about the payment nothing can be given back: it is then looked at again.
    """
    due = Booking.objects.filter(~Exists(_AT_THE_BANK), refund_due_at__lte=now)
    return each(due.order_by("refund_due_at"), _refund, failure="OUTCOME_NOT_REFUNDED", now=now)


def _refund(*, booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        _offer, booking, payment = lock_rows(booking_id)
        is_due = booking.refund_due_at is not None and booking.refund_due_at <= now
        if not is_due or is_at_the_bank(payment):
            return False
        refund = request_full_refund(payment=payment, cause=RefundCause.OUTCOME)
        booking.refund_due_at = None
        if booking.outcome in _WAITS_FOR_ADMIN and not is_contested(booking):
            # nobody decided in time: that is the decision
            booking.outcome_final_at = now
        booking.save(update_fields=["refund_due_at", "outcome_final_at"])
        record(
            type="OUTCOME_REFUND",
            message=f"The fan gets {refund.amount if refund else 0} {payment.currency} back: {booking.outcome}",
            booking=booking.pk,
            outcome=booking.outcome,
        )
        publish_booking(booking_id=booking.pk, status=booking.status)
    return True


def end_contests(*, now: datetime) -> dict[str, int]:
    """Make outcomes final that nobody has contested in time; answers counts. What an admin must decide waits."""
    over = Booking.objects.filter(
        ~Exists(_OPEN_CONTESTS),
        status=BookingStatus.COMPLETED,
        outcome_final_at=None,
        completed_at__lte=now - settings.OUTCOME_CONTEST,
    ).exclude(outcome__in=("", *_WAITS_FOR_ADMIN))
    return each(over.order_by("completed_at"), _make_final, failure="OUTCOME_NOT_FINAL", now=now)


def _make_final(*, booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        _offer, booking, _payment = lock_rows(booking_id)
        if booking.outcome_final_at is not None or is_contested(booking):
            return False
        booking.outcome_final_at = now
        booking.save(update_fields=["outcome_final_at"])
        record(type="OUTCOME_FINAL", message=f"The outcome is final: {booking.outcome}", booking=booking.pk)
    return True


def is_contested(booking: Booking) -> bool:
    """Whether somebody objects and nobody has decided."""
    return booking.contests.filter(decided_at=None).exists()

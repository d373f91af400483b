"""What became of calls that are over: found out from who was there, and what it means for the money."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings import outcome_telling, rules
from callastar.bookings.models import Booking, BookingStatus, Outcome
from callastar.bookings.operations.batch import each
from callastar.bookings.operations.settle import lock_rows
from callastar.calls.attendance import Assessment
from callastar.calls.operations.attendance import Finding, find_out
from callastar.calls.operations.rooms import OUTAGE
from callastar.live.operations import publish_booking
from callastar.payments.models import Payment

FAILED = "OUTCOME_NOT_JUDGED"


def judge_calls(*, now: datetime) -> dict[str, int]:
    """Judge every call that is over and was not yet; answers counts.

    One whose host cannot be asked for the moment is left for the next run. Three of them in a row are an outage: in
    this run no host is asked any more, and only what can be told without is judged. What was settled before there
    were outcomes stays as it is.
    """
    unjudged = Booking.objects.filter(
        status=BookingStatus.COMPLETED, outcome="", call__isnull=False, payment__call_settled_at=None
    )
    return each(unjudged.order_by("completed_at"), _Judge(), failure=FAILED, now=now)


class _Judge:
    """Judges one call after the other, and remembers how many of their hosts in a row did not answer."""

    def __init__(self) -> None:
        self._out_in_a_row = 0

    def __call__(self, *, booking_id: UUID, now: datetime) -> bool:
        may_ask = self._out_in_a_row < OUTAGE
        finding = _find_out(booking_id, now, may_ask=may_ask)
        if may_ask:
            self._out_in_a_row = self._out_in_a_row + 1 if finding.is_host_out else 0
        return _judge(booking_id, finding, now)


def judge_call(*, booking_id: UUID, now: datetime) -> bool:
    """Judge the call of a completed booking; False if its host must be asked again, or it was judged already.

    Asks first, outside of any transaction, then writes down under locks what nobody has written meanwhile.
    """
    return _judge(booking_id, _find_out(booking_id, now), now)


def _find_out(booking_id: UUID, now: datetime, *, may_ask: bool = True) -> Finding:
    call_id = Booking.objects.values_list("call_id", flat=True).get(pk=booking_id)
    return find_out(call_id=call_id, now=now, may_ask=may_ask)


def _judge(booking_id: UUID, finding: Finding, now: datetime) -> bool:
    if finding.assessment is None:
        return False
    with transaction.atomic(durable=True):
        _offer, booking, payment = lock_rows(booking_id)
        if booking.status != BookingStatus.COMPLETED or booking.outcome:
            return False
        _write(booking, payment, finding.assessment, now)
    return True


def _write(booking: Booking, payment: Payment, assessment: Assessment, now: datetime) -> None:
    outcome = Outcome(assessment.outcome.value)
    booking.outcome, booking.outcome_at = outcome, now
    booking.refund_due_at = rules.outcome_refund_due_at(
        outcome=outcome, ends_at=booking.ends_at, judged_at=now
    )
    booking.save(update_fields=["outcome", "outcome_at", "refund_due_at"])
    if rules.is_earned(outcome):
        let_out(booking=booking, payment=payment, now=now)
    record(
        type="OUTCOME_JUDGED",
        level=Level.WARNING if rules.needs_admin(outcome) else Level.INFO,
        message=f"The call: {outcome}",
        booking=booking.pk,
        together_seconds=assessment.together_seconds,
        fan_seconds=assessment.fan_seconds,
        creator_seconds=assessment.creator_seconds,
    )
    outcome_telling.judged(booking=booking, payment=payment, now=now)
    publish_booking(booking_id=booking.pk, status=booking.status)


def let_out(*, booking: Booking, payment: Payment, now: datetime) -> None:
    """The creator has earned a call's money, both rows locked: it may be paid out once nobody can object any more."""
    payment.call_settled_at = now
    payment.payout_release_date = rules.release_date(
        ends_at=booking.ends_at,
        completed_at=booking.completed_at or now,
        holding=settings.PAYOUT_HOLDING,
        contest=settings.OUTCOME_CONTEST,
    )
    payment.save(update_fields=["call_settled_at", "payout_release_date", "updated_at"])

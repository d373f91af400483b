"""The only place where a booking's state changes.

Each change is logged with actor, time and reason, and told to watchers.
"""

from datetime import datetime
from uuid import UUID

from callastar.audit.operations import Actor, record
from callastar.bookings.models import Booking, BookingStatus, CancelReason, Transition
from callastar.bookings.rules import may_become
from callastar.live.operations import publish_booking


class IllegalTransitionError(Exception):
    """A booking was to change into a state that its present one does not allow."""


def lock_booking(booking_id: UUID) -> Booking:
    """The booking, locked until the transaction ends. Locks are taken offer first, then booking, then payment."""
    return (
        Booking.objects.select_for_update(of=("self",))
        .select_related("creator__user", "fan", "offer")
        .get(pk=booking_id)
    )


def note_creation(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """The first line of a booking's timeline."""
    _note(booking, from_status="", reason="reserved", actor=actor, now=now, type="BOOKING_CREATED")


def change(*, booking: Booking, to: BookingStatus, actor: Actor, now: datetime, reason: str) -> None:
    """Change a locked booking's state for a reason (a `CancelReason` where it ends).

    Raises `IllegalTransitionError` and changes nothing where its present state does not allow it.
    """
    if not may_become(status=booking.status, reason=booking.cancel_reason, to=to):
        raise IllegalTransitionError(f"{booking.pk}: {booking.status} ({booking.cancel_reason}) → {to}")
    before = booking.status
    booking.status = to
    booking.cancel_reason = CancelReason(reason) if to == BookingStatus.CANCELLED else ""
    booking.cancelled_at = now if to == BookingStatus.CANCELLED else None
    if to == BookingStatus.CONFIRMED:
        booking.confirmed_at = now
    if to == BookingStatus.COMPLETED:
        booking.completed_at = now
    booking.save()
    _note(booking, from_status=before, reason=reason, actor=actor, now=now, type=f"BOOKING_{to}")


def _note(booking: Booking, *, from_status: str, reason: str, actor: Actor, now: datetime, type: str) -> None:
    Transition.objects.create(
        booking=booking,
        from_status=from_status,
        to_status=booking.status,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        at=now,
    )
    record(
        type=type,
        message=f"Booking {from_status or 'made'} → {booking.status}",
        actor=actor,
        booking=booking.pk,
        offer=booking.offer_id,
        reason=reason,
    )
    publish_booking(booking_id=booking.pk, status=booking.status)

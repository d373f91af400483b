"""Reminding both people of a call: a day before it, and when its room opens. Each once, for each start that it gets.

What was missed is found by the next run, and a run that is killed has done whole bookings: the two mails, their jobs
and the note that they are written share a transaction.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from callastar.audit.operations import record
from callastar.bookings import mails
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.batch import Deed, each
from callastar.bookings.rules import REMINDED_BEFORE, Reminder, reminder_due

PATIENCE = "2s"  # for a booking that somebody else is changing


def send_reminders(*, now: datetime) -> dict[str, int]:
    """Write the reminders that are due, of the next calls first; answers of how many calls: `reminded`.

    A booking that somebody else has locked is passed over, and waited for at the end: this may be the last run before
    its start. One that fails keeps no other from its reminders; the first error is raised when all had their turn.
    """
    errors: list[Exception] = []
    counts = {kind: _remind_all(kind, now, errors) for kind in (Reminder.SOON, Reminder.DAY)}
    if total := sum(counts.values()):
        record(
            type="REMINDERS_SENT",
            message="People were reminded of their calls",
            a_day_before=counts[Reminder.DAY],
            just_before=counts[Reminder.SOON],
        )
    if errors:
        raise errors[0]
    return {"reminded": total}


def remind_if_due(*, booking: Booking, now: datetime) -> bool:
    """Write the reminder that is due for a booking, if one is; answers whether one was.

    The caller has locked it, and may have confirmed or moved it just now.
    """
    kind = reminder_due(
        status=booking.status,
        starts_at=booking.starts_at,
        agreed_at=booking.moved_at or booking.confirmed_at,
        reminded_for={
            Reminder.DAY: booking.reminded_24h_for,
            Reminder.SOON: booking.reminded_15m_for,
        },
        now=now,
    )
    if kind is None:
        return False
    mails.reminder(booking=booking, kind=kind)
    noted = f"reminded_{kind}_for"
    setattr(booking, noted, booking.starts_at)
    booking.save(update_fields=[noted])
    return True


def _remind_all(kind: Reminder, now: datetime, errors: list[Exception]) -> int:
    first = _remind_each(kind, now, _remind_if_free, errors)
    return first["done"] + (
        _remind_each(kind, now, _remind_once_free, errors)["done"] if first["left"] else 0
    )


def _remind_each(kind: Reminder, now: datetime, remind: Deed, errors: list[Exception]) -> dict[str, int]:
    return each(_to_remind(kind, now), remind, failure="REMINDER_FAILED", now=now, errors=errors)


def _to_remind(kind: Reminder, now: datetime) -> QuerySet[Booking]:
    """Bookings to look at, the next calls first; whether one is due, the rule says once it is locked."""
    confirmed = Booking.objects.filter(status=BookingStatus.CONFIRMED).order_by("starts_at")
    at_the_door, in_a_day = (now + REMINDED_BEFORE[which] for which in (Reminder.SOON, Reminder.DAY))
    if kind is Reminder.SOON:
        coming = confirmed.filter(starts_at__gt=now, starts_at__lte=at_the_door)
        return coming.exclude(reminded_15m_for=F("starts_at"))
    coming = confirmed.filter(starts_at__gt=at_the_door, starts_at__lte=in_a_day)
    # Those that were booked too late for this one would else be looked at every minute of their last day.
    known = coming.annotate(agreed_at=Coalesce("moved_at", "confirmed_at")).filter(
        Q(agreed_at=None) | Q(agreed_at__lte=F("starts_at") - REMINDED_BEFORE[Reminder.DAY])
    )
    return known.exclude(reminded_24h_for=F("starts_at"))


def _remind_if_free(*, booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        booking = _rows().select_for_update(of=("self",), skip_locked=True).filter(pk=booking_id).first()
        return booking is not None and remind_if_due(booking=booking, now=now)


def _remind_once_free(*, booking_id: UUID, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        return remind_if_due(booking=_rows().select_for_update(of=("self",)).get(pk=booking_id), now=now)


def _rows() -> QuerySet[Booking]:
    return Booking.objects.select_related("creator__user", "fan")

"""Who is told about outcomes: both sides, and admins where they must decide; in the transaction that causes it.

Both sides read the same in the app and in a mail.
"""

from datetime import datetime

from django.conf import settings

from callastar.accounts.models import Role, User
from callastar.bookings import outcome_mails
from callastar.bookings.models import Booking, Contest, Outcome
from callastar.mail.outcome_messages import Why, outcome_to_decide_admin
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify, notify_admins
from callastar.payments.models import Payment

_TO_DECIDE: dict[str, Why] = {Outcome.TECHNICAL: "technical", Outcome.UNKNOWN: "unknown"}


def judged(*, booking: Booking, payment: Payment, now: datetime) -> None:
    """It was found out what became of a call: nothing is said of one that was held."""
    if booking.outcome == Outcome.HELD:
        return
    until = (booking.completed_at or now) + settings.OUTCOME_CONTEST
    params = {"until_at": until.isoformat()}
    if booking.refund_due_at:
        params["refund_at"] = booking.refund_due_at.isoformat()
    variant = f"outcome_{booking.outcome.lower()}"
    is_same_for_both = booking.outcome in _TO_DECIDE
    for side in ("fan", "creator"):
        _tell(
            booking,
            side,
            variant if is_same_for_both else f"{variant}_{side}",
            params=params,
            key=f"outcome:{booking.pk}:{side}",
            now=now,
        )
    outcome_mails.judged(booking=booking, payment=payment, now=now)
    if is_same_for_both:
        _ask_admins(booking, _TO_DECIDE[booking.outcome], key=f"outcome:{booking.pk}", said="", now=now)


def contested(*, booking: Booking, payment: Payment, contest: Contest, now: datetime) -> None:
    """One side objects: the other one is told that nothing is paid out meanwhile, admins what they write."""
    other = "creator" if contest.person_id == booking.fan_id else "fan"
    key = f"contest:{contest.pk}"
    _tell(booking, other, "outcome_contested", params={}, key=key, now=now)
    outcome_mails.contested(booking=booking, payment=payment, contest=contest, now=now)
    _ask_admins(booking, "contested", key=key, said=contest.text, now=now)


def decided(*, booking: Booking, payment: Payment, reason: str, now: datetime) -> None:
    """An admin has decided; what goes back is told once more when it does."""
    params = {"reason_code": booking.outcome, "answer": reason}
    for side in ("fan", "creator"):
        key = f"outcome_decided:{booking.pk}:{side}"
        _tell(booking, side, "outcome_decided", params=params, key=key, now=now)
    outcome_mails.decided(booking=booking, payment=payment, reason=reason, now=now)


def _tell(
    booking: Booking, side: str, variant: str, *, params: dict[str, str], key: str, now: datetime
) -> None:
    fan, creator = booking.fan, booking.creator.user
    to, other = (fan, creator) if side == "fan" else (creator, fan)
    notify(
        to=to,
        type=NotificationType.SYSTEM,
        params={
            **params,
            "variant": variant,
            "other_name": other.name,
            "offer_title": booking.offer_title,
        },
        link=f"bookings/{booking.pk}",
        dedupe_key=key,
        now=now,
    )


def _ask_admins(booking: Booking, why: Why, *, key: str, said: str, now: datetime) -> None:
    creator, fan, path = booking.creator.user.name, booking.fan.name, _path(booking)
    notify_admins(
        type=NotificationType.SYSTEM,
        params={
            "variant": f"outcome_admin_{why}",
            "creator_name": creator,
            "other_name": fan,
            "offer_title": booking.offer_title,
        },
        link=path,
        dedupe_key=f"{key}:admin",
        now=now,
    )
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk"):
        outcome_to_decide_admin(
            to=admin,
            why=why,
            key=key,
            booking_id=booking.pk,
            offer_title=booking.offer_title,
            creator_name=creator,
            fan_name=fan,
            starts_at=booking.starts_at,
            said=said,
            path=path,
        )


def _path(booking: Booking) -> str:
    """Where admins decide: the page of the call."""
    if booking.call_id:
        return f"dashboard/admin/calls/call/{booking.call_id}/change/"
    return f"dashboard/admin/payments/payment/{booking.payment_id}/change/"

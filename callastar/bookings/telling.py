"""In-app notifications of bookings, written in the transaction that causes them."""

from datetime import datetime

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.bookings.rules import Canceller
from callastar.core.money import Currency, Money
from callastar.mail.values import amount_value
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify
from callastar.payments.models import Payment, Refund


def cancelled(*, booking: Booking, by: Canceller, is_paid: bool, now: datetime) -> None:
    """Tell whoever did not cancel that a call will not take place, and its fan what an unpaid one costs: nothing."""
    creator = booking.creator.user
    if by is not Canceller.FAN:
        variant = f"by_{by}" if is_paid else f"by_{by}_unpaid"
        _tell_cancelled(booking, variant, to=booking.fan, other_name=creator.name, now=now)
    if by is not Canceller.CREATOR:
        _tell_cancelled(booking, f"by_{by}", to=creator, other_name=booking.fan.name, now=now)


def _tell_cancelled(booking: Booking, variant: str, *, to: User, other_name: str, now: datetime) -> None:
    _tell(
        booking,
        to=to,
        type=NotificationType.BOOKING_CANCELLED,
        params={
            "variant": variant,
            "other_name": other_name,
            "offer_title": booking.offer_title,
            "starts_at": booking.starts_at.isoformat(),
        },
        key=f"booking_cancelled:{booking.pk}:{to.pk}",
        now=now,
    )


def confirmed(*, booking: Booking, payment: Payment, now: datetime) -> None:
    """Tell both that the call will take place, and the creator what it earns."""
    creator, fan = booking.creator.user, booking.fan
    for to, variant, other in ((fan, "fan", creator), (creator, "creator", fan)):
        _tell(
            booking,
            to=to,
            type=NotificationType.BOOKING_CONFIRMED,
            params={
                "variant": variant,
                "other_name": other.name,
                "offer_title": booking.offer_title,
                "starts_at": booking.starts_at.isoformat(),
            },
            key=f"booking_confirmed:{booking.pk}:{variant}",
            now=now,
        )
    share = Money(payment.creator_amount, Currency(payment.currency))
    _tell(
        booking,
        to=creator,
        type=NotificationType.PAYMENT_RECEIVED,
        params={
            "other_name": fan.name,
            "offer_title": booking.offer_title,
            "amount": amount_value(payment.money),
            "share": amount_value(share),
        },
        key=f"payment_received:{booking.pk}",
        now=now,
    )


def refunded(*, booking: Booking, refund: Refund, now: datetime) -> None:
    """Tell the fan that money is on its way back."""
    params = {**_refund_params(booking, refund), "variant": "fan", "other_name": booking.creator.user.name}
    key = f"refunded:{refund.pk}:fan"
    _tell(booking, to=booking.fan, type=NotificationType.REFUND_CREATED, params=params, key=key, now=now)


def refund_made(*, booking: Booking, refund: Refund, taken: Money, now: datetime) -> None:
    """Tell the creator that a fan was given money back, and what of it comes out of their earnings."""
    params = {
        **_refund_params(booking, refund),
        "variant": "creator",
        "other_name": booking.fan.name,
        "taken": amount_value(taken),
    }
    to, key = booking.creator.user, f"refunded:{refund.pk}:creator"
    _tell(booking, to=to, type=NotificationType.REFUND_CREATED, params=params, key=key, now=now)


def _refund_params(booking: Booking, refund: Refund) -> dict[str, object]:
    amount = Money(refund.amount, Currency(refund.payment.currency))
    return {"amount": amount_value(amount), "offer_title": booking.offer_title}


def _tell(
    booking: Booking,
    *,
    to: User,
    type: NotificationType,
    params: dict[str, object],
    key: str,
    now: datetime,
) -> None:
    notify(to=to, type=type, params=params, link=f"bookings/{booking.pk}", dedupe_key=key, now=now)

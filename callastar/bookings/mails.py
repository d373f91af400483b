"""The mails of bookings: what each says, taken from the rows; written in the transaction that causes them."""

from datetime import datetime
from typing import Any

from callastar.accounts.models import User
from callastar.bookings.cancellation import Cancellation
from callastar.bookings.models import Booking
from callastar.bookings.rules import Reminder
from callastar.core.money import Currency, Money
from callastar.creators.queries import mail_style
from callastar.mail import messages, money_messages, reminder_messages
from callastar.mail.operations import skip_emails
from callastar.payments.models import Payment, Refund

UNTRUE_ONCE_PAID = ("payment_failed", "hold_lapsed")
UNTRUE_ONCE_CANCELLED = ("booking_confirmed_fan", "booking_confirmed_creator", *reminder_messages.TEMPLATES)


def confirmed(*, booking: Booking, payment: Payment) -> None:
    """Tell fan and creator that the call will take place."""
    creator = booking.creator.user
    _tell_confirmed(booking, payment, to=booking.fan, role="fan", other_name=creator.name)
    _tell_confirmed(booking, payment, to=creator, role="creator", other_name=booking.fan.name)


def _tell_confirmed(
    booking: Booking, payment: Payment, *, to: User, role: messages.Side, other_name: str
) -> None:
    messages.booking_confirmed(
        to=to,
        role=role,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        other_name=other_name,
        starts_at=booking.starts_at,
        duration_minutes=booking.duration_minutes,
        amount=payment.money,
        style=_style(booking, role),
    )


def _style(booking: Booking, role: messages.Side = "fan") -> dict[str, Any] | None:
    """The creator's own words and colour, which are for their fans: their own mails are the platform's."""
    return mail_style(booking.creator) if role == "fan" else None


def reminder(*, booking: Booking, kind: Reminder) -> None:
    """Remind fan and creator of their call."""
    creator = booking.creator.user
    _remind(booking, kind, to=booking.fan, role="fan", other_name=creator.name)
    _remind(booking, kind, to=creator, role="creator", other_name=booking.fan.name)


def _remind(booking: Booking, kind: Reminder, *, to: User, role: messages.Side, other_name: str) -> None:
    reminder_messages.reminder(
        to=to,
        role=role,
        before=kind.value,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        other_name=other_name,
        starts_at=booking.starts_at,
        duration_minutes=booking.duration_minutes,
        moved_at=booking.moved_at,
        style=_style(booking, role),
    )


def hold_lapsed(*, booking: Booking) -> None:
    """Tell the fan that the offer is everybody's again."""
    messages.hold_lapsed(
        to=booking.fan,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        creator_name=booking.creator.user.name,
        creator_slug=booking.creator.slug,
        starts_at=booking.starts_at,
        style=_style(booking),
    )


def payment_failed(*, booking: Booking, payment: Payment) -> None:
    """Tell the fan why the payment was declined: once a booking and reason, however often they try."""
    messages.payment_failed(
        to=booking.fan,
        booking_id=booking.pk,
        attempt_id=payment.failure_code,
        offer_title=booking.offer_title,
        creator_name=booking.creator.user.name,
        starts_at=booking.starts_at,
        amount=payment.money,
        reason_code=payment.failure_code,
        hold_expires_at=booking.hold_expires_at,
        style=_style(booking),
    )


def refunded(*, booking: Booking, refund: Refund, late: bool) -> None:
    """Tell the fan that money goes back; with an apology when their payment came too late."""
    messages.refunded(
        to=booking.fan,
        booking_id=booking.pk,
        refund_id=refund.pk,
        offer_title=booking.offer_title,
        creator_name=booking.creator.user.name,
        starts_at=booking.starts_at,
        amount=Money(refund.amount, Currency(refund.payment.currency)),
        late=late,
        style=_style(booking),
    )


def refund_made(*, booking: Booking, refund: Refund, taken: Money) -> None:
    """Tell the creator that a fan was given money back, and what of it comes out of their earnings."""
    money_messages.refund_made_creator(
        to=booking.creator.user,
        refund_id=refund.pk,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        other_name=booking.fan.name,
        starts_at=booking.starts_at,
        amount=Money(refund.amount, Currency(refund.payment.currency)),
        taken=taken,
    )


def forget_unpaid(*, booking: Booking, now: datetime) -> None:
    """Take back what is no longer true once the fan has paid."""
    skip_emails(reason="paid", metadata={"booking": str(booking.pk)}, templates=UNTRUE_ONCE_PAID, now=now)


def forget_confirmed(*, booking: Booking, now: datetime) -> None:
    """Take back what is no longer true once the call is cancelled."""
    skip_emails(
        reason="cancelled", metadata={"booking": str(booking.pk)}, templates=UNTRUE_ONCE_CANCELLED, now=now
    )


def cancelled(*, booking: Booking, cancellation: Cancellation) -> None:
    """Tell fan and creator that a paid call will not take place, by whom, and what goes back."""
    creator = booking.creator.user
    _tell_cancelled(booking, cancellation, to=booking.fan, role="fan", other_name=creator.name)
    _tell_cancelled(booking, cancellation, to=creator, role="creator", other_name=booking.fan.name)


def _tell_cancelled(
    booking: Booking, cancellation: Cancellation, *, to: User, role: messages.Side, other_name: str
) -> None:
    messages.booking_cancelled(
        to=to,
        role=role,
        by=cancellation.by.value,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        other_name=other_name,
        starts_at=booking.starts_at,
        duration_minutes=booking.duration_minutes,
        amount=booking.payment.money,
        refund=cancellation.refund,
        kept=cancellation.kept if cancellation.kept.minor else None,
        style=_style(booking, role),
    )

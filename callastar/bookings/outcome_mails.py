"""The mails about outcomes to the two people of a call: what each says, taken from the rows, all of them locked.

Written in the transaction that causes them. Nothing is said of a call that was held and is not contested.
"""

from datetime import datetime

from callastar.bookings.cancellation import kept_by_creator
from callastar.bookings.models import Booking, Contest, Outcome
from callastar.bookings.outcomes import contest_state_of, contest_until
from callastar.bookings.rules import ContestState
from callastar.core.money import Currency, Money
from callastar.mail.messages import Side
from callastar.mail.operations import skip_emails
from callastar.mail.outcome_messages import Found, News, OutcomeMoney, call_outcome
from callastar.payments.models import Payment
from callastar.payments.operations.refunds import is_at_the_bank, refundable

SIDES: tuple[Side, Side] = ("fan", "creator")
UNTRUE_ONCE_DECIDED = ("outcome_fan", "outcome_creator", "outcome_to_decide_admin")
# As the fan and as the creator sees it.
_FOUND: dict[str, tuple[Found, Found]] = {
    Outcome.HELD: ("held", "held"),
    Outcome.FAN_NO_SHOW: ("missed", "stood_up"),
    Outcome.CREATOR_NO_SHOW: ("stood_up", "missed"),
    Outcome.NOBODY_CAME: ("nobody_came", "nobody_came"),
    Outcome.TECHNICAL: ("technical", "technical"),
    Outcome.UNKNOWN: ("unknown", "unknown"),
}
# What goes back of these does so only if nobody decides before.
_WAITS_FOR_ADMIN = (Outcome.TECHNICAL, Outcome.UNKNOWN)


def judged(*, booking: Booking, payment: Payment, now: datetime) -> None:
    """Tell both what the records say became of their call."""
    for side, what in zip(SIDES, _FOUND[booking.outcome], strict=True):
        _tell(booking, payment, side, what, key=f"judged:{booking.pk}", now=now)


def contested(*, booking: Booking, payment: Payment, contest: Contest, now: datetime) -> None:
    """Tell the other side that one does not agree."""
    other: Side = "creator" if contest.person_id == booking.fan_id else "fan"
    _tell(booking, payment, other, "contested", key=f"contested:{contest.pk}", now=now)


def decided(*, booking: Booking, payment: Payment, reason: str, now: datetime) -> None:
    """Tell both what an admin decided and why; what was said before and has not left is taken back."""
    skip_emails(
        reason="decided", metadata={"booking": str(booking.pk)}, templates=UNTRUE_ONCE_DECIDED, now=now
    )
    for side, found in zip(SIDES, _FOUND[booking.outcome], strict=True):
        key = f"decided:{booking.pk}"
        _tell(booking, payment, side, "decided", key=key, now=now, decision=found, answer=reason)


def _tell(
    booking: Booking,
    payment: Payment,
    side: Side,
    what: News,
    *,
    key: str,
    now: datetime,
    decision: Found | None = None,
    answer: str = "",
) -> None:
    fan, creator = booking.fan, booking.creator.user
    to, other = (fan, creator) if side == "fan" else (creator, fan)
    state = contest_state_of(booking=booking, person=to, now=now)
    call_outcome(
        to=to,
        role=side,
        what=what,
        key=key,
        booking_id=booking.pk,
        offer_title=booking.offer_title,
        other_name=other.name,
        starts_at=booking.starts_at,
        money=_money(booking, payment, now),
        object_until=contest_until(booking) if state is ContestState.OPEN else None,
        decision=decision,
        answer=answer,
    )


def _money(booking: Booking, payment: Payment, now: datetime) -> OutcomeMoney:
    currency, left = Currency(payment.currency), refundable(payment)
    due_at = booking.refund_due_at
    given_back, due = payment.amount - left, left if due_at else 0
    waits = due_at is not None and (booking.outcome in _WAITS_FOR_ADMIN or booking.contests.exists())
    release = payment.payout_release_date
    may_leave = payment.call_settled_at is not None and not payment.payout_status
    return OutcomeMoney(
        price=payment.money,
        given_back=Money(given_back, currency),
        due=Money(due, currency),
        due_at=due_at if waits else None,
        share=kept_by_creator(payment, given_back + due),
        release_at=release if may_leave and release and release > now else None,
        at_bank=is_at_the_bank(payment),
    )

"""The outcome of a call as its two people see it: what it means, in words, and whether they can object."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callastar.accounts.models import User
from callastar.bookings import rules
from callastar.bookings.models import Booking, BookingStatus, Contest, Outcome
from callastar.bookings.rules import ContestState
from callastar.payments.models import PaymentStatus

Text = str | Promise

BADGES: dict[str, str] = {
    Outcome.HELD: "success",
    Outcome.FAN_NO_SHOW: "warning",
    Outcome.CREATOR_NO_SHOW: "warning",
    Outcome.NOBODY_CAME: "neutral",
    Outcome.TECHNICAL: "danger",
    Outcome.UNKNOWN: "neutral",
}
_EXPLANATIONS: dict[str, Text] = {
    Outcome.HELD: _("You were in the room together for a minute or more."),
    Outcome.FAN_NO_SHOW: _("The creator was there during the call, the fan was not."),
    Outcome.CREATOR_NO_SHOW: _("The fan was there during the call, the creator was not."),
    Outcome.NOBODY_CAME: _("Nobody was there, or not for long enough to say that they waited."),
    Outcome.TECHNICAL: _("For technical reasons you were not in the room together for a minute."),
    Outcome.UNKNOWN: _("There is no full record of who was there: our team looks into it and decides."),
}
_NOT_YET = _("We are reading the records of the room. This takes a few minutes, two hours at most.")
_DECIDED = _("Our team has looked into it and decided.")
_WAITING = _("No money moves until our team has decided.")
_IF_NOBODY_DECIDES = _("Our team looks into it. Without a decision in time, everything goes back to the fan.")
_GIVEN_BACK = _("Everything has gone back to the fan. Our team looks into it all the same.")
_FOR_FAN: dict[str, Text] = {
    Outcome.HELD: _("Nothing goes back: the call is paid."),
    Outcome.FAN_NO_SHOW: _("Nothing goes back: the creator kept the time free for you."),
    Outcome.CREATOR_NO_SHOW: _("You get everything back by itself, from an hour after the end."),
    Outcome.NOBODY_CAME: _("You get everything back by itself, from an hour after the end."),
    Outcome.TECHNICAL: _(
        "Our team looks into it. Without a decision within 72 hours, you get everything back."
    ),
    Outcome.UNKNOWN: _WAITING,
}
_FOR_CREATOR: dict[str, Text] = {
    Outcome.HELD: _("Your share is yours; it can be paid out after the holding time."),
    Outcome.FAN_NO_SHOW: _(
        "You were there: your share is yours, and can be paid out after the holding time."
    ),
    Outcome.CREATOR_NO_SHOW: _("The fan gets everything back, from an hour after the end; you earn nothing."),
    Outcome.NOBODY_CAME: _("The fan gets everything back, from an hour after the end; you earn nothing."),
    Outcome.TECHNICAL: _(
        "Our team looks into it. Without a decision within 72 hours, the fan gets everything back."
    ),
    Outcome.UNKNOWN: _WAITING,
}


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What one person sees of a call's outcome; without a `label` while it is not known.

    `mine` and `theirs` are the contests of the person and of the other side.
    """

    label: Text
    variant: str
    explanation: Text
    money: Text
    is_final: bool
    state: ContestState
    contest_until: datetime | None
    mine: Contest | None
    theirs: Contest | None

    @property
    def can_contest(self) -> bool:
        """Whether the person can object now."""
        return self.state is ContestState.OPEN


def contest_until(booking: Booking) -> datetime | None:
    """Until when an outcome can be contested; None before the booking is completed."""
    return booking.completed_at + settings.OUTCOME_CONTEST if booking.completed_at else None


def contest_state_of(*, booking: Booking, person: User, now: datetime) -> ContestState:
    """Whether a person can contest the outcome; binding only while the booking is locked."""
    return _state(booking, now, has_contested=booking.contests.filter(person=person).exists())


def outcome_view(*, booking: Booking, person: User, now: datetime) -> OutcomeView | None:
    """The outcome of a completed booking for one of its two people or an admin; None for other bookings.

    Calls that were settled before there were outcomes have none.
    """
    is_old = not booking.outcome and booking.payment.call_settled_at is not None
    if booking.status != BookingStatus.COMPLETED or is_old:
        return None
    contests = list(booking.contests.select_related("person"))
    mine = next((one for one in contests if one.person_id == person.pk), None)
    theirs = next((one for one in contests if one.person_id != person.pk), None)
    return OutcomeView(
        label=booking.get_outcome_display() if booking.outcome else "",
        variant=BADGES.get(booking.outcome, "neutral"),
        explanation=_DECIDED if booking.outcome_by else _EXPLANATIONS.get(booking.outcome, _NOT_YET),
        money=_money(booking, contests, is_fan=booking.fan_id == person.pk),
        is_final=booking.outcome_final_at is not None,
        state=_state(booking, now, has_contested=mine is not None),
        contest_until=contest_until(booking),
        mine=mine,
        theirs=theirs,
    )


def _state(booking: Booking, now: datetime, *, has_contested: bool) -> ContestState:
    return rules.contest_state(
        completed_at=booking.completed_at,
        outcome=booking.outcome,
        is_decided=booking.outcome_final_at is not None,
        has_contested=has_contested,
        window=settings.OUTCOME_CONTEST,
        now=now,
    )


def _money(booking: Booking, contests: list[Contest], *, is_fan: bool) -> Text:
    """What it means for the money; nothing where the refunds that were made say it already."""
    if any(contest.decided_at is None for contest in contests):
        if booking.payment.status == PaymentStatus.REFUNDED:
            return _GIVEN_BACK
        return _IF_NOBODY_DECIDES if booking.refund_due_at else _WAITING
    if booking.outcome_by or not booking.outcome:
        return ""
    return (_FOR_FAN if is_fan else _FOR_CREATOR)[booking.outcome]

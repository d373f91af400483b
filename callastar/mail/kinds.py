"""What kind each mail is of: whether its reader may do without it, and what leaves first when many wait."""

from dataclasses import dataclass
from enum import IntEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callastar.accounts.models import Role


class Kind(models.TextChoices):
    """What somebody may choose not to get by email; the rest is about their security, their calls or their money."""

    REMINDER_DAY = "reminder_day", _("Reminders a day before a call")
    REMINDER_SOON = "reminder_soon", _("Reminders 15 minutes before a call")
    UNPAID_BOOKINGS = "unpaid_bookings", _("Bookings that ended because they were not paid in time")
    CALL_REQUESTS = "call_requests", _("Requests for calls and their answers")
    WAITING_LIST = "waiting_list", _("Your turn on a waiting list")
    REVIEWS = "reviews", _("Reviews of your calls")
    PAYOUT_STEPS = "payout_steps", _("Each step of a payout")
    DAILY_SUMMARY = "daily_summary", _("The summary of each day")

    @property
    def explanation(self) -> str | Promise:
        """When such a mail comes, in a sentence."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Kind.REMINDER_DAY: _("When and with whom, and the link that you join by."),
    Kind.REMINDER_SOON: _("At the moment from which you can join."),
    Kind.UNPAID_BOOKINGS: _("You had reserved a call, and the time to pay it is over. Nothing was charged."),
    Kind.CALL_REQUESTS: _("Somebody asks you for a call, or a creator answers what you asked for."),
    Kind.WAITING_LIST: _("A call that you wait for is free, and held for you for a short while."),
    Kind.REVIEWS: _("What a fan has written after a call with you."),
    Kind.PAYOUT_STEPS: _(
        "Asked for, approved. That a payout has arrived, or has failed, you are told in any case."
    ),
    Kind.DAILY_SUMMARY: _("Bookings, money and what needs to be looked at, once a day."),
}
# Everybody may book calls; creators and admins have work beside it.
_OF_EVERYBODY = (
    Kind.REMINDER_DAY,
    Kind.REMINDER_SOON,
    Kind.UNPAID_BOOKINGS,
    Kind.CALL_REQUESTS,
    Kind.WAITING_LIST,
)
_BY_ROLE = {Role.CREATOR: (Kind.REVIEWS, Kind.PAYOUT_STEPS), Role.ADMIN: (Kind.DAILY_SUMMARY,)}


class Priority(IntEnum):
    """What leaves first when mails wait: the higher number, as the queue of jobs has it.

    None is above the other jobs, which have 0: no payment and no hold waits behind the mails of an outage.
    """

    URGENT = 0  # worth something in the next minutes only
    CALL = -10
    NORMAL = -20
    SUMMARY = -30


@dataclass(frozen=True, kw_only=True)
class About:
    """A template's place: `kind` is None where nobody may do without the mail."""

    kind: Kind | None = None
    priority: Priority = Priority.NORMAL


_ESSENTIAL = About()
_URGENT = About(priority=Priority.URGENT)
_CALL = About(priority=Priority.CALL)
_BY_TEMPLATE = {
    "verify_email": _URGENT,
    "reset_password": _URGENT,
    "email_already_used": _URGENT,
    "account_notice": _URGENT,
    "payment_failed": _URGENT,
    "reminder_15m_fan": About(kind=Kind.REMINDER_SOON, priority=Priority.URGENT),
    "reminder_15m_creator": About(kind=Kind.REMINDER_SOON, priority=Priority.URGENT),
    "reminder_24h_fan": About(kind=Kind.REMINDER_DAY, priority=Priority.CALL),
    "reminder_24h_creator": About(kind=Kind.REMINDER_DAY, priority=Priority.CALL),
    "booking_confirmed_fan": _CALL,
    "booking_confirmed_creator": _CALL,
    "booking_cancelled_fan": _CALL,
    "booking_cancelled_creator": _CALL,
    "rescheduled_fan": _CALL,
    "rescheduled_creator": _CALL,
    "call_moved_admin": _CALL,
    "alert_admin": _CALL,
    "hold_lapsed": About(kind=Kind.UNPAID_BOOKINGS),
    "call_request_made": About(kind=Kind.CALL_REQUESTS),
    "call_request_accepted": About(kind=Kind.CALL_REQUESTS, priority=Priority.CALL),
    "call_request_declined": About(kind=Kind.CALL_REQUESTS),
    "waiting_list_turn": About(kind=Kind.WAITING_LIST, priority=Priority.URGENT),
    "review_received": About(kind=Kind.REVIEWS),
    "payout_requested": About(kind=Kind.PAYOUT_STEPS),
    "payout_approved": About(kind=Kind.PAYOUT_STEPS),
    "daily_summary_admin": About(kind=Kind.DAILY_SUMMARY, priority=Priority.SUMMARY),
}


def about(template: str) -> About:
    """The place of a template; what is not listed is essential and in no hurry."""
    return _BY_TEMPLATE.get(template, _ESSENTIAL)


def kinds_for(role: str) -> tuple[Kind, ...]:
    """The kinds that somebody of this role may get, in the order in which they are shown."""
    return (*_OF_EVERYBODY, *_BY_ROLE.get(Role(role), ()))

"""What notifications say: for each type, and each variant of it, a title, a message and the parameters they name.

A text that rows were written for stays: they are written out in the reader's language whenever they are shown.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callastar.mail.money_texts import payout_failure
from callastar.notifications.alert_texts import ALERTS
from callastar.notifications.models import NotificationType
from callastar.notifications.outcome_texts import OUTCOMES, outcome_sentence

Text = str | Promise
Params = Mapping[str, Any]
_NAMED = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Words:
    """Title and message; `codes` are the parameters that hold a code, with what says its sentence.

    The sentence of `<name>_code` is called `<name>`.
    """

    title: Text
    message: Text
    codes: Mapping[str, Callable[[str], Text]] = field(default_factory=dict)

    @property
    def needs(self) -> set[str]:
        """The parameters that must be given."""
        named = set(_NAMED.findall(f"{self.title} {self.message}"))
        return named - {code.removesuffix("_code") for code in self.codes} | set(self.codes)

    def sentences(self, params: Params) -> dict[str, Text]:
        """What the codes among the parameters mean."""
        return {code.removesuffix("_code"): said(params[code]) for code, said in self.codes.items()}


_T = NotificationType
_PAYOUT = {"reason_code": payout_failure}
_CANCELLATIONS = {
    "nothing_left": _("Nothing of it can be paid out any more."),
    "below_minimum": _("What can be paid out now is below your minimum."),
    "blocked": _("Payouts are on hold."),
    "debt": _("More is owed after refunds or disputes than can be deducted."),
    "all_for_debt": _("All of it settled what was owed after refunds or disputes."),
    "little_at_stripe": _("Stripe does not have enough available at the moment."),
    "more_than_agreed": _("What can be paid out has changed since it was planned."),
    "changed": _("A payment that it covers was refunded or disputed before it left."),
    "at_stripe": _("It was cancelled at Stripe."),
    "debt_not_deducted": _("What is owed after refunds or disputes could not be deducted."),
}


def _cancellation(code: str) -> Text:
    """Why a payout was not made after all."""
    return _CANCELLATIONS.get(code, _CANCELLATIONS["nothing_left"])


_CANCELED = {"reason_code": _cancellation}
_CALL = _("“%(offer_title)s”, %(starts_at)s.")
_UNPAID = _(
    "“%(offer_title)s”, %(starts_at)s. Nothing is charged: a payment that still arrives goes back in full."
)
_STRIPE_SAYS = _("Stripe says: “%(reason)s”. It is not tried again by itself: somebody must look.")

_WORDS: dict[tuple[NotificationType, str], Words] = {
    (_T.BOOKING_CONFIRMED, "fan"): Words(_("Your call with %(other_name)s is confirmed"), _CALL),
    (_T.BOOKING_CONFIRMED, "creator"): Words(_("%(other_name)s has booked a call with you"), _CALL),
    (_T.BOOKING_CANCELLED, "by_fan"): Words(_("%(other_name)s has cancelled the call with you"), _CALL),
    (_T.BOOKING_CANCELLED, "by_creator"): Words(
        _("%(other_name)s had to cancel your call"),
        _("“%(offer_title)s”, %(starts_at)s. You get all of your money back."),
    ),
    (_T.BOOKING_CANCELLED, "by_platform"): Words(
        _("We had to cancel your call with %(other_name)s"),
        _("“%(offer_title)s”, %(starts_at)s. We are sorry."),
    ),
    (_T.BOOKING_CANCELLED, "by_creator_unpaid"): Words(_("%(other_name)s had to cancel your call"), _UNPAID),
    (_T.BOOKING_CANCELLED, "by_platform_unpaid"): Words(
        _("We had to cancel your call with %(other_name)s"), _UNPAID
    ),
    (_T.CALL_REQUEST, "made"): Words(
        _("%(other_name)s asks for a call with you"), _("They would like to talk to you on %(starts_at)s.")
    ),
    (_T.CALL_REQUEST, "accepted"): Words(
        _("%(other_name)s has accepted your request"),
        _("The call on %(starts_at)s is held for you for 24 hours: book it before they are over."),
    ),
    (_T.CALL_REQUEST, "declined"): Words(
        _("%(other_name)s has declined your request"),
        _("The time that you asked for, %(starts_at)s, does not suit them. Other times may be open."),
    ),
    (_T.REVIEW_RECEIVED, ""): Words(
        _("%(other_name)s has reviewed a call with you"), _("“%(offer_title)s”: %(rating)s out of 5.")
    ),
    (_T.PAYMENT_RECEIVED, ""): Words(
        _("%(other_name)s has paid %(amount)s"),
        _("For “%(offer_title)s”. After the fees, %(share)s is yours."),
    ),
    (_T.PAYOUT_REQUEST, ""): Words(
        _("%(creator_name)s asks for a payout of %(amount)s"), _("It waits for your approval.")
    ),
    (_T.PAYOUT_APPROVED, ""): Words(
        _("Your payout of %(amount)s is approved"),
        _("The money now leaves for your bank. It usually takes a few working days."),
    ),
    (_T.PAYOUT_COMPLETED, ""): Words(
        _("Your payout of %(amount)s has arrived"), _("Your bank has received the money.")
    ),
    (_T.PAYOUT_FAILED, "failed"): Words(
        _("Your payout of %(amount)s could not be made"),
        _("%(reason)s Nothing is lost: the amount is in your balance again, and we try again."),
        _PAYOUT,
    ),
    (_T.PAYOUT_FAILED, "fix_bank"): Words(
        _("Your payout of %(amount)s could not be made"),
        _("%(reason)s Nothing is lost: put your bank account right, and the payout is tried again."),
        _PAYOUT,
    ),
    (_T.PAYOUT_FAILED, "blocked"): Words(
        _("Your payouts are on hold"),
        _("Your payout of %(amount)s has failed again. %(reason)s Our team looks into it and writes to you."),
        _PAYOUT,
    ),
    (_T.PAYOUT_FAILED, "rejected"): Words(
        _("Your payout of %(amount)s was not approved"),
        _("The amount stays in your balance. The reason: %(reason)s"),
    ),
    (_T.PAYOUT_FAILED, "canceled"): Words(
        _("Your payout of %(amount)s is not made"),
        _("%(reason)s Nothing has left, and nothing is lost."),
        _CANCELED,
    ),
    (_T.PAYOUT_FAILED, "admin_canceled"): Words(
        _("A payout of %(amount)s to %(creator_name)s that was approved is not made"),
        _("%(reason)s Nothing has left."),
        _CANCELED,
    ),
    (_T.PAYOUT_FAILED, "admin"): Words(
        _("A payout of %(amount)s to %(creator_name)s has failed"),
        _("%(reason)s Its payments can be paid out again."),
        _PAYOUT,
    ),
    (_T.PAYOUT_FAILED, "admin_blocked"): Words(
        _("The payouts of %(creator_name)s are on hold"),
        _("A payout of %(amount)s has failed again. %(reason)s No other is made until you release them."),
        _PAYOUT,
    ),
    (_T.REFUND_CREATED, "creator"): Words(
        _("%(amount)s refunded to %(other_name)s"),
        _("For “%(offer_title)s”. %(taken)s of it is taken from your earnings."),
    ),
    (_T.REFUND_CREATED, "creator_untouched"): Words(
        _("%(amount)s refunded to %(other_name)s"),
        _("For “%(offer_title)s”. Nothing is taken from your earnings."),
    ),
    (_T.REFUND_CREATED, "fan"): Words(
        _("You get %(amount)s back"),
        _(
            "For “%(offer_title)s” with %(other_name)s. It takes 5 to 10 working days, depending on your bank."
        ),
    ),
    (_T.DISPUTE_CREATED, "opened"): Words(
        _("A payment of %(amount)s is disputed"),
        _(
            "The fan’s bank asks for the payment of “%(offer_title)s” back. We answer it for you; your share is held"
            " back until the bank has decided."
        ),
    ),
    (_T.DISPUTE_CREATED, "won"): Words(
        _("The dispute over %(amount)s is won"),
        _("The payment of “%(offer_title)s” stands: your share is yours again."),
    ),
    (_T.DISPUTE_CREATED, "lost"): Words(
        _("The dispute over %(amount)s is lost"),
        _("The bank has taken the payment of “%(offer_title)s” back, in spite of our answer. We are sorry."),
    ),
    (_T.DISPUTE_CREATED, "admin"): Words(
        _("Dispute: %(creator_name)s, %(amount)s"),
        _("About “%(offer_title)s”. Evidence is due by %(evidence_due_by)s."),
    ),
    (_T.DISPUTE_CREATED, "admin_undated"): Words(
        _("Dispute: %(creator_name)s, %(amount)s"),
        _("About “%(offer_title)s”. Stripe names no deadline for evidence."),
    ),
    (_T.DISPUTE_CREATED, "admin_won"): Words(
        _("Dispute won: %(creator_name)s, %(amount)s"), _("The payment of “%(offer_title)s” stands.")
    ),
    (_T.DISPUTE_CREATED, "admin_lost"): Words(
        _("Dispute lost: %(creator_name)s, %(amount)s"), _("The payment of “%(offer_title)s” is gone.")
    ),
    (_T.DEBT_DEDUCTED, ""): Words(
        _("%(amount)s taken from your earnings"),
        _("It settles a part of what you owed us after a refund or a dispute; %(remaining)s is left."),
    ),
    (_T.DEBT_DEDUCTED, "settled"): Words(
        _("%(amount)s taken from your earnings"),
        _("It settles what you owed us after a refund or a dispute: you no longer owe us anything for it."),
    ),
    (_T.DEBT_THRESHOLD_EXCEEDED, ""): Words(
        _("Your payouts are on hold"),
        _(
            "After refunds or disputes, %(debt)s is left to be settled, more than the limit of %(threshold)s. Our team"
            " has been told."
        ),
    ),
    (_T.DEBT_THRESHOLD_EXCEEDED, "admin"): Words(
        _("%(creator_name)s owes %(debt)s"), _("That is more than %(threshold)s: their payouts are on hold.")
    ),
    (_T.TRANSFER_FAILED, "transfer"): Words(_("A transfer to a creator is not made"), _STRIPE_SAYS),
    (_T.TRANSFER_FAILED, "reversal"): Words(_("Money is not taken back from a creator"), _STRIPE_SAYS),
    (_T.TRANSFER_FAILED, "refund"): Words(_("A refund to a fan is not made"), _STRIPE_SAYS),
    (_T.SYSTEM, "reconciliation"): Words(
        _("The ledger and Stripe differ"),
        _("Differences found by the comparison: %(differences)s. No money was moved because of it."),
    ),
    (_T.SYSTEM, "reconciliation_unfinished"): Words(
        _("The ledger was not compared with Stripe"),
        _("The comparison could not be finished. It is tried again at its next time."),
    ),
    (_T.SYSTEM, "balance_too_low"): Words(
        _("Stripe holds too little for a payout to %(creator_name)s"),
        _("The ledger says %(amount)s, Stripe has %(available)s available. Please find out why."),
    ),
    (_T.SYSTEM, "payout_unanswered"): Words(
        _("Stripe does not say how a payout to %(creator_name)s stands"),
        _(
            "%(amount)s have left, and the account is no longer connected. Please find out, and note how it ended."
        ),
    ),
    **{
        (_T.SYSTEM, f"outcome_{what}"): Words(title, message, {"reason_code": outcome_sentence})
        if what == "decided"
        else Words(title, message)
        for what, (title, message) in OUTCOMES.items()
    },
    **{(_T.SYSTEM, what): Words(title, message) for what, (title, message) in ALERTS.items()},
    (_T.SYSTEM, "event_parked"): Words(
        _("An event of Stripe keeps failing: %(event_type)s"),
        _("It is set aside and tried again every hour, five times at most. Please look at its error."),
    ),
    (_T.SYSTEM, "daily_event_parked"): Words(
        _("An event of Daily keeps failing: %(event_type)s"),
        _("It is set aside and tried again every hour, five times at most. Please look at its error."),
    ),
    (_T.SYSTEM, "mail_event_parked"): Words(
        _("An event of Resend keeps failing: %(event_type)s"),
        _("It is set aside and tried again every hour, five times at most. Please look at its error."),
    ),
    (_T.SYSTEM, "mail_bounced"): Words(
        _("A mail about your call did not reach you"),
        _(
            "“%(subject)s” could not be delivered to your mailbox. All that matters is on the page of the call."
            " Please look whether your email address is still right."
        ),
    ),
    (_T.SYSTEM, "daily_webhook_failed"): Words(
        _("Daily had stopped telling us who is in the calls"),
        _(
            "Three deliveries in a row had failed. It is asked to go on, and was asked itself who was there meanwhile."
            " Please find out why its deliveries failed."
        ),
    ),
    (_T.SYSTEM, "recording_ready"): Words(
        _("The recording of your call with %(other_name)s is ready"),
        _(
            "“%(offer_title)s”. You find it on the page of the booking until %(deleted_at)s: it is then deleted."
        ),
    ),
    (_T.SYSTEM, "call_moved"): Words(
        _("“%(title)s” has moved to a built-in room"),
        _("Daily has failed (%(error)s). The call takes place; its two people need to do nothing."),
    ),
}

_ICONS = {
    _T.BOOKING_CONFIRMED: "calendar-days",
    _T.BOOKING_CANCELLED: "calendar-x",
    _T.CALL_REQUEST: "calendar-plus",
    _T.REVIEW_RECEIVED: "star",
    _T.SYSTEM: "settings",
    _T.PAYMENT_RECEIVED: "credit-card",
    _T.PAYOUT_COMPLETED: "circle-check",
    _T.PAYOUT_APPROVED: "circle-check",
    _T.PAYOUT_REQUEST: "hourglass",
    _T.REFUND_CREATED: "undo-2",
    _T.DEBT_DEDUCTED: "receipt",
}


def known_words() -> Mapping[tuple[NotificationType, str], Words]:
    """Every text by type and variant; the variant is empty where a type says one thing only."""
    return _WORDS


def words_for(type: NotificationType, params: Params) -> Words:
    """The text that a notification's parameters choose; ValueError if there is none."""
    variant = _variant(type, params)
    try:
        return _WORDS[type, variant]
    except KeyError:
        raise ValueError(f"{type} has no text {variant!r}") from None


def icon_of(type: str) -> str:
    """The icon beside it: what went wrong has the same one."""
    return _ICONS.get(NotificationType(type), "triangle-alert")


def _variant(type: NotificationType, params: Params) -> str:
    """What the caller names, or what the values themselves say."""
    variant: str = params.get("variant", "")
    if type is _T.TRANSFER_FAILED:
        return str(params.get("what", ""))
    if type is _T.DEBT_DEDUCTED and _is_zero(params.get("remaining")):
        return "settled"
    if (type, variant) == (_T.DISPUTE_CREATED, "admin") and not params.get("evidence_due_by"):
        return "admin_undated"
    if (type, variant) == (_T.REFUND_CREATED, "creator") and _is_zero(params.get("taken")):
        return "creator_untouched"
    return variant


def _is_zero(amount: Any) -> bool:
    return isinstance(amount, Mapping) and amount["minor"] == 0

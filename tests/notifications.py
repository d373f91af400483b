"""Notifications to look at: one of each type and variant, as their callers write them."""

from typing import Any

from django.db import transaction

from callastar.accounts.models import User
from callastar.core import clock
from callastar.notifications.alert_texts import ALERTS
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.operations import notify

AMOUNT = {"minor": 123_456, "currency": "EUR"}
SOME, NONE = {"minor": 4_090, "currency": "EUR"}, {"minor": 0, "currency": "EUR"}
AT = "2026-03-03T17:00:00+00:00"
NAME, TITLE = "Zoé Amadou", "Kora & <Oud>"

_T = NotificationType
_CALL = {"other_name": NAME, "offer_title": TITLE, "starts_at": AT}
_PAYOUT = {"amount": AMOUNT, "creator_name": NAME, "reason_code": "account_closed"}
_REFUND = {"amount": AMOUNT, "other_name": NAME, "offer_title": TITLE, "taken": SOME}
_DISPUTE = {"amount": AMOUNT, "creator_name": NAME, "offer_title": TITLE, "evidence_due_by": AT}
_OUTCOME = {
    **_CALL,
    "creator_name": "Odile Marchand",
    "until_at": AT,
    "refund_at": AT,
    "reason_code": "HELD",
    "answer": "Lorem ipsum.",
}
_DEBT = {"debt": AMOUNT, "threshold": SOME, "creator_name": NAME}
_ALERT = {
    "job": "lorem-ipsum",
    "failures": 2,
    "error": "Lorem: ipsum",
    "count": 7,
    **dict.fromkeys(("opened_at", "last_at", "over_at", "oldest_at"), AT),
}

# type, what the text that is chosen is called, parameters
SAMPLES: list[tuple[NotificationType, str, dict[str, Any]]] = [
    *((_T.BOOKING_CONFIRMED, who, {**_CALL, "variant": who}) for who in ("fan", "creator")),
    *((_T.BOOKING_CANCELLED, by, {**_CALL, "variant": by}) for by in ("by_fan", "by_creator", "by_platform")),
    *(
        (_T.BOOKING_CANCELLED, by, {**_CALL, "variant": by})
        for by in ("by_creator_unpaid", "by_platform_unpaid")
    ),
    *((_T.CALL_REQUEST, step, {**_CALL, "variant": step}) for step in ("made", "accepted", "declined")),
    (_T.REVIEW_RECEIVED, "", {**_CALL, "rating": 4}),
    (_T.PAYMENT_RECEIVED, "", {**_CALL, "amount": AMOUNT, "share": SOME}),
    *((kind, "", _PAYOUT) for kind in (_T.PAYOUT_REQUEST, _T.PAYOUT_APPROVED, _T.PAYOUT_COMPLETED)),
    *(
        (_T.PAYOUT_FAILED, how, {**_PAYOUT, "variant": how})
        for how in ("failed", "fix_bank", "blocked", "admin", "admin_blocked")
    ),
    *(
        (_T.PAYOUT_FAILED, how, {**_PAYOUT, "reason_code": "little_at_stripe", "variant": how})
        for how in ("canceled", "admin_canceled")
    ),
    (_T.PAYOUT_FAILED, "rejected", {"amount": AMOUNT, "reason": "100% lorem ipsum.", "variant": "rejected"}),
    *((_T.REFUND_CREATED, who, {**_REFUND, "variant": who}) for who in ("creator", "fan")),
    (_T.REFUND_CREATED, "creator_untouched", {**_REFUND, "taken": NONE, "variant": "creator"}),
    *(
        (_T.DISPUTE_CREATED, how, {**_DISPUTE, "variant": how})
        for how in ("opened", "won", "lost", "admin", "admin_won", "admin_lost")
    ),
    (_T.DISPUTE_CREATED, "admin_undated", {**_DISPUTE, "evidence_due_by": "", "variant": "admin"}),
    (_T.DEBT_DEDUCTED, "", {"amount": AMOUNT, "remaining": SOME}),
    (_T.DEBT_DEDUCTED, "settled", {"amount": AMOUNT, "remaining": NONE}),
    (_T.DEBT_THRESHOLD_EXCEEDED, "", _DEBT),
    (_T.DEBT_THRESHOLD_EXCEEDED, "admin", {**_DEBT, "variant": "admin"}),
    *(
        (_T.TRANSFER_FAILED, what, {"what": what, "reason": "insufficient_funds"})
        for what in ("transfer", "reversal", "refund")
    ),
    (_T.SYSTEM, "reconciliation", {"differences": 3, "variant": "reconciliation"}),
    (_T.SYSTEM, "reconciliation_unfinished", {"variant": "reconciliation_unfinished"}),
    (
        _T.SYSTEM,
        "balance_too_low",
        {"creator_name": NAME, "amount": AMOUNT, "available": SOME, "variant": "balance_too_low"},
    ),
    (
        _T.SYSTEM,
        "payout_unanswered",
        {"creator_name": NAME, "amount": AMOUNT, "variant": "payout_unanswered"},
    ),
    *(
        (_T.SYSTEM, f"outcome_{what}", {**_OUTCOME, "variant": f"outcome_{what}"})
        for what in (
            "fan_no_show_fan",
            "fan_no_show_creator",
            "creator_no_show_fan",
            "creator_no_show_creator",
            "nobody_came_fan",
            "nobody_came_creator",
            "technical",
            "unknown",
            "contested",
            "decided",
            "admin_technical",
            "admin_unknown",
            "admin_contested",
        )
    ),
    (_T.SYSTEM, "event_parked", {"event_type": "charge.refunded", "variant": "event_parked"}),
    (_T.SYSTEM, "daily_event_parked", {"event_type": "meeting.ended", "variant": "daily_event_parked"}),
    (_T.SYSTEM, "mail_event_parked", {"event_type": "email.bounced", "variant": "mail_event_parked"}),
    (_T.SYSTEM, "mail_bounced", {"subject": "Lorem ipsum", "variant": "mail_bounced"}),
    *((_T.SYSTEM, what, {**_ALERT, "variant": what}) for what in ALERTS),
    (_T.SYSTEM, "daily_webhook_failed", {"variant": "daily_webhook_failed"}),
    (
        _T.SYSTEM,
        "recording_ready",
        {
            "other_name": NAME,
            "offer_title": TITLE,
            "deleted_at": AT,
            "variant": "recording_ready",
        },
    ),
    (_T.SYSTEM, "call_moved", {"title": TITLE, "error": "500 Server Error", "variant": "call_moved"}),
]


def tell(user: User, key: str = "one", *, link: str = "bookings", **changes: Any) -> Notification:
    """One that a person has not read yet."""
    params = {**_CALL, "variant": "fan"}
    given = {"type": _T.BOOKING_CONFIRMED, "params": params, "now": clock.now(), **changes}
    with transaction.atomic():
        told = notify(to=user, link=link, dedupe_key=f"{key}:{user.pk}", **given)
    assert told
    return told


def tell_everything(user: User, *, link: str) -> list[Notification]:
    """One of each; the older half is read."""
    all_of_them = [
        tell(user, f"sample {number}", link=link, type=kind, params=params)
        for number, (kind, _, params) in enumerate(SAMPLES)
    ]
    read = [each.pk for each in all_of_them[: len(all_of_them) // 2]]
    Notification.objects.filter(pk__in=read).update(read_at=clock.now())
    return all_of_them

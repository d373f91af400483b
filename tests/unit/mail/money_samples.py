"""Mails about money and cancellations, made by their own functions, so that templates meet what these really say."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.money import Currency, Money
from callastar.mail import (
    messages,
    money_messages,
    outcome_messages,
    reminder_messages,
    request_messages,
    review_messages,
    schedule_messages,
)
from callastar.mail.examples.call_news import CALL_NEWS
from callastar.mail.examples.reminders import REMINDERS
from callastar.mail.models import EmailLog

ROW = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0001")
BOOKING = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000")
AWKWARD = 'Zoé & <b>"Co"</b> O’Neil'
AT = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
ALL = Money(10000, Currency.EUR)
HALF = Money(5000, Currency.EUR)
NOTHING = Money(0, Currency.EUR)

_CALL = {"booking_id": BOOKING, "offer_title": f"Chanter – {AWKWARD}", "other_name": AWKWARD, "starts_at": AT}
_CANCELLED = {**_CALL, "duration_minutes": 30, "amount": ALL}
_PAYOUT = {"payout_id": ROW, "amount": ALL}
_ADMIN = {"creator_name": AWKWARD, "path": "/fr/dashboard/admin/x/1/change/"}
_FAILED = {**_PAYOUT, "reason_code": "account_closed"}
_DEBTS = {"debt_total": Money(15000, Currency.EUR), "threshold": ALL, "key": "2026-03-03"}
_DISPUTE = {"dispute_id": ROW, "amount": ALL}
_OPENED = {**_DISPUTE, "reason_code": "fraudulent", "evidence_due_by": AT}
_ABOUT = {"offer_title": _CALL["offer_title"], "starts_at": AT}

Make = tuple[Callable[..., EmailLog], dict[str, Any]]

_cancelled = messages.booking_cancelled
_money = money_messages
MAKERS: dict[str, Make] = {
    **{
        f"booking_cancelled_fan by {by}, {name} back": (
            _cancelled,
            {**_CANCELLED, "role": "fan", "by": by, "refund": refund, "kept": None},
        )
        for by, name, refund in (
            ("fan", "all", ALL),
            ("fan", "half", HALF),
            ("fan", "nothing", NOTHING),
            ("creator", "all", ALL),
            ("platform", "all", ALL),
        )
    },
    **{
        f"booking_cancelled_creator by {by}, {name} back": (
            _cancelled,
            {**_CANCELLED, "role": "creator", "by": by, "refund": refund, "kept": kept},
        )
        for by, name, refund, kept in (
            ("fan", "all", ALL, NOTHING),
            ("fan", "half", HALF, Money(4090, Currency.EUR)),
            ("fan", "some", HALF, None),
            ("creator", "all", ALL, None),
            ("platform", "all", ALL, None),
        )
    },
    "payout_requested": (_money.payout_requested, {**_PAYOUT, "payments": 3}),
    "payout_requested_admin": (_money.payout_requested_admin, {**_PAYOUT, **_ADMIN, "payments": 3}),
    "payout_approved": (_money.payout_approved, _PAYOUT),
    "payout_rejected": (_money.payout_rejected, {**_PAYOUT, "reason": AWKWARD}),
    "payout_paid": (
        _money.payout_paid,
        {**_PAYOUT, "bank_last4": "3000", "arrived_at": date(2026, 3, 3), "calls": 3},
    ),
    "payout_paid, little known": (_money.payout_paid, {**_PAYOUT, "bank_last4": "", "arrived_at": AT}),
    **{
        f"payout_failed {step} {at and 'then'}": (
            _money.payout_failed,
            {**_FAILED, "next_step": step, "retry_at": at},
        )
        for step, at in (("retry", AT), ("retry", None), ("fix_bank", None), ("blocked", None))
    },
    "payout_failed_admin": (_money.payout_failed_admin, {**_FAILED, **_ADMIN, "blocked": False}),
    "payout_failed_admin blocked": (
        _money.payout_failed_admin,
        {**_FAILED, **_ADMIN, "reason_code": "", "blocked": True},
    ),
    **{
        f"debt_made {cause}": (
            _money.debt_made,
            {"debt_id": ROW, "amount": ALL, "cause": cause, "offer_title": AWKWARD},
        )
        for cause in ("refund", "dispute", "dispute_fee")
    },
    "debt_deducted": (_money.debt_deducted, {"settlement_id": ROW, "amount": HALF, "remaining": HALF}),
    "debt_deducted all": (_money.debt_deducted, {"settlement_id": ROW, "amount": ALL, "remaining": NOTHING}),
    "debt_threshold_exceeded": (_money.debt_threshold_exceeded, _DEBTS),
    "debt_threshold_exceeded_admin": (_money.debt_threshold_exceeded_admin, {**_DEBTS, **_ADMIN}),
    "dispute_opened": (_money.dispute_opened, {**_CALL, **_OPENED, "share": HALF}),
    "dispute_opened, nothing held": (
        _money.dispute_opened,
        {**_CALL, **_OPENED, "share": NOTHING, "evidence_due_by": None},
    ),
    "dispute_opened_admin": (
        _money.dispute_opened_admin,
        {**_ABOUT, **_OPENED, **_ADMIN, "fan_name": "Max"},
    ),
    "dispute_opened_admin inquiry": (
        _money.dispute_opened_admin,
        {**_ABOUT, **_OPENED, **_ADMIN, "fan_name": "Max", "evidence_due_by": None},
    ),
    **{
        f"dispute_closed {'won' if won else 'lost'} {share.minor}": (
            _money.dispute_closed,
            {**_CALL, **_DISPUTE, "share": share, "won": won},
        )
        for won in (True, False)
        for share in (HALF, NOTHING)
    },
    "refund_made_creator": (
        _money.refund_made_creator,
        {**_CALL, "refund_id": ROW, "amount": HALF, "taken": Money(4090, Currency.EUR)},
    ),
    "refund_made_creator, nothing taken": (
        _money.refund_made_creator,
        {**_CALL, "refund_id": ROW, "amount": HALF, "taken": NOTHING},
    ),
    "reconciliation_alert_admin": (
        _money.reconciliation_alert_admin,
        {"run_id": ROW, "differences": 1, "lines": ["ch_1 <100.00> ≠ 0"], "path": _ADMIN["path"]},
    ),
    "reconciliation_alert_admin, many": (
        _money.reconciliation_alert_admin,
        {
            "run_id": ROW,
            "differences": 30,
            "lines": [f"ch_{n}: 100.00 ≠ 0" for n in range(30)],
            "path": _ADMIN["path"],
        },
    ),
}
MAKERS |= CALL_NEWS | REMINDERS
_MODULES = (
    messages,
    money_messages,
    outcome_messages,
    reminder_messages,
    request_messages,
    review_messages,
    schedule_messages,
)


def queued(kind: str, recipient: User, **changes: Any) -> dict[str, Any]:
    """What the function of a kind of `MAKERS` gives to `queue_email`."""
    make, arguments = MAKERS[kind]
    with _captured() as calls:
        make(to=recipient, **{**arguments, **changes})
    (call,) = calls
    return call


@contextmanager
def _captured() -> Iterator[list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []

    def note(**arguments: Any) -> None:
        calls.append(arguments)

    with ExitStack() as patches:
        for module in _MODULES:
            patches.enter_context(patch.object(module, "queue_email", note))
        yield calls

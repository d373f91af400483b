"""The mails about payouts, debts, disputes and refunds, to creators and to admins: one function each.

As in `messages`: called in the transaction that causes them. A mail to admins is one for each admin; `path` is the page
of the back office that it leads to, with or without its language.
"""

from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.money import Money
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value, booking_metadata, call_values, moment_value

RowId = UUID | str
MOST_LINES = 20


def payout_requested(*, to: User, payout_id: RowId, amount: Money, payments: int) -> EmailLog:
    """To the creator: the request for a payout of so many payments has come in and waits for an admin."""
    context = {"amount": amount_value(amount), "payments": payments}
    return _to_creator("payout_requested", to, payout_id, context, {"payout": payout_id})


def payout_requested_admin(
    *, to: User, payout_id: RowId, creator_name: str, amount: Money, payments: int, path: str
) -> EmailLog:
    """To an admin: a payout waits for approval."""
    context = {"creator_name": creator_name, "amount": amount_value(amount), "payments": payments}
    return _to_admin("payout_requested_admin", to, payout_id, context, {"payout": payout_id}, path)


def payout_approved(*, to: User, payout_id: RowId, amount: Money) -> EmailLog:
    """To the creator: an admin said yes, the money leaves."""
    context = {"amount": amount_value(amount)}
    return _to_creator("payout_approved", to, payout_id, context, {"payout": payout_id})


def payout_rejected(*, to: User, payout_id: RowId, amount: Money, reason: str) -> EmailLog:
    """To the creator: an admin said no; `reason` is in the admin's own words."""
    context = {"amount": amount_value(amount), "reason": reason}
    return _to_creator("payout_rejected", to, payout_id, context, {"payout": payout_id})


def payout_paid(
    *, to: User, payout_id: RowId, amount: Money, bank_last4: str, arrived_at: date, calls: int = 0
) -> EmailLog:
    """To the creator: the money is at their bank.

    `bank_last4` may be empty and `calls` zero when they are not known. Stripe's arrival date is midnight UTC of a day
    that is meant as such: it does not move with the recipient's zone.
    """
    context = {
        "amount": amount_value(amount),
        "bank_last4": bank_last4,
        "arrived_on": _day(arrived_at).isoformat(),
        "calls": calls,
    }
    return _to_creator("payout_paid", to, payout_id, context, {"payout": payout_id})


def payout_failed(
    *,
    to: User,
    payout_id: RowId,
    amount: Money,
    reason_code: str,
    next_step: Literal["retry", "fix_bank", "blocked"],
    retry_at: datetime | None,
) -> EmailLog:
    """To the creator: the payout came back (`reason_code` is Stripe's), and what happens next."""
    context = {
        "amount": amount_value(amount),
        "reason_code": reason_code,
        "next_step": next_step,
        "retry_at": moment_value(retry_at),
    }
    return _to_creator("payout_failed", to, payout_id, context, {"payout": payout_id})


def payout_failed_admin(
    *,
    to: User,
    payout_id: RowId,
    creator_name: str,
    amount: Money,
    reason_code: str,
    blocked: bool,
    path: str,
) -> EmailLog:
    """To an admin: a payout came back; `blocked`: the creator's payouts wait for an admin."""
    context = {
        "creator_name": creator_name,
        "amount": amount_value(amount),
        "reason_code": reason_code,
        "blocked": blocked,
    }
    return _to_admin("payout_failed_admin", to, payout_id, context, {"payout": payout_id}, path)


def debt_made(
    *,
    to: User,
    debt_id: RowId,
    amount: Money,
    cause: Literal["refund", "dispute", "dispute_fee"],
    offer_title: str,
) -> EmailLog:
    """To the creator: what the platform laid out for them, which their earnings give back."""
    context = {"amount": amount_value(amount), "cause": cause, "offer_title": offer_title}
    return _to_creator("debt_made", to, debt_id, context, {"debt": debt_id})


def debt_deducted(*, to: User, settlement_id: RowId, amount: Money, remaining: Money) -> EmailLog:
    """To the creator: part of their earnings went into what they owed; `remaining` is what they still owe."""
    context = {
        "amount": amount_value(amount),
        "remaining": amount_value(remaining),
        "settled": remaining.minor == 0,
    }
    return _to_creator("debt_deducted", to, settlement_id, context, {"settlement": settlement_id})


def debt_threshold_exceeded(*, to: User, debt_total: Money, threshold: Money, key: RowId) -> EmailLog:
    """To the creator: they owe too much, so payouts stop. One mail for each `key`."""
    context = {"debt_total": amount_value(debt_total), "threshold": amount_value(threshold)}
    return _to_creator("debt_threshold_exceeded", to, key, context, {})


def debt_threshold_exceeded_admin(
    *, to: User, creator_name: str, debt_total: Money, threshold: Money, path: str, key: RowId
) -> EmailLog:
    """To an admin: a creator owes too much, so their payouts stop. One mail for each `key` and admin."""
    context = {
        "creator_name": creator_name,
        "debt_total": amount_value(debt_total),
        "threshold": amount_value(threshold),
    }
    return _to_admin("debt_threshold_exceeded_admin", to, key, context, {}, path)


def dispute_opened(
    *,
    to: User,
    dispute_id: RowId,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    amount: Money,
    share: Money,
    reason_code: str,
    evidence_due_by: datetime | None,
) -> EmailLog:
    """To the creator: the fan's bank asks for the money back (`amount`), and their `share` of it is held back."""
    context = {
        **call_values(offer_title, other_name, starts_at),
        **_dispute(amount, reason_code, evidence_due_by),
        "share": amount_value(share),
    }
    return _to_creator(
        "dispute_opened", to, dispute_id, context, {**booking_metadata(booking_id), "dispute": dispute_id}
    )


def dispute_opened_admin(
    *,
    to: User,
    dispute_id: RowId,
    creator_name: str,
    fan_name: str,
    offer_title: str,
    starts_at: datetime,
    amount: Money,
    reason_code: str,
    evidence_due_by: datetime | None,
    path: str,
) -> EmailLog:
    """To an admin: evidence is wanted until `evidence_due_by`, if Stripe wants any."""
    context = {
        **call_values(offer_title, fan_name, starts_at),
        **_dispute(amount, reason_code, evidence_due_by),
        "creator_name": creator_name,
    }
    return _to_admin("dispute_opened_admin", to, dispute_id, context, {"dispute": dispute_id}, path)


def dispute_closed(
    *,
    to: User,
    dispute_id: RowId,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    amount: Money,
    share: Money,
    won: bool,
) -> EmailLog:
    """To the creator: the bank has decided; `share` comes back when `won`, and is gone when lost."""
    context = {
        **call_values(offer_title, other_name, starts_at),
        "amount": amount_value(amount),
        "share": amount_value(share),
        "won": won,
    }
    return _to_creator(
        "dispute_closed", to, dispute_id, context, {**booking_metadata(booking_id), "dispute": dispute_id}
    )


def refund_made_creator(
    *,
    to: User,
    refund_id: RowId,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    amount: Money,
    taken: Money,
) -> EmailLog:
    """To the creator: the platform gave `amount` back to the fan, of which `taken` comes out of their earnings."""
    context = {
        **call_values(offer_title, other_name, starts_at),
        "amount": amount_value(amount),
        "taken": amount_value(taken),
    }
    return _to_creator(
        "refund_made_creator", to, refund_id, context, {**booking_metadata(booking_id), "refund": refund_id}
    )


def reconciliation_alert_admin(
    *, to: User, run_id: RowId, differences: int, lines: list[str], path: str
) -> EmailLog:
    """To an admin: ledger and Stripe differ. Each of `lines` is one difference with its ids; the first 20 are shown."""
    context = {
        "differences": differences,
        "lines": lines[:MOST_LINES],
        "more": differences > min(len(lines), MOST_LINES),
    }
    return _to_admin("reconciliation_alert_admin", to, run_id, context, {"reconciliation": run_id}, path)


def _to_creator(
    template: str, to: User, row: RowId, context: dict[str, Any], metadata: dict[str, RowId]
) -> EmailLog:
    return queue_email(
        template=template,
        recipient=to,
        dedupe_key=f"{template}:{row}",
        context={**context, "studio_url": links.studio_link(to.locale)},
        metadata=_texts(metadata),
    )


def _to_admin(
    template: str, to: User, row: RowId, context: dict[str, Any], metadata: dict[str, RowId], path: str
) -> EmailLog:
    return queue_email(
        template=template,
        recipient=to,
        dedupe_key=f"{template}:{row}:{to.pk}",
        context={**context, "admin_url": links.site_link(path, to.locale)},
        metadata=_texts(metadata),
    )


def _texts(metadata: dict[str, RowId]) -> dict[str, str]:
    return {name: str(row) for name, row in metadata.items()}


def _dispute(amount: Money, reason_code: str, evidence_due_by: datetime | None) -> dict[str, Any]:
    return {
        "amount": amount_value(amount),
        "reason_code": reason_code,
        "evidence_due_by": moment_value(evidence_due_by),
    }


def _day(moment: date) -> date:
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment

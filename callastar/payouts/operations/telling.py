"""Who is told about payouts, in the transaction that causes it."""

from datetime import datetime
from typing import Literal

from callastar.core.money import Money
from callastar.mail import money_messages as mails
from callastar.mail.values import amount_value
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify, notify_admins
from callastar.payments.operations.telling import EARNINGS, admins
from callastar.payouts.models import Payout, PayoutPolicy
from callastar.payouts.rules.cancellation import Cancellation

_BACK_OFFICE = "dashboard/admin/payouts/payout"


def _path(payout: Payout) -> str:
    return f"{_BACK_OFFICE}/{payout.pk}/change/"


def requested(payout: Payout, *, payments: int, now: datetime) -> None:
    """A payout waits for an admin: admins and the creator are told."""
    creator, amount = payout.creator, payout.money
    mails.payout_requested(to=creator.user, payout_id=payout.pk, amount=amount, payments=payments)
    for admin in admins():
        mails.payout_requested_admin(
            to=admin,
            payout_id=payout.pk,
            creator_name=creator.name,
            amount=amount,
            payments=payments,
            path=_path(payout),
        )
    params = {"creator_name": creator.name, "amount": amount_value(amount), "payments": payments}
    notify_admins(
        type=NotificationType.PAYOUT_REQUEST,
        params=params,
        link=_path(payout),
        dedupe_key=f"payout_requested:{payout.pk}",
        now=now,
    )


def approved(payout: Payout, *, now: datetime) -> None:
    """An admin said yes."""
    mails.payout_approved(to=payout.creator.user, payout_id=payout.pk, amount=payout.money)
    _notify(payout, NotificationType.PAYOUT_APPROVED, "", now)


def rejected(payout: Payout, *, now: datetime) -> None:
    """An admin said no, and why."""
    mails.payout_rejected(
        to=payout.creator.user, payout_id=payout.pk, amount=payout.money, reason=payout.reason
    )
    _notify(payout, NotificationType.PAYOUT_FAILED, "rejected", now)


def paid(payout: Payout, *, calls: int, now: datetime) -> None:
    """The money is at the bank."""
    mails.payout_paid(
        to=payout.creator.user,
        payout_id=payout.pk,
        amount=payout.money,
        bank_last4=payout.bank_last4,
        arrived_at=payout.arrival_date or now,
        calls=calls,
    )
    _notify(payout, NotificationType.PAYOUT_COMPLETED, "", now)


def failed(payout: Payout, policy: PayoutPolicy, *, now: datetime) -> None:
    """The payout came back: Stripe's reason, and what happens next."""
    blocked = bool(policy.blocked_reason)
    next_step: Literal["retry", "fix_bank", "blocked"] = (
        "blocked" if blocked else "fix_bank" if policy.failed_bank_account else "retry"
    )
    code = payout.failure_code or "could_not_process"
    mails.payout_failed(
        to=payout.creator.user,
        payout_id=payout.pk,
        amount=payout.money,
        reason_code=code,
        next_step=next_step,
        retry_at=policy.retry_at if next_step == "retry" else None,
    )
    for admin in admins():
        mails.payout_failed_admin(
            to=admin,
            payout_id=payout.pk,
            creator_name=payout.creator.name,
            amount=payout.money,
            reason_code=code,
            blocked=blocked,
            path=_path(payout),
        )
    variant = "failed" if next_step == "retry" else next_step
    _notify(payout, NotificationType.PAYOUT_FAILED, variant, now)
    notify_admins(
        type=NotificationType.PAYOUT_FAILED,
        params={
            **_params(payout),
            "variant": "admin_blocked" if blocked else "admin",
            "creator_name": payout.creator.name,
        },
        link=_path(payout),
        dedupe_key=f"payout_failed:{payout.pk}",
        now=now,
    )


def canceled(payout: Payout, why: Cancellation, *, now: datetime) -> None:
    """A payout is not made after all: its creator is told, and admins whose colleague had agreed to it."""
    _notify(payout, NotificationType.PAYOUT_FAILED, "canceled", now, reason_code=why.value)
    if payout.approved_by_id:
        notify_admins(
            type=NotificationType.PAYOUT_FAILED,
            params={
                **_params(payout),
                "variant": "admin_canceled",
                "creator_name": payout.creator.name,
                "reason_code": why.value,
            },
            link=_path(payout),
            dedupe_key=f"payout_canceled:{payout.pk}",
            now=now,
        )


def unanswered(payout: Payout, *, now: datetime) -> None:
    """Stripe does not say any more how a payout stands that has left: once, an admin must find out."""
    notify_admins(
        type=NotificationType.SYSTEM,
        params={
            "variant": "payout_unanswered",
            "creator_name": payout.creator.name,
            "amount": amount_value(payout.money),
        },
        link=_path(payout),
        dedupe_key=f"payout_unanswered:{payout.pk}",
        now=now,
    )


def balance_too_low(payout: Payout, *, payable: Money, available: Money, now: datetime) -> None:
    """Stripe has less available than the journal says is payable: admins must look."""
    notify_admins(
        type=NotificationType.SYSTEM,
        params={
            "variant": "balance_too_low",
            "creator_name": payout.creator.name,
            "amount": amount_value(payable),
            "available": amount_value(available),
        },
        link=_path(payout),
        dedupe_key=f"balance_too_low:{payout.pk}",
        now=now,
    )


def _notify(payout: Payout, kind: NotificationType, variant: str, now: datetime, **more: object) -> None:
    notify(
        to=payout.creator.user,
        type=kind,
        params={**_params(payout), **({"variant": variant} if variant else {}), **more},
        link=EARNINGS,
        dedupe_key=f"payout:{kind}:{payout.pk}:{variant}",
        now=now,
    )


def _params(payout: Payout) -> dict[str, object]:
    return {
        "amount": amount_value(payout.money),
        "reason": payout.reason,
        "reason_code": payout.failure_code,
    }

"""Who is told about debts, disputes and what could not be moved; in the transaction that causes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from callastar.accounts.models import Role, User
from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.mail import money_messages as mails
from callastar.mail.values import amount_value
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify, notify_admins
from callastar.offers.models import CallOffer
from callastar.payments.models import Debt, DebtSettlement, Dispute, DisputeStatus, Payment

_BACK_OFFICE = "dashboard/admin/payments"
EARNINGS = "dashboard/creator/earnings"


@dataclass(frozen=True, slots=True)
class _Parties:
    """The call that a payment was for and the two people of it."""

    creator: Creator
    offer: CallOffer
    fan: User

    @classmethod
    def of(cls, payment: Payment) -> "_Parties":
        return cls(
            creator=Creator.objects.select_related("user").get(pk=payment.creator_id),
            offer=CallOffer.objects.get(pk=payment.offer_id),
            fan=User.objects.get(pk=payment.fan_id),
        )


def admins() -> Iterator[User]:
    """Everybody who decides about money."""
    yield from User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")


def debt_made(debt: Debt, *, now: datetime) -> None:
    """A creator owes something; what they earn gives it back."""
    causes: dict[str, Literal["refund", "dispute", "dispute_fee"]] = {
        "REFUND": "refund",
        "DISPUTE": "dispute",
        "DISPUTE_FEE": "dispute_fee",
    }
    parties = _Parties.of(debt.payment)
    mails.debt_made(
        to=parties.creator.user,
        debt_id=debt.pk,
        amount=_money(debt.amount, debt.currency),
        cause=causes[debt.cause],
        offer_title=parties.offer.title,
    )


def debt_deducted(debt: Debt, settlement: DebtSettlement, *, now: datetime) -> None:
    """Part of what a creator earned went into what they owed."""
    user = Creator.objects.select_related("user").get(pk=debt.creator_id).user
    amount, remaining = (
        _money(settlement.amount, debt.currency),
        _money(max(0, debt.remaining), debt.currency),
    )
    mails.debt_deducted(to=user, settlement_id=settlement.pk, amount=amount, remaining=remaining)
    notify(
        to=user,
        type=NotificationType.DEBT_DEDUCTED,
        params={"amount": amount_value(amount), "remaining": amount_value(remaining)},
        link=EARNINGS,
        dedupe_key=f"debt_deducted:{settlement.pk}",
        now=now,
    )


def debt_above_threshold(debt: Debt, *, total: int, threshold: int, now: datetime) -> None:
    """A creator owes so much that their payouts stop."""
    creator = Creator.objects.select_related("user").get(pk=debt.creator_id)
    owed, limit = _money(total, debt.currency), _money(threshold, debt.currency)
    path = f"{_BACK_OFFICE}/debt/{debt.pk}/change/"
    mails.debt_threshold_exceeded(to=creator.user, debt_total=owed, threshold=limit, key=debt.pk)
    for admin in admins():
        mails.debt_threshold_exceeded_admin(
            to=admin, creator_name=creator.name, debt_total=owed, threshold=limit, path=path, key=debt.pk
        )
    params = {"creator_name": creator.name, "debt": amount_value(owed), "threshold": amount_value(limit)}
    key, kind = f"debt_threshold:{debt.pk}", NotificationType.DEBT_THRESHOLD_EXCEEDED
    notify(to=creator.user, type=kind, params=params, link=EARNINGS, dedupe_key=key, now=now)
    notify_admins(
        type=kind, params={**params, "variant": "admin"}, link=path, dedupe_key=f"{key}:admin", now=now
    )
    record(
        type="DEBT_THRESHOLD_EXCEEDED",
        level=Level.WARNING,
        message=f"A creator owes {total} {debt.currency}: payouts are blocked",
        creator=creator.pk,
    )


def dispute_opened(dispute: Dispute, *, now: datetime) -> None:
    """The fan's bank asks for the money back: creator and admins are told until when evidence is wanted."""
    payment = dispute.payment
    parties, amount = _Parties.of(payment), _money(dispute.amount, payment.currency)
    path = f"{_BACK_OFFICE}/dispute/{dispute.pk}/change/"
    mails.dispute_opened(
        to=parties.creator.user,
        dispute_id=dispute.pk,
        booking_id=payment.booking_id,
        offer_title=parties.offer.title,
        other_name=parties.fan.name,
        starts_at=parties.offer.starts_at,
        amount=amount,
        share=_money(dispute.share or 0, payment.currency),
        reason_code=dispute.reason,
        evidence_due_by=dispute.evidence_due_by,
    )
    for admin in admins():
        mails.dispute_opened_admin(
            to=admin,
            dispute_id=dispute.pk,
            creator_name=parties.creator.name,
            fan_name=parties.fan.name,
            offer_title=parties.offer.title,
            starts_at=parties.offer.starts_at,
            amount=amount,
            reason_code=dispute.reason,
            evidence_due_by=dispute.evidence_due_by,
            path=path,
        )
    _notify_dispute(dispute, parties, variant="opened", now=now)
    notify_admins(
        type=NotificationType.DISPUTE_CREATED,
        params={**_dispute_params(dispute, parties), "variant": "admin"},
        link=path,
        dedupe_key=f"dispute_admin:{dispute.pk}",
        now=now,
    )


def dispute_closed(dispute: Dispute, *, now: datetime) -> None:
    """The bank has decided."""
    if dispute.status not in {DisputeStatus.WON, DisputeStatus.LOST}:
        return
    payment, won = dispute.payment, dispute.status == DisputeStatus.WON
    parties = _Parties.of(payment)
    mails.dispute_closed(
        to=parties.creator.user,
        dispute_id=dispute.pk,
        booking_id=payment.booking_id,
        offer_title=parties.offer.title,
        other_name=parties.fan.name,
        starts_at=parties.offer.starts_at,
        amount=_money(dispute.amount, payment.currency),
        share=_money(dispute.share or 0, payment.currency),
        won=won,
    )
    _notify_dispute(dispute, parties, variant="won" if won else "lost", now=now)


def _notify_dispute(dispute: Dispute, parties: _Parties, *, variant: str, now: datetime) -> None:
    notify(
        to=parties.creator.user,
        type=NotificationType.DISPUTE_CREATED,
        params={**_dispute_params(dispute, parties), "variant": variant},
        link=f"bookings/{dispute.payment.booking_id}",
        dedupe_key=f"dispute:{variant}:{dispute.pk}",
        now=now,
    )


def _dispute_params(dispute: Dispute, parties: _Parties) -> dict[str, object]:
    due = dispute.evidence_due_by
    return {
        "amount": amount_value(_money(dispute.amount, dispute.payment.currency)),
        "offer_title": parties.offer.title,
        "creator_name": parties.creator.name,
        "evidence_due_by": due.isoformat() if due else "",
    }


def move_failed(
    payment: Payment, *, what: str, key: str, reason: str, now: datetime, attempt: str = ""
) -> None:
    """Something that was to be moved at Stripe is given up: `what` is `transfer`, `reversal` or `refund`.

    Told once for each `key` and `attempt`.
    """
    record(
        type="TRANSFER_FAILED",
        level=Level.CRITICAL,
        message=f"A {what} is not made at Stripe, somebody must look: {reason}",
        booking=payment.booking_id,
        row=key,
    )
    notify_admins(
        type=NotificationType.TRANSFER_FAILED,
        params={"what": what, "reason": reason},
        link=f"{_BACK_OFFICE}/payment/{payment.pk}/change/",
        dedupe_key=f"move_failed:{key}:{attempt}" if attempt else f"move_failed:{key}",
        now=now,
    )


def _money(minor: int, currency: str) -> Money:
    return Money(minor, Currency(currency))

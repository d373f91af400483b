"""Debts of creators: made where the platform paid for them, settled by what is taken back, or by hand."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.queue import defer
from callastar.payments.models import (
    Debt,
    DebtCause,
    DebtSettlement,
    DebtStatus,
    Dispute,
    MoveStatus,
    Refund,
    SettlementMethod,
    TransferReversal,
)
from callastar.payments.operations import telling
from callastar.payments.operations.names import RECOVER_DEBTS
from callastar.payments.operations.posting import (
    Book,
    post_debt,
    post_debt_cancelled,
    post_forgiveness_returned,
    post_manual_settlement,
)
from callastar.payments.operations.recording import lock_payment
from callastar.payments.refusals import NoteMissingError, SettlementTooLargeError


def open_debt(creator_id: int, currency: str) -> int:
    """What a creator still owes in one currency, in minor units."""
    owed = Debt.objects.filter(creator_id=creator_id, currency=currency, status=DebtStatus.OPEN)
    return owed.aggregate(total=Sum(F("amount") - F("settled_amount")))["total"] or 0


def make_debt(
    *,
    book: Book,
    amount: int,
    cause: DebtCause,
    refund: Refund | None = None,
    dispute: Dispute | None = None,
) -> Debt:
    """Note that the creator of a locked payment owes `amount` (minor units), and see that it comes back."""
    payment = book.payment
    before = open_debt(payment.creator_id, book.currency)
    debt = Debt.objects.create(
        creator_id=payment.creator_id,
        payment=payment,
        refund=refund,
        dispute=dispute,
        cause=cause,
        amount=amount,
        currency=book.currency,
        created_at=book.now,
    )
    post_debt(book, debt)
    record(
        type="DEBT_MADE",
        level=Level.WARNING,
        message=f"A creator owes {amount} {book.currency} ({cause})",
        creator=payment.creator_id,
        debt=debt.pk,
        booking=payment.booking_id,
    )
    telling.debt_made(debt, now=book.now)
    threshold = settings.DEBT_THRESHOLD
    if before <= threshold < before + amount:
        telling.debt_above_threshold(debt, total=before + amount, threshold=threshold, now=book.now)
    defer(RECOVER_DEBTS, creator_id=payment.creator_id)
    return debt


def settle_by_reversal(*, reversal: TransferReversal, now: datetime) -> None:
    """What a reversal took back is settled of its debt; the payment of the reversal is locked."""
    debt = Debt.objects.select_for_update(of=("self",)).get(reversals=reversal)
    method = SettlementMethod(reversal.method)
    settlement = _settle(debt, reversal.amount, method, SYSTEM, now, reversal=reversal)
    telling.debt_deducted(debt, settlement, now=now)


def lock_debt(debt_id: UUID) -> Debt:
    """The debt, locked until the transaction ends, and its payment with it: payments before debts before balances."""
    lock_payment(Debt.objects.values_list("payment_id", flat=True).get(pk=debt_id))
    return Debt.objects.select_for_update(of=("self",)).select_related("payment").get(pk=debt_id)


def settle_manually(
    *, debt_id: UUID, amount: int, note: str, actor: Actor, now: datetime, forgiven: bool = False
) -> Debt:
    """Record that a debt came back in another way, or is `forgiven`: `amount` in minor units.

    What came back is given back when the debt's dispute is won; what was forgiven is not: nothing was paid.

    Raises `NoteMissingError`, and `SettlementTooLargeError` for more than is owed and not being taken back.
    """
    if not note.strip():
        raise NoteMissingError
    with transaction.atomic():
        debt = lock_debt(debt_id)
        if not 0 < amount <= debt.remaining - being_recovered([debt]).get(debt.pk, 0):
            raise SettlementTooLargeError
        settlement = _settle(
            debt, amount, SettlementMethod.MANUAL, actor, now, note=note.strip(), forgiven=forgiven
        )
        post_manual_settlement(Book(debt.payment, debt.currency, now), settlement)
    return debt


def _settle(
    debt: Debt,
    amount: int,
    method: SettlementMethod,
    actor: Actor,
    now: datetime,
    *,
    reversal: TransferReversal | None = None,
    note: str = "",
    forgiven: bool = False,
) -> DebtSettlement:
    settlement = DebtSettlement.objects.create(
        debt=debt,
        amount=amount,
        method=method,
        reversal=reversal,
        note=note[:300],
        is_forgiven=forgiven,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
    )
    debt.settled_amount += amount
    debt.reconciled_by = method
    if debt.settled_amount == debt.amount:
        debt.status, debt.settled_at = DebtStatus.SETTLED, now
    debt.save()
    record(
        type="DEBT_SETTLED",
        message=f"{amount} {debt.currency} of a debt {'forgiven' if forgiven else f'settled ({method})'},"
        f" {debt.remaining} left",
        actor=actor,
        creator=debt.creator_id,
        debt=debt.pk,
    )
    return settlement


def cancel_debt(*, debt: Debt, book: Book) -> None:
    """A dispute was won: what is open or was forgiven of its debt was never owed. The debt is locked."""
    remaining, forgiven = debt.remaining, list(debt.settlements.filter(is_forgiven=True))
    for settlement in forgiven:
        post_forgiveness_returned(book, settlement)
    if debt.status == DebtStatus.OPEN or (forgiven and debt.status == DebtStatus.SETTLED):
        if remaining:
            post_debt_cancelled(book, debt, remaining)
        debt.status, debt.settled_at = DebtStatus.CANCELLED, book.now
        debt.save()
        record(
            type="DEBT_CANCELLED",
            message=f"{remaining} {debt.currency} are owed no longer: the dispute was won",
            creator=debt.creator_id,
            debt=debt.pk,
        )


def being_recovered(debts: Iterable[Debt]) -> dict[UUID, int]:
    """What is under way to settle each debt, in minor units: claimed, and not known to be made or refused."""
    pending = TransferReversal.objects.filter(debt__in=debts, status=MoveStatus.PENDING)
    sums = pending.values_list("debt_id").annotate(total=Sum("amount"))
    return {debt_id: total for debt_id, total in sums if debt_id}


def open_debts(creator_id: int, currency: str) -> list[tuple[Debt, int]]:
    """Open debts, oldest first, each with what is still to be claimed, in minor units."""
    debts = list(
        Debt.objects.filter(creator_id=creator_id, currency=currency, status=DebtStatus.OPEN)
        .select_related("payment")
        .order_by("created_at", "pk")
    )
    under_way = being_recovered(debts)
    left = [(debt, debt.remaining - under_way.get(debt.pk, 0)) for debt in debts]
    return [(debt, amount) for debt, amount in left if amount > 0]

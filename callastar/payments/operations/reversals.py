"""Taking parts of transfers back: claimed on our row, made at Stripe, written down as Stripe reports them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.queue import defer
from callastar.ledger.queries import open_earnings
from callastar.payments.models import (
    Debt,
    DebtCause,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    ReversalPurpose,
    SettlementMethod,
    TransferReversal,
)
from callastar.payments.operations import debts, telling
from callastar.payments.operations.names import EXECUTE_REVERSAL, SETTLE_DISPUTE
from callastar.payments.operations.posting import Book, post_reversal
from callastar.payments.operations.recording import lock_balances, lock_payment
from callastar.providers.stripe.money_types import ReversalSnapshot

KEY = "reversal"  # in Stripe's metadata: our row
NOTHING_LEFT = "nothing is left of the transfers to take it from"


def claim_for_dispute(*, payment: Payment, dispute: Dispute, amount: int) -> TransferReversal:
    """Claim the creator's share of a dispute from the payment's own transfer; made by a job."""
    reversal = TransferReversal.objects.create(
        payment=payment, purpose=ReversalPurpose.DISPUTE, dispute=dispute, amount=amount
    )
    defer(EXECUTE_REVERSAL, reversal_id=str(reversal.pk))
    return reversal


def claim_for_debt(
    *,
    debt: Debt,
    payment: Payment,
    amount: int,
    method: SettlementMethod,
    now: datetime,
    payout_id: UUID | None = None,
) -> TransferReversal:
    """Claim part of a debt (minor units) from a payment's transfer. Debt and payment are locked by the caller."""
    return TransferReversal.objects.create(
        payment=payment,
        purpose=ReversalPurpose.DEBT,
        debt=debt,
        method=method,
        amount=amount,
        payout_id=payout_id,
        created_at=now,
    )


def claim_from_own_transfers(*, creator_id: int, available: dict[str, int], now: datetime) -> list[UUID]:
    """Claim what is owed from the very payments that it is owed for, where their money is still in the account.

    `available` (minor units, by currency) is what Stripe says the account has. Answers the claims to be made.
    """
    claims = []
    for currency, balance in available.items():
        for debt, left in debts.open_debts(creator_id, currency):
            with transaction.atomic():
                reversal = _claim_from_origin(debt.pk, min(left, balance), now)
            if reversal:
                balance -= reversal.amount
                claims.append(reversal.pk)
    return claims


def _claim_from_origin(debt_id: UUID, most: int, now: datetime) -> TransferReversal | None:
    payment_id = Debt.objects.values_list("payment_id", flat=True).get(pk=debt_id)
    payment = lock_payment(payment_id)
    debt = Debt.objects.select_for_update().get(pk=debt_id)
    earned = open_earnings(debt.creator_id).get(payment.pk, 0) - claimed(payment)
    amount = min(most, earned, debt.remaining - debts.being_recovered([debt]).get(debt.pk, 0))
    under_way = payment.reversals.filter(debt=debt, status=MoveStatus.PENDING).exists()
    if amount <= 0 or under_way or is_in_payout(payment) or not payment.transfer_id:
        return None
    return claim_for_debt(
        debt=debt, payment=payment, amount=amount, method=SettlementMethod.TRANSFER_REVERSAL, now=now
    )


def claimed(payment: Payment) -> int:
    """What is being taken back from a payment's earnings and not posted yet, in minor units."""
    pending = payment.reversals.filter(status=MoveStatus.PENDING).values_list("amount", flat=True)
    return sum(pending)


def is_in_payout(payment: Payment) -> bool:
    """Whether a payout that is on its way covers the payment."""
    return payment.payout_status == "PROCESSING"


def aim(*, reversal_id: UUID, left: Mapping[str, int] | None, now: datetime) -> UUID | None:
    """Choose, once, which transfer a claim is taken from, before Stripe is first asked to.

    `left` is what each transfer still has (minor units), the first to be used first; None where there is only the
    payment's own. Of a debt, what one transfer has not is claimed apart: answers that claim. A claim that cannot be
    met is given up.
    """
    with transaction.atomic():
        payment = lock_payment(
            TransferReversal.objects.values_list("payment_id", flat=True).get(pk=reversal_id)
        )
        reversal = TransferReversal.objects.select_for_update().get(pk=reversal_id)
        if reversal.status != MoveStatus.PENDING or reversal.first_asked_at is not None:
            return None
        parts = _parts(reversal, payment, left)
        if not parts:
            give_up_reversal(reversal_id=reversal_id, reason=NOTHING_LEFT, now=now)
            return None
        whole = reversal.amount
        (reversal.source_transfer, reversal.amount), reversal.first_asked_at = parts[0], now
        reversal.save(update_fields=["source_transfer", "amount", "first_asked_at"])
        return _claim_rest(reversal, whole - reversal.amount) if whole > reversal.amount else None


def _parts(
    reversal: TransferReversal, payment: Payment, left: Mapping[str, int] | None
) -> list[tuple[str, int]]:
    """The transfer to take from and how much, if there is one: one that has it all, else the first that has any."""
    if left is None:
        return [(payment.transfer_id, reversal.amount)]
    free = {source: has - _aimed_at(source) for source, has in left.items()}
    whole = [(source, reversal.amount) for source, has in free.items() if has >= reversal.amount]
    if whole or reversal.purpose == ReversalPurpose.DISPUTE:
        return whole  # a dispute's share that is not in one transfer becomes a debt, which may be split
    return [(source, has) for source, has in free.items() if has > 0]


def _aimed_at(source: str) -> int:
    under_way = TransferReversal.objects.filter(source_transfer=source, status=MoveStatus.PENDING)
    return sum(under_way.values_list("amount", flat=True))


def _claim_rest(reversal: TransferReversal, amount: int) -> UUID:
    rest = TransferReversal.objects.create(
        payment_id=reversal.payment_id,
        purpose=reversal.purpose,
        debt_id=reversal.debt_id,
        method=reversal.method,
        amount=amount,
        payout_id=reversal.payout_id,
        created_at=reversal.created_at,
    )
    return rest.pk


def lock_for_recording(*, payment: Payment, reversals: Iterable[ReversalSnapshot]) -> None:
    """Lock what writing down a locked payment's reversals will settle, and only then the creator's balances."""
    keys = [key for snapshot in reversals if (key := snapshot.metadata.get(KEY))]
    settled = TransferReversal.objects.filter(pk__in=keys, debt__isnull=False).values("debt")
    list(Debt.objects.filter(pk__in=settled).order_by("pk").select_for_update().values_list("pk"))
    lock_balances(payment.creator_id)


def record_reversals(*, book: Book, reversals: Iterable[ReversalSnapshot]) -> None:
    """Write down every part of a locked payment's transfer that Stripe says was taken back."""
    for snapshot in reversals:
        ours = _row_of(snapshot)
        entry = post_reversal(book, snapshot, ours)
        if ours is not None:
            _note_made(ours, snapshot, book.now)
        elif entry is not None and not snapshot.source_refund:
            record(
                type="TRANSFER_REVERSED_BY_HAND",
                level=Level.ERROR,
                message=f"{snapshot.amount} {book.currency} of a transfer were taken back at Stripe by hand",
                booking=book.payment.booking_id,
                reversal=snapshot.id,
            )


def _row_of(snapshot: ReversalSnapshot) -> TransferReversal | None:
    key = snapshot.metadata.get(KEY)
    return TransferReversal.objects.select_for_update().filter(pk=key).first() if key else None


def _note_made(reversal: TransferReversal, snapshot: ReversalSnapshot, now: datetime) -> None:
    if reversal.status == MoveStatus.SUCCEEDED:
        return
    reversal.status, reversal.stripe_reversal_id, reversal.failure_reason = (
        MoveStatus.SUCCEEDED,
        snapshot.id,
        "",
    )
    reversal.save()
    if reversal.debt_id:
        debts.settle_by_reversal(reversal=reversal, now=now)
    _go_on(reversal)


def give_up_reversal(*, reversal_id: UUID, reason: str, now: datetime) -> None:
    """Stripe does not take it back: a dispute's share becomes a debt, a debt stays as it is."""
    with transaction.atomic():
        payment_id = TransferReversal.objects.values_list("payment_id", flat=True).get(pk=reversal_id)
        payment = lock_payment(payment_id)
        reversal = (
            TransferReversal.objects.select_for_update(of=("self",))
            .select_related("dispute")
            .get(pk=reversal_id)
        )
        if reversal.status != MoveStatus.PENDING:
            return
        reversal.status, reversal.failure_reason = MoveStatus.FAILED, reason[:200]
        reversal.save()
        record(
            type="TRANSFER_REVERSAL_FAILED",
            level=Level.WARNING,
            message=f"{reversal.amount} {payment.currency} could not be taken back from a creator's account: {reason}",
            booking=payment.booking_id,
            reversal=reversal.pk,
        )
        if reversal.dispute is not None and reversal.dispute.status != DisputeStatus.WON:
            book = Book(payment, payment.currency, now)
            debts.make_debt(
                book=book, amount=reversal.amount, cause=DebtCause.DISPUTE, dispute=reversal.dispute
            )
        elif reversal.dispute is None:
            telling.move_failed(payment, what="reversal", key=str(reversal.pk), reason=reason, now=now)
        _go_on(reversal)


def _go_on(reversal: TransferReversal) -> None:
    """A dispute that was won meanwhile waits for this."""
    dispute_id = reversal.dispute_id or (reversal.debt.dispute_id if reversal.debt else None)
    if dispute_id:
        defer(SETTLE_DISPUTE, dispute_id=str(dispute_id))

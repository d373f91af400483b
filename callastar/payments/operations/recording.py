"""Writing down what Stripe says of an intent or a charge, on a locked payment."""

from datetime import datetime
from uuid import UUID

from callastar.core.queue import defer
from callastar.ledger.models import Balance
from callastar.payments.models import (
    OPEN_DISPUTES,
    DisputeStatus,
    IntentState,
    Payment,
    PaymentStatus,
    RefundStatus,
)
from callastar.payments.operations.names import SYNC_CHARGE
from callastar.payments.rules import status_of_payment
from callastar.providers.stripe.types import ChargeSnapshot, IntentSnapshot


def lock_payment(payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends. Locks are taken offer first, then booking, then payment."""
    return Payment.objects.select_for_update().get(pk=payment_id)


def lock_balances(creator_id: int) -> None:
    """Lock a creator's own balances, in the order in which entries add to them; after payments and debts.

    For whoever posts more than one entry: of two such, each might hold what the other one wants next.
    """
    mine = Balance.objects.filter(creator_id=creator_id, payment_id=None)
    list(mine.order_by("account", "currency").select_for_update().values_list("pk"))


def matches(payment: Payment, snapshot: IntentSnapshot) -> bool:
    """Whether Stripe took exactly what was asked for."""
    return (snapshot.amount_received, snapshot.currency) == (payment.amount, payment.currency)


def record_paid(*, payment: Payment, snapshot: IntentSnapshot, now: datetime) -> bool:
    """The money arrived. Answers whether this is news."""
    is_news = payment.paid_at is None
    if is_news:
        payment.paid_at = now
        payment.failure_code = ""
        count_refunds(payment)
    payment.intent_id = snapshot.id
    payment.intent_state = IntentState.SUCCEEDED
    _note_charge(payment, snapshot.charge)
    payment.save()
    if is_news and payment.charge_id:
        defer(SYNC_CHARGE, charge_id=payment.charge_id)  # its money goes into the journal
    return is_news


def count_refunds(payment: Payment) -> None:
    """What a paid payment has become by its refunds and disputes; saved by the caller."""
    succeeded = payment.refunds.filter(status=RefundStatus.SUCCEEDED).values_list("amount", flat=True)
    disputes = list(payment.disputes.values_list("status", "amount", "share"))
    payment.status, payment.refunded_amount = status_of_payment(
        amount=payment.amount,
        succeeded=succeeded,
        disputed=any(status in OPEN_DISPUTES for status, _, _ in disputes),
        lost=sum(
            amount for status, amount, share in disputes if status == DisputeStatus.LOST and share is not None
        ),
    )


def record_processing(*, payment: Payment, snapshot: IntentSnapshot) -> bool:
    """The fan paid by a method that takes its time. Answers whether this is news."""
    if not _is_open(payment) or payment.intent_state == IntentState.PROCESSING:
        return False
    payment.status = PaymentStatus.PROCESSING
    payment.intent_id = snapshot.id
    payment.intent_state = IntentState.PROCESSING
    payment.save()
    return True


def record_declined(*, payment: Payment, snapshot: IntentSnapshot, still_wanted: bool) -> bool:
    """A try failed; the intent waits for another one if the booking still wants it. Answers whether this is news."""
    if not _is_open(payment):
        return False
    is_news = bool(snapshot.failure_code) and (payment.status, payment.failure_code) != (
        PaymentStatus.FAILED,
        snapshot.failure_code,
    )
    payment.intent_id = snapshot.id
    if snapshot.failure_code:
        payment.status, payment.failure_code = PaymentStatus.FAILED, snapshot.failure_code[:64]
    if still_wanted:
        payment.intent_state = IntentState.OPEN
    payment.save()
    return is_news


def record_canceled(*, payment: Payment, snapshot: IntentSnapshot) -> None:
    """No money can arrive through this intent any more."""
    if payment.paid_at is None:
        payment.intent_id = snapshot.id
        payment.intent_state = IntentState.CANCELED
        payment.status = PaymentStatus.FAILED if payment.failure_code else PaymentStatus.PENDING
        payment.save()


def _is_open(payment: Payment) -> bool:
    """Paid and cancelled are final at Stripe: what says otherwise was asked before and is told late."""
    return payment.paid_at is None and payment.intent_state != IntentState.CANCELED


def _note_charge(payment: Payment, charge: ChargeSnapshot | None) -> None:
    if charge is None:
        return
    payment.charge_id = charge.id
    if charge.transfer:
        payment.transfer_id = charge.transfer
        payment.transfer_status = payment.transfer_status or "paid"
    if charge.fee is not None:
        payment.stripe_fee, payment.stripe_fee_currency = charge.fee, charge.fee_currency

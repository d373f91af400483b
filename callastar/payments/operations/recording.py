"""Writing down what Stripe says of an intent or a charge, on a locked payment."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.payments.models import IntentState, Payment, PaymentStatus, RefundStatus
from callastar.payments.rules import status_after_refunds
from callastar.providers.stripe import gateway
from callastar.providers.stripe.types import ChargeSnapshot, IntentSnapshot


def lock_payment(payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends. Locks are taken offer first, then booking, then payment."""
    return Payment.objects.select_for_update().get(pk=payment_id)


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
    return is_news


def count_refunds(payment: Payment) -> None:
    """What a paid payment has become by the refunds that succeeded; saved by the caller."""
    succeeded = payment.refunds.filter(status=RefundStatus.SUCCEEDED).values_list("amount", flat=True)
    payment.status, payment.refunded_amount = status_after_refunds(amount=payment.amount, succeeded=succeeded)


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


def record_charge(*, charge_id: str) -> Payment | None:
    """Fetch a charge again and note what it now shows (its transfer, Stripe's real fee); None if it is not ours."""
    charge = gateway.get_charge(charge_id=charge_id)
    ours = Payment.objects.select_for_update().filter(intent_id=charge.payment_intent).exclude(intent_id="")
    with transaction.atomic():
        payment = ours.first()
        if payment is not None:
            _note_charge(payment, charge)
            payment.save()
    return payment


def _note_charge(payment: Payment, charge: ChargeSnapshot | None) -> None:
    if charge is None:
        return
    payment.charge_id = charge.id
    if charge.transfer:
        payment.transfer_id = charge.transfer
        payment.transfer_status = payment.transfer_status or "paid"
    if charge.fee is not None:
        payment.stripe_fee, payment.stripe_fee_currency = charge.fee, charge.fee_currency

"""The one way in for news of money: Stripe is asked for all that became of a charge, and what is new is written down.

Events are triggers only; whichever comes, in any order, twice or never, ends in the same rows and the same entries.
"""

from datetime import datetime, timedelta

from django.db import transaction

from callastar.payments.models import DebtCause, Dispute, Payment, Refund, Restitution
from callastar.payments.operations import debts, disputes, posting, refunds, reversals
from callastar.payments.operations.posting import Book
from callastar.payments.operations.recording import count_refunds, lock_payment
from callastar.payments.rules import is_pro_rata, later_transfer_status
from callastar.providers.stripe import gateway, money
from callastar.providers.stripe.money_types import ChargeMoney, FeeRefundSnapshot
from callastar.providers.stripe.types import RefundSnapshot

AT_ONCE = timedelta(seconds=5)


def sync_charge(*, charge_id: str, now: datetime, with_disputes: bool = False) -> Payment | None:
    """Ask Stripe for a charge and all that became of it, and write it down; None if it is none of ours.

    Disputes are asked for when the charge says that there are any, when one is known here, or `with_disputes`.
    """
    asked = with_disputes or Dispute.objects.filter(payment__charge_id=charge_id).exists()
    return record_money(view=money.charge_money(charge_id=charge_id, with_disputes=asked), now=now)


def sync_refund(*, stripe_refund_id: str, now: datetime) -> Payment | None:
    """The same for the charge of a refund."""
    return _sync(gateway.get_refund(refund_id=stripe_refund_id).charge, now)


def sync_transfer(*, transfer_id: str, now: datetime) -> Payment | None:
    """The same for the charge that a transfer came from, or what a won dispute gave back; None if it is neither."""
    transfer = money.get_transfer(transfer_id=transfer_id)
    if transfer.source_transaction:
        return sync_charge(charge_id=transfer.source_transaction, now=now)
    given_back = Restitution.objects.filter(stripe_transfer_id=transfer.id)
    payment_id = given_back.values_list("dispute__payment_id", flat=True).first()
    if payment_id is None:
        return None
    with transaction.atomic():
        payment = lock_payment(payment_id)
        reversals.lock_for_recording(payment=payment, reversals=transfer.reversals)
        reversals.record_reversals(book=Book(payment, transfer.currency, now), reversals=transfer.reversals)
    return payment


def _sync(charge_id: str, now: datetime) -> Payment | None:
    return sync_charge(charge_id=charge_id, now=now) if charge_id else None


def record_money(*, view: ChargeMoney, now: datetime) -> Payment | None:
    """Write down what Stripe says of a charge's money; None if the charge is not ours or took nothing."""
    ours = Payment.objects.filter(intent_id=view.payment_intent).exclude(intent_id="")
    payment_id = ours.values_list("pk", flat=True).first()
    if payment_id is None or not view.paid:
        return None
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if payment.is_test:
            return payment
        book = Book(payment, view.currency, now)
        reversals.lock_for_recording(
            payment=payment, reversals=view.transfer.reversals if view.transfer else ()
        )
        _note_charge(payment, view)
        _post_charge(book, view)
        _record_refunds(book, view)
        disputes.record_disputes(book=book, view=view)
        if payment.paid_at is not None:  # else counted when the news of the payment comes
            count_refunds(payment)
        payment.save()
    return payment


def _note_charge(payment: Payment, view: ChargeMoney) -> None:
    payment.charge_id = view.id
    if view.transfer:
        payment.transfer_id = view.transfer.id
        payment.transfer_status = later_transfer_status(
            payment.transfer_status, amount=view.transfer.amount, reversed_=view.transfer.amount_reversed
        )
    if view.fee is not None:
        payment.stripe_fee, payment.stripe_fee_currency = view.fee, view.fee_currency


def _post_charge(book: Book, view: ChargeMoney) -> None:
    posting.post_charge(book, view)
    if view.transfer:
        posting.post_transfer(book, view.transfer)
    if view.application_fee:
        posting.post_fees(
            book, view.application_fee, view.transfer.created if view.transfer else view.created
        )
    posting.post_stripe_fee(book, view)
    has_fee = view.application_fee is not None or not book.payment.application_fee
    if view.transfer and has_fee and view.fee is not None:
        book.payment.booked_at = book.payment.booked_at or book.now


def _record_refunds(book: Book, view: ChargeMoney) -> None:
    """Refunds in the order they were made: what of the fee goes with one depends on those before it."""
    taken_back = view.transfer.reversals if view.transfer else ()
    fee_refunds = list(view.application_fee.refunds) if view.application_fee else []
    for snapshot in view.refunds:
        refund = refunds.record_refund(
            payment=book.payment, snapshot=snapshot, has_transfer=view.transfer is not None, now=book.now
        )
        posting.post_refund(book, snapshot)
        for reversal in taken_back:
            if reversal.source_refund == snapshot.id:
                posting.post_reversal(book, reversal, None)
        if fee_refund := _fee_refund_of(snapshot, view, fee_refunds):
            fee_refunds.remove(fee_refund)
            posting.post_fee_refund(book, fee_refund)
        if refund.from_platform:
            _owe(book, refund)
    for by_hand in fee_refunds:
        posting.post_fee_refund(book, by_hand)
    reversals.record_reversals(book=book, reversals=taken_back)


def _fee_refund_of(
    refund: RefundSnapshot, view: ChargeMoney, left: list[FeeRefundSnapshot]
) -> FeeRefundSnapshot | None:
    """What of the fee went back with a refund, of those that are not explained yet: Stripe does not link them."""
    fee = view.application_fee.amount if view.application_fee else 0
    made_at = refund.created or view.created
    for each in left:
        is_its_part = is_pro_rata(each.amount, of=fee, part=refund.amount, whole=view.amount)
        if is_its_part and abs(each.created - made_at) <= AT_ONCE:
            return each
    return None


def _owe(book: Book, refund: Refund) -> None:
    left = posting.post_waiver(book, refund)
    if left > 0:
        debts.make_debt(book=book, amount=left, cause=DebtCause.REFUND, refund=refund)

"""The one way in for news of money: Stripe is asked for all that became of a charge, and what is new is written down.

Events are triggers only; whichever comes, in any order, twice or never, ends in the same rows and the same entries.
"""

from datetime import datetime

from django.db import transaction

from callastar.payments.models import DebtCause, Payment, Refund
from callastar.payments.operations import debts, disputes, posting, refunds, reversals
from callastar.payments.operations.posting import Book
from callastar.payments.operations.recording import count_refunds, lock_payment
from callastar.providers.stripe import gateway, money
from callastar.providers.stripe.money_types import ChargeMoney


def sync_charge(*, charge_id: str, now: datetime) -> Payment | None:
    """Ask Stripe for a charge and all that became of it, and write it down; None if it is none of ours."""
    return record_money(view=money.charge_money(charge_id=charge_id), now=now)


def sync_refund(*, stripe_refund_id: str, now: datetime) -> Payment | None:
    """The same for the charge of a refund."""
    return _sync(gateway.get_refund(refund_id=stripe_refund_id).charge, now)


def sync_transfer(*, transfer_id: str, now: datetime) -> Payment | None:
    """The same for the charge that a transfer came from; None if it came from none."""
    return _sync(money.get_transfer(transfer_id=transfer_id).source_transaction, now)


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
        payment.transfer_status = _transfer_status(view)
    if view.fee is not None:
        payment.stripe_fee, payment.stripe_fee_currency = view.fee, view.fee_currency


def _transfer_status(view: ChargeMoney) -> str:
    if view.transfer is None or not view.transfer.amount_reversed:
        return "paid"
    return "reversed" if view.transfer.amount_reversed == view.transfer.amount else "partly_reversed"


def _post_charge(book: Book, view: ChargeMoney) -> None:
    posting.post_charge(book, view)
    if view.transfer:
        posting.post_transfer(book, view.transfer)
    if view.application_fee:
        posting.post_fees(book, view.application_fee, view.created)
    posting.post_stripe_fee(book, view)


def _record_refunds(book: Book, view: ChargeMoney) -> None:
    """Refunds with what they took back from the creator; then those that the platform paid itself."""
    rows = []
    for snapshot in view.refunds:
        rows.append(
            refunds.record_refund(
                payment=book.payment, snapshot=snapshot, has_transfer=view.transfer is not None
            )
        )
    by_platform = [
        (row, snapshot) for row, snapshot in zip(rows, view.refunds, strict=True) if row.from_platform
    ]
    for row, snapshot in zip(rows, view.refunds, strict=True):
        if not row.from_platform:
            posting.post_refund(book, snapshot)
    if view.transfer:
        reversals.record_reversals(book=book, transfer=view.transfer)
    for fee_refund in view.application_fee.refunds if view.application_fee else ():
        posting.post_fee_refund(book, fee_refund)
    for row, snapshot in by_platform:
        posting.post_refund(book, snapshot)
        _owe(book, row)


def _owe(book: Book, refund: Refund) -> None:
    left = posting.post_waiver(book, refund)
    if left > 0:
        debts.make_debt(book=book, amount=left, cause=DebtCause.REFUND, refund=refund)

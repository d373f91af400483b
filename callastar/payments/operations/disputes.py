"""Disputes: the payment freezes, the creator's share is taken back, evidence goes to Stripe, the bank decides."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.core.errors import ProviderError, Refusal
from callastar.core.queue import defer
from callastar.payments.models import (
    DebtCause,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    Restitution,
    ReversalPurpose,
    TransferReversal,
)
from callastar.payments.operations import debts, telling
from callastar.payments.operations.names import EXECUTE_RESTITUTION, SETTLE_DISPUTE
from callastar.payments.operations.posting import (
    Book,
    post_dispute_lost,
    post_dispute_transaction,
    post_restitution,
)
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.reversals import claim_for_dispute
from callastar.payments.refusals import DisputeNotOpenError, EvidenceRefusedError, PaymentUnavailableError
from callastar.payments.rules import dispute_share, later_dispute_status
from callastar.providers.stripe import disputes as gateway
from callastar.providers.stripe import errors
from callastar.providers.stripe.money_types import ChargeMoney, DisputeSnapshot, TransferSnapshot


def record_disputes(*, book: Book, view: ChargeMoney) -> None:
    """Write down what Stripe says of the disputes of a locked payment, and act on what is news."""
    for snapshot in view.disputes:
        dispute, before = _row_of(book, snapshot)
        for moved in snapshot.transactions:
            post_dispute_transaction(book, dispute, moved)
        taken = [moved for moved in snapshot.transactions if moved.amount < 0]
        withdrawn = -sum(moved.amount for moved in taken)
        if taken and dispute.share is None:
            given_back = _given_back(view, before=taken[0].created)
            _take_share(book, dispute, withdrawn, given_back, view.transfer)
        if dispute.status == DisputeStatus.LOST:
            _book_loss(book, dispute, snapshot, withdrawn)
        if dispute.status != before:
            _on_change(book, dispute, before)


def _row_of(book: Book, snapshot: DisputeSnapshot) -> tuple[Dispute, str]:
    """The dispute's row as it now is, and its status before."""
    dispute = Dispute.objects.select_for_update().filter(stripe_dispute_id=snapshot.id).first()
    before = dispute.status if dispute else ""
    dispute = dispute or Dispute(
        payment=book.payment,
        stripe_dispute_id=snapshot.id,
        amount=snapshot.amount,
        reason=snapshot.reason[:64],
        status=snapshot.status,
        opened_at=snapshot.created,
    )
    dispute.status = later_dispute_status(before, snapshot.status) if before else snapshot.status
    if dispute.status == snapshot.status:  # else this is an older answer
        dispute.evidence_due_by = snapshot.evidence_due_by
    if snapshot.submission_count and dispute.evidence_submitted_at is None:
        dispute.evidence_submitted_at = book.now  # the answer to our own was lost, or it was sent at Stripe
    if not DisputeStatus(dispute.status).is_open and dispute.closed_at is None:
        dispute.closed_at = book.now
    dispute.asked_at = book.now
    dispute.save()
    return dispute, before


def _take_share(
    book: Book, dispute: Dispute, withdrawn: int, given_back: int, transfer: TransferSnapshot | None
) -> None:
    """The creator's part of what the bank took: from the payment's own transfer, else it is a debt.

    Nothing is taken when the news come only after the dispute was won.
    """
    payment = book.payment
    dispute.share = dispute_share(
        amount=payment.amount,
        commission=payment.platform_fee,
        processing=payment.processing_fee,
        given_back=min(payment.amount, given_back),
        disputed=withdrawn,
    )
    dispute.save(update_fields=["share", "updated_at"])
    if not dispute.share or dispute.status == DisputeStatus.WON:
        return
    if transfer is not None and dispute.share <= transfer.amount - transfer.amount_reversed:
        claim_for_dispute(payment=payment, dispute=dispute, amount=dispute.share)
    else:
        debts.make_debt(book=book, amount=dispute.share, cause=DebtCause.DISPUTE, dispute=dispute)


def _given_back(view: ChargeMoney, *, before: datetime) -> int:
    """What went back by refunds before a dispute took its money, whoever hears of it when, in minor units."""
    stand = (refund for refund in view.refunds if refund.status not in {"failed", "canceled"})
    return sum(refund.amount for refund in stand if refund.created is None or refund.created <= before)


def _on_change(book: Book, dispute: Dispute, before: str) -> None:
    record(
        type="DISPUTE_CREATED" if not before else "DISPUTE_CHANGED",
        level=Level.WARNING,
        message=f"Dispute of {dispute.amount} {book.currency}: {before or 'new'} → {dispute.status}",
        booking=book.payment.booking_id,
        dispute=dispute.stripe_dispute_id,
    )
    if dispute.status == DisputeStatus.WON:
        defer(SETTLE_DISPUTE, dispute_id=str(dispute.pk))
    if not DisputeStatus(dispute.status).is_open:
        telling.dispute_closed(dispute, now=book.now)
    elif not before:
        telling.dispute_opened(dispute, now=book.now)


def _book_loss(book: Book, dispute: Dispute, snapshot: DisputeSnapshot, withdrawn: int) -> None:
    if withdrawn:
        post_dispute_lost(book, dispute, withdrawn)
    fee = sum(moved.fee for moved in snapshot.transactions)
    is_owed = dispute.debts.filter(cause=DebtCause.DISPUTE_FEE).exists()
    if fee > 0 and not is_owed and settings.DISPUTE_FEE_PAYER == "creator":
        debts.make_debt(book=book, amount=fee, cause=DebtCause.DISPUTE_FEE, dispute=dispute)


def settle_won_dispute(*, dispute_id: UUID, now: datetime) -> None:
    """Give back what a won dispute had taken from the creator; waits while any of it is still being taken."""
    with transaction.atomic():
        payment_id = Dispute.objects.values_list("payment_id", flat=True).get(pk=dispute_id)
        payment = lock_payment(payment_id)
        dispute = Dispute.objects.select_for_update().get(pk=dispute_id)
        # Locked before it is asked what is under way: nobody can claim of them now.
        owed = list(dispute.debts.select_for_update().filter(cause=DebtCause.DISPUTE))
        is_settled = Restitution.objects.filter(dispute=dispute).exists()
        if dispute.status != DisputeStatus.WON or is_settled or _is_being_taken(dispute):
            return
        book = Book(payment, payment.currency, now)
        for debt in owed:
            debts.cancel_debt(debt=debt, book=book)
        if (amount := sum(_taken(dispute).values())) > 0:
            restitution = Restitution.objects.create(
                dispute=dispute, amount=amount, created_at=now, claimed_at=now
            )
            defer(EXECUTE_RESTITUTION, restitution_id=str(restitution.pk))


def _is_being_taken(dispute: Dispute) -> bool:
    pending = TransferReversal.objects.filter(status=MoveStatus.PENDING)
    return (
        pending.filter(dispute=dispute).exists()
        or pending.filter(debt__dispute=dispute, debt__cause=DebtCause.DISPUTE).exists()
    )


def _taken(dispute: Dispute) -> dict[UUID, int]:
    """What was taken from the creator for a dispute, by the payment that it was taken from.

    What was settled by hand counts as taken from the disputed payment itself; what was forgiven was not taken.
    """
    taken: defaultdict[UUID, int] = defaultdict(int)
    made = TransferReversal.objects.filter(
        dispute=dispute, purpose=ReversalPurpose.DISPUTE, status=MoveStatus.SUCCEEDED
    )
    for amount in made.values_list("amount", flat=True):
        taken[dispute.payment_id] += amount
    for debt in dispute.debts.filter(cause=DebtCause.DISPUTE):
        for settlement in debt.settlements.filter(is_forgiven=False).select_related("reversal"):
            source = settlement.reversal.payment_id if settlement.reversal else dispute.payment_id
            taken[source] += settlement.amount
    return dict(taken)


def record_restitution(*, restitution_id: UUID, transfer: TransferSnapshot, now: datetime) -> None:
    """Write down that the transfer of a restitution was made."""
    with transaction.atomic():
        found = Restitution.objects.select_related("dispute").get(pk=restitution_id)
        payment = lock_payment(found.dispute.payment_id)
        restitution = Restitution.objects.select_for_update().get(pk=restitution_id)
        if restitution.status == MoveStatus.SUCCEEDED:
            return
        restitution.status, restitution.stripe_transfer_id = MoveStatus.SUCCEEDED, transfer.id
        restitution.failure_reason = ""
        restitution.save()
        post_restitution(Book(payment, transfer.currency, now), transfer, _taken(found.dispute))
        record(
            type="DISPUTE_RESTITUTION",
            message=f"{transfer.amount} {transfer.currency} given back to the creator after a won dispute",
            booking=payment.booking_id,
            dispute=found.dispute.stripe_dispute_id,
        )


def fail_restitution(*, restitution_id: UUID, reason: str, now: datetime) -> None:
    """Give a restitution up: it waits for an admin, who can try again."""
    with transaction.atomic():
        restitution = Restitution.objects.select_for_update().get(pk=restitution_id)
        if restitution.status != MoveStatus.PENDING:
            return
        restitution.status, restitution.failure_reason = MoveStatus.FAILED, reason[:200]
        restitution.save()
        payment = Payment.objects.get(disputes=restitution.dispute_id)
        telling.move_failed(
            payment,
            what="transfer",
            key=str(restitution.pk),
            attempt=str(restitution.tries),
            reason=reason,
            now=now,
        )


def retry_restitution(*, restitution_id: UUID, actor: Actor, now: datetime) -> None:
    """An admin tries a restitution again, with a key of its own."""
    with transaction.atomic():
        restitution = Restitution.objects.select_for_update().get(pk=restitution_id)
        if restitution.status != MoveStatus.FAILED:
            return
        restitution.status, restitution.claimed_at = MoveStatus.PENDING, now
        restitution.tries += 1
        restitution.save()
        defer(EXECUTE_RESTITUTION, restitution_id=str(restitution.pk))
        record(
            type="RESTITUTION_RETRIED",
            message="An admin tries a transfer again",
            actor=actor,
            restitution=restitution.pk,
        )


def save_evidence(*, dispute_id: UUID, evidence: Mapping[str, str], actor: Actor) -> Dispute:
    """Keep what was gathered, without sending it. Raises `DisputeNotOpenError`."""
    with transaction.atomic():
        dispute = Dispute.objects.select_for_update().get(pk=dispute_id)
        if not DisputeStatus(dispute.status).may_be_answered or dispute.evidence_submitted_at:
            raise DisputeNotOpenError
        dispute.evidence = dict(evidence)
        dispute.save(update_fields=["evidence", "updated_at"])
        record(
            type="DISPUTE_EVIDENCE_SAVED",
            message="Evidence was gathered",
            actor=actor,
            dispute=dispute.stripe_dispute_id,
        )
    return dispute


def _digest(evidence: Mapping[str, str]) -> str:
    """The same evidence sent again is the same request to Stripe; other evidence is another one."""
    return sha256(json.dumps(dict(evidence), sort_keys=True).encode()).hexdigest()[:32]


def _evidence_refusal(error: ProviderError) -> Refusal:
    if error.is_temporary:
        return PaymentUnavailableError()
    if error.code == errors.DISPUTE_CLOSED:
        return DisputeNotOpenError()
    return EvidenceRefusedError(reason=error.message or error.code)


def submit_evidence(*, dispute_id: UUID, evidence: Mapping[str, str], actor: Actor, now: datetime) -> Dispute:
    """Send the evidence to the bank: once, it cannot be changed afterwards.

    Raises `DisputeNotOpenError`, `EvidenceRefusedError` with what Stripe has against it, and
    `PaymentUnavailableError` while Stripe does not answer.
    """
    sent = Dispute.objects.filter(pk=dispute_id, evidence_submitted_at__isnull=False).first()
    if sent is not None and sent.evidence == dict(evidence):
        return sent
    dispute = save_evidence(dispute_id=dispute_id, evidence=evidence, actor=actor)
    try:
        gateway.submit_evidence(
            dispute_id=dispute.stripe_dispute_id,
            evidence=dict(evidence),
            submit=True,
            idempotency_key=f"evidence-{dispute.pk}-{_digest(evidence)}",
        )
    except ProviderError as error:
        raise _evidence_refusal(error) from error
    with transaction.atomic():
        Dispute.objects.filter(pk=dispute_id).update(evidence_submitted_at=now)
        record(
            type="DISPUTE_EVIDENCE_SUBMITTED",
            message="Evidence was sent to the bank",
            actor=actor,
            dispute=dispute.stripe_dispute_id,
        )
    dispute.refresh_from_db()
    return dispute

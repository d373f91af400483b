"""What this product asks Stripe to move: claimed on our row before, made once by its key, then read and written down.

A key is good for a day (https://docs.stripe.com/api/idempotent_requests): asked later, Stripe might do it twice. What
is still open by then is looked for at Stripe, and given up if it is not there.
"""

from datetime import datetime, timedelta
from uuid import UUID

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.creators.models import Creator
from callastar.payments.models import MoveStatus, Payment, Refund, RefundStatus, Restitution, TransferReversal
from callastar.payments.operations.disputes import fail_restitution, record_restitution
from callastar.payments.operations.money import sync_charge, sync_transfer
from callastar.payments.operations.recovering import claim_from_earnings
from callastar.payments.operations.refunds import fail_refund, note_asked, note_unknown, pay_it_ourselves
from callastar.payments.operations.reversals import (
    KEY,
    aim,
    claim_from_own_transfers,
    give_up_reversal,
)
from callastar.providers.stripe import errors, gateway, money
from callastar.providers.stripe.money_types import TransferSnapshot
from callastar.providers.stripe.types import RefundSnapshot

KEEP_TRYING = timedelta(hours=23)
TOO_LATE = "Stripe could not be reached for a day"
# Refusals that paying from the platform's balance would meet as well.
_NOT_THE_CREATORS_FAULT = {errors.ALREADY_REFUNDED, errors.CHARGE_DISPUTED, errors.RESOURCE_MISSING}


def execute_refund(*, refund_id: UUID, now: datetime) -> Refund:
    """Make the refund at Stripe, exactly once, and write it down with all that it moved.

    When the creator's account cannot give its part back, the platform pays. Raises temporary `ProviderError`s for the
    job to retry; a permanent one ends as `FAILED`, and where Stripe no longer knows a refund that it had made, as a
    question to admins.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return refund
    if not refund.stripe_refund_id and _is_too_late(refund.first_asked_at, now):
        return _last_look_at_refund(refund, now)
    note_asked(refund_id=refund_id, now=now)
    try:
        snapshot = _refund_at_stripe(refund)
    except ProviderError as error:
        if error.is_temporary:
            raise
        if refund.stripe_refund_id:
            return note_unknown(refund_id=refund_id, reason=error.code or error.message, now=now)
        if refund.from_platform or error.code in _NOT_THE_CREATORS_FAULT:
            return fail_refund(refund_id=refund_id, reason=error.code or error.message, now=now)
        pay_it_ourselves(refund_id=refund_id, reason=error.code or error.message)
        return execute_refund(refund_id=refund_id, now=now)
    sync_charge(charge_id=snapshot.charge, now=now)
    refund.refresh_from_db()
    return refund


def _is_too_late(first_asked_at: datetime | None, now: datetime) -> bool:
    """Whether Stripe might have forgotten that it was asked. What it was never asked is asked, however old."""
    return first_asked_at is not None and now >= first_asked_at + KEEP_TRYING


def _refund_at_stripe(refund: Refund) -> RefundSnapshot:
    if refund.stripe_refund_id:
        return gateway.get_refund(refund_id=refund.stripe_refund_id)
    return gateway.create_refund(
        intent_id=refund.payment.intent_id,
        amount=refund.amount,
        metadata={"refund": str(refund.pk), "booking": str(refund.payment.booking_id)},
        from_platform=refund.from_platform,
        idempotency_key=f"refund-{refund.pk}{'-platform' if refund.from_platform else ''}",
    )


def _last_look_at_refund(refund: Refund, now: datetime) -> Refund:
    """It may have been made, and the answer lost."""
    if refund.payment.charge_id:
        sync_charge(charge_id=refund.payment.charge_id, now=now)
    return fail_refund(refund_id=refund.pk, reason=TOO_LATE, now=now)


def execute_reversal(*, reversal_id: UUID, now: datetime) -> TransferReversal:
    """Take a claimed part of a transfer back, exactly once, and write it down.

    Raises temporary `ProviderError`s for the job to retry; a permanent one ends as `FAILED`, and what was to be taken
    for a dispute becomes a debt. What must come from a second transfer is a claim of its own, and made as well.
    """
    reversal = TransferReversal.objects.select_related("payment").get(pk=reversal_id)
    if reversal.status != MoveStatus.PENDING:
        return reversal
    rest = None
    try:
        if _is_too_late(reversal.first_asked_at, now):
            sync_transfer(transfer_id=reversal.source_transfer, now=now)
            give_up_reversal(reversal_id=reversal_id, reason=TOO_LATE, now=now)
        else:
            rest = aim(reversal_id=reversal_id, left=_left_of_sources(reversal), now=now)
            _take_back(reversal_id, now)
    except ProviderError as error:
        if error.is_temporary:
            raise
        give_up_reversal(reversal_id=reversal_id, reason=error.code or error.message, now=now)
    if rest:
        execute_reversal(reversal_id=rest, now=now)
    reversal.refresh_from_db()
    return reversal


def _left_of_sources(reversal: TransferReversal) -> dict[str, int] | None:
    """What is left of the transfers that a payment's money came to the account with, in minor units.

    None if that is its own alone, or was asked before: what a won dispute gave back came with another one.
    """
    given_back = Restitution.objects.filter(dispute__payment=reversal.payment, status=MoveStatus.SUCCEEDED)
    others = list(given_back.order_by("created_at").values_list("stripe_transfer_id", flat=True))
    if not others or reversal.first_asked_at is not None:
        return None
    found = [money.get_transfer(transfer_id=each) for each in (reversal.payment.transfer_id, *others)]
    return {transfer.id: transfer.amount - transfer.amount_reversed for transfer in found}


def _take_back(reversal_id: UUID, now: datetime) -> None:
    """Ask for it, and write down what came of it."""
    reversal = TransferReversal.objects.select_related("payment").get(pk=reversal_id)
    if reversal.status != MoveStatus.PENDING:
        return
    made = money.create_reversal(
        transfer_id=reversal.source_transfer,
        amount=reversal.amount,
        metadata={KEY: str(reversal.pk), "booking": str(reversal.payment.booking_id)},
        idempotency_key=f"reversal-{reversal.pk}",
    )
    sync_transfer(transfer_id=made.transfer, now=now)


def execute_restitution(*, restitution_id: UUID, now: datetime) -> Restitution:
    """Give a creator back what a won dispute had taken, exactly once.

    Raises temporary `ProviderError`s for the job to retry, and so is a platform's balance that does not reach: money
    comes in every day. Any other refusal ends as `FAILED`.
    """
    restitution = Restitution.objects.select_related("dispute__payment").get(pk=restitution_id)
    if restitution.status != MoveStatus.PENDING:
        return restitution
    payment = restitution.dispute.payment
    destination = Creator.objects.values_list("stripe_account_id", flat=True).get(pk=payment.creator_id)
    is_late = now >= restitution.claimed_at + KEEP_TRYING
    try:
        transfer = (
            money.find_transfer(
                destination=destination,
                since=restitution.created_at - timedelta(minutes=10),
                metadata_key="restitution",
                metadata_value=str(restitution.pk),
            )
            if is_late
            else _transfer_at_stripe(restitution, payment, destination)
        )
    except ProviderError as error:
        if error.is_temporary:
            raise
        if error.code == errors.BALANCE_INSUFFICIENT:
            raise _try_anew(restitution, error) from error
        fail_restitution(restitution_id=restitution_id, reason=error.code or error.message, now=now)
    else:
        if transfer is None:
            fail_restitution(restitution_id=restitution_id, reason=TOO_LATE, now=now)
        else:
            record_restitution(restitution_id=restitution_id, transfer=transfer, now=now)
    restitution.refresh_from_db()
    return restitution


def _try_anew(restitution: Restitution, error: ProviderError) -> ProviderError:
    """Stripe would answer the same to the same key for a day: the next try has another one."""
    Restitution.objects.filter(pk=restitution.pk, tries=restitution.tries).update(tries=restitution.tries + 1)
    return ProviderError(error.provider, ProviderTrouble.TEMPORARY, error.code, error.message)


def _transfer_at_stripe(restitution: Restitution, payment: Payment, destination: str) -> TransferSnapshot:
    return money.create_transfer(
        amount=restitution.amount,
        currency=payment.currency,
        destination=destination,
        metadata={"restitution": str(restitution.pk), "booking": str(payment.booking_id)},
        idempotency_key=f"restitution-{restitution.pk}-{restitution.tries}",
    )


def recover_debts(*, creator_id: int, now: datetime, from_all: bool = False) -> int:
    """Take what a creator owes from the payments that it is owed for, as far as their money is still in the account.

    `from_all`: what is owed beyond that from all others that could be paid out, too. Answers how many parts
    were taken. Raises temporary `ProviderError`s for the job to retry.
    """
    account = Creator.objects.values_list("stripe_account_id", flat=True).get(pk=creator_id)
    if not account:
        return 0
    try:
        balance = money.balance(account=account)
    except ProviderError as error:
        if error.is_temporary:
            raise
        return 0  # the account is gone, and its money with it: the debt stays for an admin
    currencies = {*balance.available, *balance.pending}
    available = {currency: balance.total(currency) for currency in currencies}
    claims = claim_from_own_transfers(creator_id=creator_id, available=available, now=now)
    for claim in claims:
        execute_reversal(reversal_id=claim, now=now)
    if not from_all:
        return len(claims)
    left = money.balance(account=account).available
    others = claim_from_earnings(creator_id=creator_id, available=left, now=now)
    for claim in others:
        execute_reversal(reversal_id=claim, now=now)
    return len(claims) + len(others)

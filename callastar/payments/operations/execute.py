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
from callastar.payments.operations.refunds import fail_refund, pay_it_ourselves
from callastar.payments.operations.reversals import (
    KEY,
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
    job to retry; a permanent one ends as `FAILED`.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != RefundStatus.PENDING:
        return refund
    if not refund.stripe_refund_id and now >= refund.created_at + KEEP_TRYING:
        return _last_look_at_refund(refund, now)
    try:
        snapshot = _refund_at_stripe(refund)
    except ProviderError as error:
        if error.is_temporary:
            raise
        if refund.from_platform or error.code in _NOT_THE_CREATORS_FAULT:
            return fail_refund(refund_id=refund_id, reason=error.code or error.message, now=now)
        pay_it_ourselves(refund_id=refund_id, reason=error.code or error.message)
        return execute_refund(refund_id=refund_id, now=now)
    sync_charge(charge_id=snapshot.charge, now=now)
    refund.refresh_from_db()
    return refund


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
    for a dispute becomes a debt.
    """
    reversal = TransferReversal.objects.select_related("payment").get(pk=reversal_id)
    if reversal.status != MoveStatus.PENDING:
        return reversal
    try:
        if now >= reversal.created_at + KEEP_TRYING:
            for transfer_id in _sources(reversal):
                sync_transfer(transfer_id=transfer_id, now=now)
            give_up_reversal(reversal_id=reversal_id, reason=TOO_LATE, now=now)
        else:
            sync_transfer(transfer_id=_reverse_at_stripe(reversal), now=now)
    except ProviderError as error:
        if error.is_temporary:
            raise
        give_up_reversal(reversal_id=reversal_id, reason=error.code or error.message, now=now)
    reversal.refresh_from_db()
    return reversal


def _sources(reversal: TransferReversal) -> list[str]:
    """The transfers that a payment's money came to the account with: its own, and what won disputes gave back."""
    given_back = Restitution.objects.filter(dispute__payment=reversal.payment, status=MoveStatus.SUCCEEDED)
    return [reversal.payment.transfer_id, *given_back.values_list("stripe_transfer_id", flat=True)]


def _reverse_at_stripe(reversal: TransferReversal) -> str:
    """Take it from the first transfer of which so much is left; answers which. What is left never grows again."""
    sources = _sources(reversal)
    for number, transfer_id in enumerate(sources):
        try:
            return money.create_reversal(
                transfer_id=transfer_id,
                amount=reversal.amount,
                metadata={KEY: str(reversal.pk), "booking": str(reversal.payment.booking_id)},
                idempotency_key=f"reversal-{reversal.pk}" + (f"-{number}" if number else ""),
            ).transfer
        except ProviderError as error:
            if error.is_temporary or error.code == errors.BALANCE_INSUFFICIENT or transfer_id == sources[-1]:
                raise
    raise AssertionError("a payment has a transfer")


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


def recover_debts(*, creator_id: int, now: datetime) -> int:
    """Take what a creator owes from the payments that it is owed for, as far as their money is still in the account.

    Answers how many parts were taken. Raises temporary `ProviderError`s for the job to retry.
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
    return len(claims)

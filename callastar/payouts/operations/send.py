"""Sending an approved payout: debts first, then Stripe is asked what is true, then whole payments leave, once.

Each step is committed before the next: a process that dies in between leaves a state from which the job goes on.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.core.money import Currency, Money
from callastar.payments.models import Debt, MoveStatus, Payment, SettlementMethod, TransferReversal
from callastar.payments.operations.debts import being_recovered, open_debt, open_debts
from callastar.payments.operations.execute import KEEP_TRYING, TOO_LATE, execute_reversal, recover_debts
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.reversals import claim_for_debt
from callastar.payouts.models import Payout, PayoutItem, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.settle import apply_payout, fail_unsent, note_bank_account
from callastar.payouts.operations.transitions import change, lock_payout
from callastar.payouts.queries import ON_ITS_WAY, Claims, claims_of
from callastar.payouts.rules import selection
from callastar.providers.stripe import money, payouts
from callastar.providers.stripe.money_types import PayoutSnapshot

KEY = "payout"  # in Stripe's metadata: our row


def send_payout(*, payout_id: UUID, now: datetime) -> Payout:
    """Carry an approved payout out, or go on with one whose answer was lost.

    Raises temporary `ProviderError`s for the job to retry; a permanent one ends as `FAILED` with Stripe's reason.
    """
    payout = Payout.objects.select_related("creator__user").get(pk=payout_id)
    if payout.status == PayoutStatus.APPROVED:
        payout = _prepare(payout, now)
    if payout.status != PayoutStatus.PROCESSING or payout.stripe_payout_id:
        return payout
    try:
        snapshot = _at_stripe(payout, now)
    except ProviderError as error:
        if error.is_temporary:
            raise
        return fail_unsent(payout_id=payout_id, code=error.code, message=error.message, now=now)
    if snapshot is None:
        return fail_unsent(payout_id=payout_id, code="", message=TOO_LATE, now=now)
    return apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)


def _prepare(payout: Payout, now: datetime) -> Payout:
    """Ask Stripe about everything that the payout is made of, and choose what it covers."""
    _deduct_debts(payout, now)
    for payment in _candidates(payout, now):
        sync_charge(charge_id=payment.charge_id, now=now)
    note_bank_account(payout=payout)
    balance = money.balance(account=payout.stripe_account)
    return _choose(payout.pk, balance.available.get(payout.currency, 0), now)


def _candidates(payout: Payout, now: datetime) -> list[Payment]:
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    ids = [claim.payment_id for claim in claims.payable]
    return list(Payment.objects.filter(pk__in=ids).exclude(charge_id=""))


def _deduct_debts(payout: Payout, now: datetime) -> None:
    """Settle what the creator owes from the payments that the payout would cover, by reversing their transfers."""
    if not open_debt(payout.creator_id, payout.currency):
        return
    recover_debts(creator_id=payout.creator_id, now=now)
    for reversal_id in _claim_deductions(payout, now):
        execute_reversal(reversal_id=reversal_id, now=now)


def _claim_deductions(payout: Payout, now: datetime) -> list[UUID]:
    """The deductions of this payout, claimed and not made: those of an earlier try, and new ones."""
    pending = TransferReversal.objects.filter(payout_id=payout.pk, status=MoveStatus.PENDING)
    if found := list(pending.order_by("created_at").values_list("pk", flat=True)):
        return found
    available = money.balance(account=payout.stripe_account).available.get(payout.currency, 0)
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    owed = [
        selection.OpenDebt(debt.pk, amount, debt.created_at)
        for debt, amount in open_debts(payout.creator_id, payout.currency)
    ]
    made = []
    for part in selection.deductions(owed, claims.payable, available=available).taken:
        reversal = _claim(part, payout, now)
        made += [reversal.pk] if reversal else []
    return made


def _claim(part: selection.Deduction, payout: Payout, now: datetime) -> TransferReversal | None:
    with transaction.atomic():
        payment = lock_payment(part.payment_id)
        debt = Debt.objects.select_for_update().get(pk=part.debt_id)
        left = debt.remaining - being_recovered([debt]).get(debt.pk, 0)
        if part.amount > left or payment.reversals.filter(debt=debt, status=MoveStatus.PENDING).exists():
            return None
        return claim_for_debt(
            debt=debt,
            payment=payment,
            amount=part.amount,
            method=SettlementMethod.PAYOUT_DEDUCTION,
            now=now,
            payout_id=payout.pk,
        )


@transaction.atomic
def _choose(payout_id: UUID, available: int, now: datetime) -> Payout:
    """Decide under locks what leaves: whole payments, oldest first, that are payable now and that Stripe has."""
    policy, payout = lock_payout(payout_id)
    if payout.status != PayoutStatus.APPROVED:
        return payout
    claims = _locked_claims(payout, now)
    chosen = selection.choose(claims.payable, available=available)
    payout.amount = chosen.amount or payout.amount
    if why := _why_not(payout, claims, chosen, policy.blocked_reason, available):
        payout.reason = why
        change(payout=payout, to=PayoutStatus.CANCELED, now=now, reason=why)
        if claims.payable_sum > available:
            _note_low_balance(payout, claims.payable_sum, available, now)
        return payout
    PayoutItem.objects.bulk_create(
        PayoutItem(payout=payout, payment_id=claim.payment_id, amount=claim.amount) for claim in chosen.items
    )
    Payment.objects.filter(pk__in=[claim.payment_id for claim in chosen.items]).update(
        payout_id=payout.pk, payout_status=ON_ITS_WAY
    )
    change(payout=payout, to=PayoutStatus.PROCESSING, now=now)
    return payout


def _locked_claims(payout: Payout, now: datetime) -> Claims:
    """What is payable, by payments that nobody changes until the transaction ends."""
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    ids = [claim.payment_id for claim in claims.payable]
    list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)


def _why_not(
    payout: Payout, claims: Claims, chosen: selection.Selection, blocked: str, available: int
) -> str:
    """Why nothing leaves after all, in English for the log; empty if it may."""
    debt = open_debt(payout.creator_id, payout.currency)
    if blocked:
        return "payouts are blocked"
    if debt > settings.DEBT_THRESHOLD:
        return "the creator owes too much"
    if debt and claims.payable_sum > 0 and not chosen.items:
        return "all of it went into what the creator owes"
    if not chosen.items:
        too_low = claims.payable_sum > available
        return f"Stripe has {available} available" if too_low else "nothing is payable any more"
    return ""


def _note_low_balance(payout: Payout, payable: int, available: int, now: datetime) -> None:
    record(
        type="STRIPE_BALANCE_TOO_LOW",
        level=Level.ERROR,
        message=f"{payable} {payout.currency} are payable, Stripe has {available} available",
        creator=payout.creator_id,
        payout=payout.pk,
    )
    available_money = Money(available, Currency(payout.currency))
    telling.balance_too_low(payout, available=available_money, now=now)


def _at_stripe(payout: Payout, now: datetime) -> PayoutSnapshot | None:
    """Make the payout, or find it again; None if its key is too old and Stripe does not have it."""
    sent_at = payout.sent_at or now
    if now >= sent_at + KEEP_TRYING:
        return payouts.find_payout(
            account=payout.stripe_account,
            since=sent_at - timedelta(minutes=10),
            metadata_key=KEY,
            metadata_value=str(payout.pk),
        )
    return payouts.create_payout(
        account=payout.stripe_account,
        amount=payout.amount,
        currency=payout.currency,
        metadata={KEY: str(payout.pk), "creator": str(payout.creator_id)},
        idempotency_key=f"payout-{payout.pk}",
    )

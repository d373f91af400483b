"""Sending an approved payout: debts first, then Stripe is asked what is true, then whole payments leave, once.

Each step is committed before the next: a process that dies in between leaves a state from which the job goes on.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.money import Currency, Money
from callastar.ledger.queries import open_earnings
from callastar.payments.models import Debt, MoveStatus, Payment, SettlementMethod, TransferReversal
from callastar.payments.operations.debts import being_recovered, open_debt, open_debts
from callastar.payments.operations.execute import KEEP_TRYING, TOO_LATE, execute_reversal, recover_debts
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.reversals import claim_for_debt, claimed, is_in_payout
from callastar.payouts.models import Payout, PayoutItem, PayoutPolicy, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.settle import apply_payout, fail_unsent, let_go, note_bank_account
from callastar.payouts.operations.transitions import cancel_by_itself, change, lock_payments, lock_payout
from callastar.payouts.queries import ON_ITS_WAY, claims_of, covers_what_may_leave
from callastar.payouts.rules import selection
from callastar.payouts.rules.cancellation import Cancellation
from callastar.providers.stripe import errors, money, payouts
from callastar.providers.stripe.money_types import BalanceSnapshot, PayoutSnapshot

KEY = "payout"  # in Stripe's metadata: our row
UNDER_WAY = timedelta(minutes=2)  # longer than a request lasts with all its tries


def send_payout(*, payout_id: UUID, now: datetime) -> Payout:
    """Carry an approved payout out, or go on with one whose answer was lost.

    Raises temporary `ProviderError`s for the job to retry; a permanent one ends as `FAILED` with Stripe's reason, and
    so does an approved payout that Stripe could not be asked about for a day.
    """
    payout = Payout.objects.select_related("creator__user").get(pk=payout_id)
    try:
        if payout.status == PayoutStatus.APPROVED:
            payout = _prepare(payout, now)
            snapshot = None
        else:
            snapshot = _found(payout, now)
        if snapshot is None:
            payout = _claim_sending(payout.pk, now)
            if payout.status != PayoutStatus.PROCESSING or payout.stripe_payout_id:
                return payout
            snapshot = _at_stripe(payout, now)
    except ProviderError as error:
        if not error.is_temporary:
            return fail_unsent(payout_id=payout_id, code=error.code, message=error.message, now=now)
        if not _is_given_up(payout, now):
            raise
        snapshot = None
    if snapshot is None:
        return fail_unsent(payout_id=payout_id, code="", message=TOO_LATE, now=now)
    return apply_payout(payout_id=payout_id, snapshot=snapshot, now=now)


def _is_given_up(payout: Payout, now: datetime) -> bool:
    """Whether it was tried for a day, and nothing can have left: Stripe was only ever asked."""
    since = payout.approved_at or payout.created_at
    return payout.status == PayoutStatus.APPROVED and now >= since + KEEP_TRYING


def _prepare(payout: Payout, now: datetime) -> Payout:
    """Ask Stripe about everything that the payout is made of, and choose what it covers."""
    _finish_deductions(payout, now)  # what they were claimed from is held until they are made
    asked = _ask_about_payments(payout, now)
    _deduct_debts(payout, now)
    note_bank_account(payout=payout)
    balance = money.balance(account=payout.stripe_account)
    return _choose(payout.pk, asked, balance, now)


def _ask_about_payments(payout: Payout, now: datetime) -> set[UUID]:
    """Have Stripe say what became of each payment that may be covered; what it says may make a debt or a dispute."""
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    ids = [claim.payment_id for claim in claims.payable]
    charges = dict(Payment.objects.filter(pk__in=ids).exclude(charge_id="").values_list("pk", "charge_id"))
    for charge_id in charges.values():
        sync_charge(charge_id=charge_id, now=now, with_disputes=True)
    return set(ids)


def _finish_deductions(payout: Payout, now: datetime) -> None:
    """Make what an earlier try claimed and did not bring to its end."""
    claimed_before = TransferReversal.objects.filter(payout_id=payout.pk, status=MoveStatus.PENDING)
    for reversal_id in list(claimed_before.order_by("created_at").values_list("pk", flat=True)):
        execute_reversal(reversal_id=reversal_id, now=now)


def _deduct_debts(payout: Payout, now: datetime) -> None:
    """Settle what the creator owes from the payments that the payout would cover, by reversing their transfers."""
    if not 0 < open_debt(payout.creator_id, payout.currency) <= settings.DEBT_THRESHOLD:
        return
    recover_debts(creator_id=payout.creator_id, now=now)
    for reversal_id in _claim_deductions(payout, now):
        execute_reversal(reversal_id=reversal_id, now=now)


def _claim_deductions(payout: Payout, now: datetime) -> list[UUID]:
    """What is to be deducted before this payout, claimed and not made."""
    available = money.balance(account=payout.stripe_account).available.get(payout.currency, 0)
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    owed = [
        selection.OpenDebt(debt.pk, amount, debt.created_at)
        for debt, amount in open_debts(payout.creator_id, payout.currency)
    ]
    taken = selection.deductions(owed, claims.payable, available=available).taken
    made = [_claim(part, payout, now) for part in taken]
    return [reversal.pk for reversal in made if reversal]


def _claim(part: selection.Deduction, payout: Payout, now: datetime) -> TransferReversal | None:
    """Claim one part, or what others have left of it meanwhile."""
    with transaction.atomic():
        payment = lock_payment(part.payment_id)
        debt = Debt.objects.select_for_update().get(pk=part.debt_id)
        owed = debt.remaining - being_recovered([debt]).get(debt.pk, 0)
        earned = open_earnings(payout.creator_id).get(payment.pk, 0) - claimed(payment)
        amount = min(part.amount, owed, earned)
        under_way = payment.reversals.filter(debt=debt, status=MoveStatus.PENDING).exists()
        if amount <= 0 or under_way or is_in_payout(payment):
            return None
        return claim_for_debt(
            debt=debt,
            payment=payment,
            amount=amount,
            method=SettlementMethod.PAYOUT_DEDUCTION,
            now=now,
            payout_id=payout.pk,
        )


@transaction.atomic
def _choose(payout_id: UUID, asked: Collection[UUID], balance: BalanceSnapshot, now: datetime) -> Payout:
    """Decide under locks what leaves: whole payments, oldest first, that are payable now and that Stripe has.

    `asked` are the payments that Stripe was asked about. Raises a temporary `ProviderError` where another worker that
    carries out the same payout has not brought its deductions to their end, or did so only after that.
    """
    policy, payout = lock_payout(payout_id)
    if payout.status != PayoutStatus.APPROVED:
        return payout
    claims = _locked_claims(payout, now)
    deducting = TransferReversal.objects.filter(payout_id=payout.pk, status=MoveStatus.PENDING).exists()
    if deducting or any(claim.amount > 0 and claim.payment_id not in asked for claim in claims):
        raise ProviderError(errors.PROVIDER, ProviderTrouble.TEMPORARY, message="what is payable is changing")
    available = balance.available.get(payout.currency, 0)
    payable = sum(claim.amount for claim in claims)
    chosen = selection.choose(
        claims, available=min(available, payout.amount)
    )  # never more than was agreed to
    if why := _why_not(policy, payout, payable, chosen.amount, available):
        payout.amount = chosen.amount or payout.amount
        cancel_by_itself(policy=policy, payout=payout, why=why, now=now, available=available)
    else:
        _take_along(payout, chosen, now)
    if payable > available and not policy.blocked_reason:
        _note_low_balance(payout, payable, balance, now)
    return payout


def _take_along(payout: Payout, chosen: selection.Selection, now: datetime) -> None:
    PayoutItem.objects.bulk_create(
        PayoutItem(payout=payout, payment_id=claim.payment_id, amount=claim.amount) for claim in chosen.items
    )
    Payment.objects.filter(pk__in=[claim.payment_id for claim in chosen.items]).update(
        payout_id=payout.pk, payout_status=ON_ITS_WAY
    )
    payout.amount = chosen.amount
    change(payout=payout, to=PayoutStatus.PROCESSING, now=now)


def _locked_claims(payout: Payout, now: datetime) -> list[selection.Claim]:
    """What is payable, by payments that nobody changes until the transaction ends."""
    ids = list(open_earnings(payout.creator_id))
    list(Payment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now).payable


def _why_not(
    policy: PayoutPolicy, payout: Payout, payable: int, chosen: int, available: int
) -> Cancellation | None:
    """Why nothing leaves after all; None if it may. Amounts in minor units."""
    minimum = max(policy.minimum, 1)
    if policy.blocked_reason:
        return Cancellation.BLOCKED
    if open_debt(payout.creator_id, payout.currency) > settings.DEBT_THRESHOLD:
        return Cancellation.DEBT
    if payable > 0 and open_debts(payout.creator_id, payout.currency):
        return Cancellation.DEBT_NOT_DEDUCTED
    if payable <= 0:
        deducted = TransferReversal.objects.filter(payout_id=payout.pk, status=MoveStatus.SUCCEEDED).exists()
        return Cancellation.ALL_FOR_DEBT if deducted else Cancellation.NOTHING_LEFT
    if payable < minimum:
        return Cancellation.BELOW_MINIMUM
    if chosen < minimum and available < min(payable, payout.amount):
        return Cancellation.LITTLE_AT_STRIPE
    return None if chosen else Cancellation.MORE_THAN_AGREED


def _note_low_balance(payout: Payout, payable: int, balance: BalanceSnapshot, now: datetime) -> None:
    """Stripe has less than the journal says; a warning is enough if the rest only has to become available there."""
    available = balance.available.get(payout.currency, 0)
    is_coming = payable <= balance.total(payout.currency)
    record(
        type="STRIPE_BALANCE_TOO_LOW",
        level=Level.WARNING if is_coming else Level.ERROR,
        message=f"{payable} {payout.currency} are payable, Stripe has {available} available",
        creator=payout.creator_id,
        payout=payout.pk,
    )
    if not is_coming:
        currency = Currency(payout.currency)
        telling.balance_too_low(
            payout, payable=Money(payable, currency), available=Money(available, currency), now=now
        )


def _found(payout: Payout, now: datetime) -> PayoutSnapshot | None:
    """What Stripe has of a payout that somebody else began to send, once their request cannot be under way."""
    is_unsure = payout.status == PayoutStatus.PROCESSING and not payout.stripe_payout_id
    if not is_unsure or _may_be_under_way(payout, now):
        return None
    return payouts.find_payout(
        account=payout.stripe_account,
        since=(payout.sent_at or now) - timedelta(minutes=10),
        metadata_key=KEY,
        metadata_value=str(payout.pk),
    )


def _may_be_under_way(payout: Payout, now: datetime) -> bool:
    return payout.asked_at is not None and now < payout.asked_at + UNDER_WAY


@transaction.atomic
def _claim_sending(payout_id: UUID, now: datetime) -> Payout:
    """Look under locks whether all that a payout covers may still leave, right before Stripe is asked to make it.

    If not, it ends as `CANCELED`; its payments can be paid out again by another one. Raises a temporary
    `ProviderError` while a request of somebody else may be under way: what has left is not to be let go.
    """
    policy, payout = lock_payout(payout_id)
    if payout.status != PayoutStatus.PROCESSING or payout.stripe_payout_id:
        return payout
    lock_payments(payout)
    why = Cancellation.BLOCKED if policy.blocked_reason else None
    if not covers_what_may_leave(payout):
        why = Cancellation.CHANGED
    if why is None:
        Payout.objects.filter(pk=payout.pk).update(asked_at=now)
    elif _may_be_under_way(payout, now):
        raise ProviderError(errors.PROVIDER, ProviderTrouble.TEMPORARY, message="it may be under way")
    else:
        let_go(payout)
        cancel_by_itself(policy=policy, payout=payout, why=why, now=now)
    return payout


def _at_stripe(payout: Payout, now: datetime) -> PayoutSnapshot | None:
    """Make the payout; None if its key is too old: Stripe might make it a second time."""
    if now >= (payout.sent_at or now) + KEEP_TRYING:
        return None
    return payouts.create_payout(
        account=payout.stripe_account,
        amount=payout.amount,
        currency=payout.currency,
        metadata={KEY: str(payout.pk), "creator": str(payout.creator_id)},
        idempotency_key=f"payout-{payout.pk}",
    )

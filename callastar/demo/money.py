"""What becomes of the money of the demo's calls: payouts, refunds, disputes, a debt.

All of it happens at the sandbox at the moment of seeding, and through the product's own operations: the journal keeps
the times of Stripe, and people are told of it as they would be. Each step looks at what is there and goes on from it,
beside workers and webhooks that may do the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from callastar.accounts.models import User
from callastar.audit.operations import Actor
from callastar.backoffice.evidence import gather
from callastar.backoffice.operations import reconcile_now, refund
from callastar.backoffice.refusals import ComparisonWaitsError
from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.demo import sandbox
from callastar.demo.history import booking_of
from callastar.demo.people import ADMIN, FANS
from callastar.demo.stories import PAYOUTS, STORIES, End, PayoutEnd, PayoutStory, Story
from callastar.ledger.models import Entry, EntryKind, ReconciliationRun
from callastar.payments.models import (
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundStatus,
    Restitution,
    TransferReversal,
)
from callastar.payments.operations.disputes import settle_won_dispute, submit_evidence
from callastar.payments.operations.execute import execute_refund, execute_restitution, execute_reversal
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.refunds import refundable
from callastar.payouts.models import Frequency, Payout, PayoutStatus, Weekday
from callastar.payouts.operations.decide import approve_payout
from callastar.payouts.operations.plan import request_payout, run_policy
from callastar.payouts.operations.policy import PolicyChoice, choose_policy, policy_of
from callastar.payouts.operations.send import send_payout
from callastar.payouts.operations.settle import sync_payout
from callastar.payouts.queries import payouts_of

PATIENCE_SECONDS = 10  # Stripe settles a charge a second after it was paid
A_RUN_AGO = timedelta(days=8)  # the run of every weekly schedule that began then has come
GOODWILL = 1500  # minor units
FROZEN_PICTURE = "Image figée pendant un quart d’heure ; geste commercial."
_UNDER_WAY = (PayoutStatus.APPROVED, PayoutStatus.PROCESSING)


def book_charges(people: Mapping[str, User]) -> None:
    """Write every charge of the fans into the journal, in one go, once Stripe has settled it.

    Raises a `ProviderError`, or a `SandboxError` when that takes too long.
    """
    until = monotonic() + PATIENCE_SECONDS
    while charges := list(_unbooked(people)):
        for charge_id in charges:
            sync_charge(charge_id=charge_id, now=clock.now())
        if monotonic() > until:
            raise sandbox.SandboxError(f"{charges} are not settled")
        if _unbooked(people).exists():
            sleep(0.2)


def _unbooked(people: Mapping[str, User]) -> QuerySet[Payment, str]:
    fans = [people[person.email].pk for person in FANS]
    booked = Entry.objects.filter(payment_id=OuterRef("pk"), kind=EntryKind.STRIPE_FEE)
    paid = Payment.objects.filter(fan_id__in=fans, paid_at__isnull=False, is_test=False).exclude(charge_id="")
    return paid.filter(~Exists(booked)).values_list("charge_id", flat=True)


def make_payouts(*, people: Mapping[str, User], creators: Mapping[str, Creator]) -> None:
    """Make the payouts that have not been made yet. Raises what `tell_stories` raises."""
    for story in PAYOUTS:
        creator = creators[story.creator]
        payout = _first_payout(creator)
        if payout is None:
            payout = _ask(creator, story) if story.asked else _run_schedule(creator)
        if payout is not None and story.end is not PayoutEnd.WAITING:
            _carry_through(payout, story, people[ADMIN.email])


def _first_payout(creator: Creator) -> Payout | None:
    return payouts_of(creator.pk).order_by("created_at").first()


def _ask(creator: Creator, story: PayoutStory) -> Payout:
    if story.end is PayoutEnd.WAITING:  # somebody who asks for each of their payouts
        choice = PolicyChoice(Frequency.MANUAL, Weekday.MONDAY, is_paused=False, minimum=1000)
        choose_policy(creator=creator, choice=choice, now=clock.now())
    return request_payout(creator=creator, currency=creator.currency, now=clock.now())


def _run_schedule(creator: Creator) -> Payout | None:
    """A schedule whose run is overdue; a worker may be faster."""
    policy_of(creator, now=clock.now() - A_RUN_AGO)
    run_policy(creator_id=creator.pk, now=clock.now())
    return _first_payout(creator)


def _carry_through(payout: Payout, story: PayoutStory, admin: User) -> None:
    if payout.status == PayoutStatus.REQUESTED:
        payout = approve_payout(payout_id=payout.pk, admin=admin, now=clock.now())
    if payout.status in _UNDER_WAY and not payout.stripe_payout_id:
        payout = send_payout(payout_id=payout.pk, now=clock.now())
    if payout.status == PayoutStatus.PROCESSING:
        sandbox.end_payout(payout.stripe_payout_id, paid=story.end is PayoutEnd.PAID)
        sync_payout(payout_id=payout.pk, now=clock.now())


def carry_out(people: Mapping[str, User]) -> None:
    """Do at Stripe what was promised, as the jobs would: refunds, and what disputes take from creators or give back."""
    mine: dict[str, Any] = {"payment__fan_id__in": [people[person.email].pk for person in FANS]}
    refunds = Refund.objects.filter(status=RefundStatus.PENDING, stripe_refund_id="", **mine)
    for refund_id in list(refunds.values_list("pk", flat=True)):
        execute_refund(refund_id=refund_id, now=clock.now())
    reversals = TransferReversal.objects.filter(status=MoveStatus.PENDING, **mine)
    for reversal_id in list(reversals.values_list("pk", flat=True)):
        execute_reversal(reversal_id=reversal_id, now=clock.now())
    theirs = {f"dispute__{name}": value for name, value in mine.items()}
    restitutions = Restitution.objects.filter(status=MoveStatus.PENDING, **theirs)
    for restitution_id in list(restitutions.values_list("pk", flat=True)):
        execute_restitution(restitution_id=restitution_id, now=clock.now())


def tell_troubles(*, people: Mapping[str, User], creators: Mapping[str, Creator]) -> None:
    """What went wrong after calls: disputes, and money that an admin gave back. Raises what `tell_stories` raises."""
    carry_out(people)
    admin = people[ADMIN.email]
    for story, booking in _told(people, creators):
        if story.end is End.REFUNDED_LATER:
            _give_part_back(booking.payment, admin)
        elif story.end is End.DISPUTED:
            _dispute(booking.payment, people, reason="product_not_received")
        elif story.end is End.DISPUTE_WON:
            _win(_dispute(booking.payment, people, reason="fraudulent"), people, admin)
    carry_out(people)


def compare_once(people: Mapping[str, User]) -> None:
    """Have a worker compare the books with Stripe, if nobody has yet."""
    if not ReconciliationRun.objects.exists():
        with suppress(ComparisonWaitsError):
            reconcile_now(admin=people[ADMIN.email], now=clock.now())


def _told(people: Mapping[str, User], creators: Mapping[str, Creator]) -> Iterator[tuple[Story, Booking]]:
    ends = {End.DISPUTED, End.DISPUTE_WON, End.REFUNDED_LATER}
    for story in STORIES:
        if story.end in ends and (booking := booking_of(story, people=people, creators=creators)):
            yield story, booking


def _give_part_back(payment: Payment, admin: User) -> None:
    """After its payout: the creator's account is empty, the platform pays, and the creator owes it."""
    if payment.payout_status == PayoutStatus.PAID and not payment.refunds.exists():
        left = refundable(payment)
        refund(payment_id=payment.pk, amount=GOODWILL, left=left, reason=FROZEN_PICTURE, admin=admin)


def _dispute(payment: Payment, people: Mapping[str, User], *, reason: str) -> Dispute | None:
    """The payment's dispute, which is opened if there is none, with what it takes from the creator."""
    if not payment.disputes.exists():
        sandbox.dispute(payment.charge_id, reason=reason)
        sync_charge(charge_id=payment.charge_id, now=clock.now(), with_disputes=True)
        carry_out(people)
    return payment.disputes.first()


def _win(dispute: Dispute | None, people: Mapping[str, User], admin: User) -> None:
    if dispute is None or dispute.closed_at:
        return
    if DisputeStatus(dispute.status).may_be_answered and not dispute.evidence_submitted_at:
        evidence = gather(dispute)
        submit_evidence(dispute_id=dispute.pk, evidence=evidence, actor=Actor.of(admin), now=clock.now())
    sandbox.win_dispute(dispute.stripe_dispute_id)
    sync_charge(charge_id=dispute.payment.charge_id, now=clock.now(), with_disputes=True)
    settle_won_dispute(dispute_id=dispute.pk, now=clock.now())
    carry_out(people)

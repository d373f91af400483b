"""AD-3, PO-4, RE-1, RE-3: what admins decide about money, end to end, and each decision in the system log."""

import pytest

from callastar.audit.models import LogEntry
from callastar.ledger.models import EntryKind
from callastar.payments.models import (
    Debt,
    DebtStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundCause,
    RefundStatus,
    Restitution,
)
from callastar.payouts.models import Payout, PayoutPolicy, PayoutStatus
from tests import bookings, money_rows
from tests.factories import make_creator, make_offer, make_user
from tests.jobs import run_jobs
from tests.money_world import pay_for_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment() -> Payment:
    return bookings.confirmed(make_offer(creator=make_creator()), make_user(name="Noa Quill")).payment


@pytest.fixture
def payout(payment) -> Payout:
    """One that waits, foreseen at 40.00, while 40.75 can be paid out by now."""
    money_rows.earned(money_rows.released(payment))
    return money_rows.waiting_payout(payment_creator(payment))


def payment_creator(payment):
    return bookings.Booking.objects.get(payment=payment).creator


def logged(kind: str) -> LogEntry:
    """The entry of the system log, made by an admin."""
    entry = LogEntry.objects.get(type=kind)
    assert entry.actor_kind == "ADMIN"
    return entry


class TestPayouts:
    def test_approving_shows_the_amount_of_now_and_does_it_once(self, office, admin, payout, payment, step):
        """PO-2, PO-4: the page computes again, and a second click finds it decided."""
        page = office.page(step(payout, "approve"))
        assert f"€{payment.creator_amount / 100:.2f}" in page
        assert "Noa Quill" in page
        fields = {"expected": payment.creator_amount}
        answer = office.post(step(payout, "approve"), **fields)
        assert office.said(answer) == ["The payout is approved and will be sent."]
        payout.refresh_from_db()
        assert (payout.status, payout.amount) == (PayoutStatus.APPROVED, payment.creator_amount)
        assert payout.approved_by == admin
        assert logged("PAYOUT_APPROVED").actor_id == admin.pk
        again = office.post(step(payout, "approve"), **fields)
        assert office.said(again) == ["This payout has already been decided."]
        assert payout.audit.count() == 2

    def test_an_amount_that_changed_is_shown_again(self, office, payout, step):
        """PO-2: nobody agrees to what they have not seen."""
        answer = office.post(step(payout, "approve"), expected=4000)
        assert office.said(answer) == [
            "This has changed since the page was shown. Please look again before you decide."
        ]
        assert Payout.objects.get().status == PayoutStatus.REQUESTED

    def test_what_stands_in_the_way_is_said(self, office, payout, payment, step):
        """PO-6: and approving is refused as a message."""
        PayoutPolicy.objects.update(blocked_reason="review")
        assert "Payouts are blocked" in office.page(step(payout))
        assert (
            'type="submit"'
            not in office.page(step(payout, "approve")).split('id="main"')[1].split("</main>")[0]
        )
        answer = office.post(step(payout, "approve"), expected=payment.creator_amount)
        assert office.said(answer) == ["Our team holds your payouts at the moment."]
        assert Payout.objects.get().status == PayoutStatus.REQUESTED

    def test_one_that_came_to_nothing_ends(self, office, payout, payment, step):
        """PO-2: its payment was frozen meanwhile."""
        money_rows.open_dispute(payment)
        assert "End this payout" in office.page(step(payout, "approve"))
        answer = office.post(step(payout, "approve"), expected=0)
        assert "nothing is sent" in office.said(answer)[0]
        assert Payout.objects.get().status == PayoutStatus.CANCELED

    def test_rejecting_needs_a_reason(self, office, payout, step):
        """PO-4: which the creator is told."""
        assert office.post(step(payout, "reject"), reason=" ").status_code == 200
        assert Payout.objects.get().status == PayoutStatus.REQUESTED
        office.post(step(payout, "reject"), reason="Looks odd")
        payout.refresh_from_db()
        assert (payout.status, payout.reason) == (PayoutStatus.REJECTED, "Looks odd")
        again = office.post(step(payout, "reject"), reason="Twice")
        assert "This payout has already been decided." in again.content.decode()
        assert Payout.objects.get().reason == "Looks odd"
        assert "Looks odd" in office.page(step(payout))

    def test_waiting_ones_come_first_and_are_found(self, office, payout, payment):
        """AD-3: by the creator's page, email and Stripe's id."""
        creator = payment_creator(payment)
        Payout.objects.create(
            creator=creator,
            currency="EUR",
            amount=1,
            status="PAID",
            trigger="SCHEDULE",
            stripe_payout_id="po_9",
        )
        page = office.page("payouts/payout/")
        assert page.index('data-status="REQUESTED"') < page.index('data-status="PAID"')
        for term in (creator.slug, creator.user.email):
            assert office.page("payouts/payout/", q=term).count("data-status=") == 2
        assert office.page("payouts/payout/", q="po_9").count("data-status=") == 1
        assert office.page("payouts/payout/", status__exact="REQUESTED").count("data-status=") == 1
        assert "Nothing here" in office.page("payouts/payout/", q="nobody")


class TestPolicies:
    def test_block_and_unblock(self, office, payment, step):
        """PO-1, PO-6."""
        policy = money_rows.policy(payment_creator(payment))
        office.post(step(policy, "block"), reason="fraud", note="We are looking")
        policy.refresh_from_db()
        assert (policy.blocked_reason, policy.blocked_note) == ("fraud", "We are looking")
        logged("PAYOUTS_BLOCKED")
        assert "We are looking" in office.page(step(policy))
        assert office.page("payouts/payoutpolicy/", blocked="yes").count("Blocked</span>") == 1
        office.post(step(policy, "unblock"))
        policy.refresh_from_db()
        assert policy.blocked_reason == ""
        logged("PAYOUTS_UNBLOCKED")

    def test_an_unknown_reason_blocks_nobody(self, office, payment, step):
        """PO-1: the engine's own reason is not an admin's."""
        policy = money_rows.policy(payment_creator(payment))
        for reason in ("", "failures", "nonsense"):
            assert office.post(step(policy, "block"), reason=reason).status_code == 200
        assert PayoutPolicy.objects.get().blocked_reason == ""

    def test_approval_is_wanted_or_not(self, office, payment, step):
        """PO-1: with before and after in the log."""
        policy = money_rows.policy(payment_creator(payment))
        office.post(step(policy, "require"))
        assert PayoutPolicy.objects.get().requires_approval is True
        assert logged("PAYOUT_APPROVAL_CHANGED").metadata["after"] is True
        office.post(step(policy, "trust"))
        assert PayoutPolicy.objects.get().requires_approval is False


class TestRefunds:
    def test_in_part_shows_the_shares_and_is_made_once(self, office, at_stripe, creator, step):
        """RE-1: 40.00 of 100.00 takes 32.72, 6.00 and 1.28; the same form sent twice refunds once."""
        payment = pay_for_call(at_stripe, creator).payment
        asked = {"amount": "40,00", "reason": "Sound was bad", "left": 10000}
        page = office.post(step(payment, "refund"), **asked).content.decode()
        for share in ("€32.72", "€6.00", "€1.28", "€40.00"):
            assert share in page
        assert Refund.objects.count() == 0
        answer = office.post(step(payment, "refund"), **asked, confirmed="yes")
        assert office.said(answer) == ["The refund is under way."]
        again = office.post(step(payment, "refund"), **asked, confirmed="yes")
        assert "has changed" in office.said(again)[0]
        refund = Refund.objects.get()
        assert (refund.amount, refund.cause, refund.reason) == (4000, RefundCause.ADMIN, "Sound was bad")
        logged("REFUND_REQUESTED")
        assert run_jobs() == []
        refund.refresh_from_db()
        assert refund.status == RefundStatus.SUCCEEDED
        page = office.page(step(payment))
        assert "Fee given back" in page
        assert "€60.00" in page

    @pytest.mark.parametrize(
        ("amount", "reason"),
        [("100.01", "x"), ("0", "x"), ("-1", "x"), ("1.001", "x"), ("", "x"), ("10", " ")],
    )
    def test_what_is_refused(self, office, payment, step, amount, reason):
        """RE-1: more than is left, nothing, finer than a cent, without a reason."""
        asked = {"amount": amount, "reason": reason, "left": payment.amount, "confirmed": "yes"}
        assert office.post(step(payment, "refund"), **asked).status_code == 200
        assert Refund.objects.count() == 0

    def test_none_while_the_bank_decides(self, office, payment, step):
        """RE-4: said, not crashed."""
        money_rows.open_dispute(payment, share=1)
        payment.disputes.update(share=None)
        asked = {"amount": "1", "reason": "x", "left": payment.amount, "confirmed": "yes"}
        answer = office.post(step(payment, "refund"), **asked)
        assert "The bank is looking into this payment" in office.said(answer)[0]
        assert Refund.objects.count() == 0

    @pytest.mark.parametrize(
        ("cause", "next_cause"),
        [
            (RefundCause.FAN_CANCELLED, RefundCause.FAN_CANCELLED),
            (RefundCause.LATE_PAYMENT, RefundCause.ADMIN),
        ],
    )
    def test_a_failed_one_is_tried_again_once(self, office, payment, step, cause, next_cause):
        """PO-7: a new one of the same amount; the failed one stays as it was."""
        failed = money_rows.failed_refund(payment, cause=cause)
        assert "Try again" in office.page(step(failed))
        office.post(step(failed, "retry"))
        again = office.post(step(failed, "retry"))
        assert "nothing to try" in office.said(again)[0]
        fresh = Refund.objects.exclude(pk=failed.pk).get()
        assert (fresh.amount, fresh.cause, fresh.status) == (failed.amount, next_cause, RefundStatus.PENDING)
        assert "Try again" not in office.page(step(failed))
        failed.refresh_from_db()
        assert failed.status == RefundStatus.FAILED

    def test_one_that_stripe_made_is_not_tried_again(self, office, payment, step):
        """RE-1: it would be paid twice."""
        failed = money_rows.failed_refund(payment)
        Refund.objects.update(stripe_refund_id="re_1")
        assert "Try again" not in office.page(step(failed))
        office.post(step(failed, "retry"))
        assert Refund.objects.count() == 1


class TestStripe:
    def test_asking_again_writes_down_what_stripe_says(self, office, at_stripe, creator, step):
        """WH-4: an event that never came."""
        payment = pay_for_call(at_stripe, creator, settled=False).payment
        answer = office.post(step(payment, "ask_stripe"))
        assert office.said(answer) == ["Everything here is as Stripe says now."]
        assert "Charge" in office.page(step(payment))
        logged("CHARGE_ASKED_AGAIN")

    def test_a_stripe_that_does_not_answer_is_said(self, office, payment, settings, step):
        """PW-2."""
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        Payment.objects.update(charge_id="ch_1")
        answer = office.post(step(payment, "ask_stripe"))
        assert office.said(answer) == ["Stripe does not answer. Please try again in a moment."]

    def test_a_payment_without_charge_has_nothing_to_ask(self, office, payment, step):
        """No button, and the address refuses."""
        assert "Ask Stripe again" not in office.page(step(payment))
        answer = office.post(step(payment, "ask_stripe"))
        assert office.said(answer) == ["Stripe knows no charge of this payment."]


class TestDebts:
    def test_settled_by_hand_in_part_and_once(self, office, admin, payment, step):
        """RE-3: with its note; in the journal, too."""
        debt = money_rows.open_debt(payment, amount=2500)
        fields = {"amount": "10.50", "note": "Paid by transfer", "remaining": 2500}
        office.post(step(debt, "settle"), **fields)
        again = office.post(step(debt, "settle"), **fields)
        assert "has changed" in office.said(again)[0]
        settlement = Debt.objects.get().settlements.get()
        assert (settlement.amount, settlement.note, settlement.actor_id) == (
            1050,
            "Paid by transfer",
            admin.pk,
        )
        assert "Debts settled by hand" in office.page("ledger/entry/", kind=EntryKind.DEBT_SETTLED)
        page = office.page(step(debt))
        assert "Paid by transfer" in page
        assert "€14.50" in page

    @pytest.mark.parametrize(("amount", "note"), [("25.01", "x"), ("0", "x"), ("5", "  ")])
    def test_what_is_refused(self, office, payment, step, amount, note):
        """RE-3: more than is owed, nothing, without a note."""
        debt = money_rows.open_debt(payment, amount=2500)
        answer = office.post(step(debt, "settle"), amount=amount, note=note, remaining=2500)
        assert answer.status_code == 200
        assert Debt.objects.get().settled_amount == 0

    def test_recovering_defers_the_job(self, office, payment, step):
        """RE-3: once it is settled there is nothing to recover."""
        debt = money_rows.open_debt(payment)
        office.post(step(debt, "recover"))
        logged("DEBT_RECOVERY_ASKED")
        Debt.objects.update(status=DebtStatus.CANCELLED)
        answer = office.post(step(debt, "recover"))
        assert office.said(answer) == ["This debt is not open any more."]

    def test_a_reversal_that_failed_is_tried_again(self, office, payment, step):
        """PO-7: what the debt still comes to."""
        reversal = money_rows.failed_reversal(money_rows.open_debt(payment))
        assert "Try again" in office.page(step(reversal))
        office.post(step(reversal, "retry"))
        logged("DEBT_RECOVERY_ASKED")


def test_a_restitution_that_failed_is_tried_again_once(office, payment, step):
    """PO-7, RE-4."""
    restitution = money_rows.failed_restitution(money_rows.open_dispute(payment))
    office.post(step(restitution, "retry"))
    again = office.post(step(restitution, "retry"))
    assert "nothing to try again" in office.said(again)[0]
    assert Restitution.objects.values_list("status", "tries").get() == (MoveStatus.PENDING, 2)
    logged("RESTITUTION_RETRIED")

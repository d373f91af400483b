"""The comparison of our books with Stripe (LE-3): clean when nothing is wrong, and exact when something is."""

from datetime import time, timedelta
from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.jobs.schedule import RECONCILE_LEDGER
from callastar.ledger.models import Account, Balance, Entry, EntryKind, Line, ReconciliationRun, RunStatus
from callastar.ledger.operations import About, Posting, post
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.payments.models import Payment, Refund
from callastar.payouts.models import Payout
from callastar.payouts.operations.reconcile import run as running
from callastar.payouts.operations.settle import sync_payout
from callastar.payouts.refusals import ReconciliationRunningError
from callastar.providers.stripe import money, payouts
from callastar.providers.stripe.client import call
from tests.factories import make_admin
from tests.integration.payouts.reconcile_world import PAYDAY, Books, found, reconcile
from tests.jobs import run_jobs, run_periodic
from tests.stripe_people import make_onboarded_creator

pytestmark = pytest.mark.django_db(transaction=True)
# Of 100.00 at 15 %: commission 15.00, processing 3.20, the creator's 81.80.
PRICE, FEE, SHARE = 10000, 1820, 8180


@pytest.fixture
def books(at_stripe, times, monkeypatch):
    monkeypatch.setattr(running, "PAUSE", timedelta(0))
    return Books(at_stripe, times)


def untouched() -> tuple[int, int, int]:
    return Entry.objects.count(), Refund.objects.count(), Payout.objects.count()


def test_a_whole_life_of_money_is_clean(books):
    """LE-3: payments, refunds in parts and whole, disputes lost, won and open; everything was looked at."""
    kept, parts, whole, lost, won, open_ = books.paid(6)
    books.refund(parts, 3333)
    books.refund(parts, 1234)
    books.refund(whole, PRICE)
    books.dispute(lost, "lost")
    books.dispute(won, "won")
    books.dispute(open_)
    run = reconcile()
    assert list(run.differences.all()) == []
    assert (run.status, run.error) == (RunStatus.CLEAN, "")
    assert {name: count for name, count in run.compared.items() if count} == {
        "charge": 6,
        "refund": 3,
        "transfer": 7,  # one of them gave back after the dispute that was won
        "app_fee": 6,
        "dispute": 3,
        "balance": 2,
    }
    assert run.ended_at >= run.started_at
    assert kept.status == "SUCCEEDED"


@pytest.mark.parametrize("end", ["on its way", "paid", "failed", "paid and failed"])
def test_payouts_are_clean_wherever_they_stand(books, end):
    """LE-3, PO-5."""
    books.paid(2)
    payout = books.pay_out()
    with clock.shifted(PAYDAY):
        for step, control in (("paid", "pay"), ("failed", "fail")):
            if step in end:
                books.sandbox.control("POST", f"payouts/{payout.stripe_payout_id}/{control}", {})
                payout = sync_payout(payout_id=payout.pk, now=clock.now())
        assert payout.status == {"on its way": "PROCESSING", "paid": "PAID"}.get(end, "FAILED")
        run = reconcile()
        assert found(run) == {}
        assert run.compared["payout"] == 1


def test_a_debt_for_a_refund_after_the_payout_is_clean(books):
    """LE-3, RE-2: the platform paid, the creator owes."""
    (payment,) = books.paid()
    books.pay_out()
    with clock.shifted(PAYDAY):
        books.refund(payment, PRICE)
        assert payment.debts.exists()
        assert found() == {}


def test_a_refund_that_came_back_is_owed_to_the_fan(books):
    """LE-3: Stripe and the journal agree; that nobody gives the money back is said."""
    (payment,) = books.paid()
    refund = books.refund(payment, PRICE)
    refund.refresh_from_db()
    books.sandbox.control("POST", f"refunds/{refund.stripe_refund_id}/fail", {})
    books.hear_of(payment)
    assert found() == {"fan_funds_open": [("", str(payment.pk), PRICE, 0)]}


def test_a_refund_made_at_stripe_that_we_did_not_hear_of(books):
    """LE-3: the refund, what it took back, and what that did to the balances; nothing is mended by the run."""
    (payment,) = books.paid()
    refund = call(
        lambda c: c.v1.refunds.create(
            {
                "charge": payment.charge_id,
                "amount": 5000,
                "reverse_transfer": True,
                "refund_application_fee": True,
            }
        )
    )
    (reversal,) = money.reversals_of(payment.transfer_id)
    view = money.charge_money(charge_id=payment.charge_id)
    (fee_refund,) = view.application_fee.refunds
    before = untouched()
    ours = ledger_platform()
    assert found() == {
        "charge_refunded": [(payment.charge_id, str(payment.pk), 0, 5000)],
        "refund_not_here": [(refund.id, "", None, 5000)],
        "reversal_not_here": [(reversal.id, "", None, 5000)],
        "fee_refund_not_here": [(fee_refund.id, "", None, FEE // 2)],
        "balance": [
            ("", f"CREATOR_BALANCE {books.creator.pk}", SHARE, SHARE - 5000 + FEE // 2),
            ("", "PLATFORM_BALANCE", ours, ours - FEE // 2),
        ],
    }
    assert untouched() == before
    books.hear_of(payment)
    assert found() == {}


def ledger_platform() -> int:
    return sum(Line.objects.filter(account=Account.PLATFORM_BALANCE).values_list("amount", flat=True))


def test_a_transfer_reversed_by_hand(books):
    """LE-3."""
    (payment,) = books.paid()
    reversal = money.create_reversal(
        transfer_id=payment.transfer_id, amount=100, metadata={}, idempotency_key="by hand"
    )
    ours = ledger_platform()
    assert found() == {
        "reversal_not_here": [(reversal.id, "", None, 100)],
        "balance": [
            ("", f"CREATOR_BALANCE {books.creator.pk}", SHARE, SHARE - 100),
            ("", "PLATFORM_BALANCE", ours, ours + 100),
        ],
    }


def test_a_payout_made_by_hand(books):
    """LE-3: money left a creator's account, and not by this product."""
    books.paid()
    made = payouts.create_payout(
        account=books.account, amount=500, currency="EUR", metadata={}, idempotency_key="by hand"
    )
    run = reconcile()
    assert found(run) == {
        "payout_not_here": [(made.id, "", None, 500)],
        "balance": [("", f"CREATOR_BALANCE {books.creator.pk}", SHARE, SHARE - 500)],
    }
    assert run.differences.get(kind="payout_not_here").account == books.account


@pytest.mark.parametrize("whose", ["the platform's", "a creator's"])
def test_an_adjustment_by_stripe(books, whose):
    """LE-3: no object says so, only the balance does."""
    books.paid()
    platform, account = ledger_platform(), None if whose == "the platform's" else books.account
    books.sandbox.control("POST", "balance", {"account": account, "currency": "eur", "amount": -1})
    expected = (
        ("", f"CREATOR_BALANCE {books.creator.pk}", SHARE, SHARE - 1)
        if account
        else ("", "PLATFORM_BALANCE", platform, platform - 1)
    )
    assert found() == {"balance": [expected]}


def test_a_stored_balance_that_somebody_changed(books):
    """LE-2, LE-3: stored balances against their lines."""
    (payment,) = books.paid()
    Balance.objects.filter(account=Account.EARNINGS).update(amount=-SHARE - 1)
    key = f"EARNINGS {books.creator.pk} {payment.pk}"
    assert found() == {"stored_balance": [("", key, -SHARE - 1, -SHARE)]}


def test_an_entry_of_which_stripe_knows_nothing(books):
    """LE-3."""
    (payment,) = books.paid()
    with transaction.atomic():
        post(
            key="refund:re_invented",
            kind=EntryKind.REFUND,
            currency="EUR",
            lines=[Posting(Account.FAN_FUNDS, 700), Posting(Account.PLATFORM_BALANCE, -700)],
            about=About(creator_id=books.creator.pk, payment_id=payment.pk),
            now=clock.now(),
            reference="re_invented",
        )
    ours = ledger_platform()
    assert found() == {
        "refund_not_there": [("re_invented", "refund:re_invented", 700, None)],
        "balance": [("", "PLATFORM_BALANCE", ours, ours + 700)],
        "fan_funds_open": [("", str(payment.pk), -700, 0)],
        "payment_refunded": [(payment.charge_id, str(payment.pk), 0, 700)],
    }


def test_a_charge_that_is_none_of_ours(books):
    """LE-3: told once, whatever became of it, but for the balances that it changed."""
    _, lost = books.paid(2)
    with connection.cursor() as cursor:  # as if it had never been written
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM payments_payment WHERE id = %s", [lost.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert found() == {"charge_unknown": [(lost.charge_id, "", None, PRICE)]}


def test_a_payout_whose_status_somebody_changed(books):
    """LE-3: the row against Stripe, and against the journal."""
    books.paid()
    payout = books.pay_out()
    Payout.objects.filter(pk=payout.pk).update(status="PAID")
    with clock.shifted(PAYDAY):
        run = reconcile()
    assert found(run) == {
        "payout_status": [(payout.stripe_payout_id, str(payout.pk), SHARE, SHARE)],
        "payouts_paid": [("", f"PAID {books.creator.pk}", SHARE, 0)],
        "payouts_on_the_way": [("", f"IN_PAYOUT {books.creator.pk}", 0, SHARE)],
    }
    assert run.differences.get(kind="payout_status").note == "ours PAID, theirs PROCESSING"


def test_a_payout_that_covers_other_than_it_pays(books):
    """PO-2, LE-3: items against the payout, and nothing paid out twice."""
    (payment,) = books.paid()
    payout = books.pay_out()
    payout.items.update(amount=SHARE + 5)
    with clock.shifted(PAYDAY):
        assert found() == {
            "payout_items": [(payout.stripe_payout_id, str(payout.pk), SHARE + 5, SHARE)],
            "paid_out_twice": [(payment.charge_id, str(payment.pk), SHARE + 5, SHARE)],
        }


def test_rows_that_somebody_changed(books):
    """LE-3: a payment's refunded amount, a refund's status, a debt."""
    (payment, paid_out) = books.paid(2)
    refund = books.refund(payment, 1000)
    refund.refresh_from_db()
    Payment.objects.filter(pk=payment.pk).update(refunded_amount=999)
    Refund.objects.filter(pk=refund.pk).update(status="FAILED")
    paid_out.debts.create(
        creator_id=books.creator.pk, cause="REFUND", amount=50, currency="EUR", created_at=clock.now()
    )
    assert found() == {
        "payment_refunded": [(payment.charge_id, str(payment.pk), 999, 1000)],
        "refund_status": [(refund.stripe_refund_id, str(refund.pk), 1000, 1000)],
        "charge_refunded": [(payment.charge_id, str(payment.pk), 0, 1000)],
        "debts": [("", f"DEBT {books.creator.pk}", 50, 0)],
    }


def test_money_that_is_on_its_way_is_looked_at_again(books, monkeypatch):
    """LE-3: what is written down between the first look and the second is no difference."""
    (payment,) = books.paid()
    money.create_reversal(transfer_id=payment.transfer_id, amount=100, metadata={}, idempotency_key="hand")
    monkeypatch.setattr(running, "sleep", lambda _: books.hear_of(payment))
    assert found() == {}


def test_an_account_that_was_disconnected_is_told_and_the_others_are_read(books):
    """LE-3."""
    books.paid()
    gone = make_onboarded_creator(books.sandbox)
    books.sandbox.control("POST", f"accounts/{gone.stripe_account_id}/deauthorize", {})
    books.sandbox.control("POST", "balance", {"account": books.account, "currency": "eur", "amount": 3})
    assert found() == {
        "account_unreadable": [(gone.stripe_account_id, f"CREATOR_BALANCE {gone.pk}", None, None)],
        "balance": [("", f"CREATOR_BALANCE {books.creator.pk}", SHARE, SHARE + 3)],
    }


@pytest.mark.parametrize(
    "match", ["GET /v1/charges", "GET /v1/disputes", "GET /v1/balance", "GET /v1/payouts"]
)
def test_a_run_that_cannot_read_stripe_invents_nothing(books, match):
    """LE-3: it fails, says so to admins, and tells of no difference though there is one."""
    make_admin()
    books.sandbox.control("POST", "balance", {"account": books.account, "currency": "eur", "amount": 3})
    books.sandbox.control("POST", "faults", {"match": match, "kind": "drop_before", "times": 50})
    run = reconcile()
    assert (run.status, run.differences.count()) == (RunStatus.FAILED, 0)
    assert "stripe" in run.error
    assert LogEntry.objects.get(type="LEDGER_DIFFERENCES").level == "CRITICAL"
    assert Notification.objects.get().params["variant"] == "reconciliation_unfinished"
    reconcile()
    assert Notification.objects.count() == 1, "told once"
    books.sandbox.control("DELETE", "faults")
    assert list(found()) == ["balance"]


def test_admins_are_told_of_what_is_new_and_once_a_week_of_what_stays(books):
    """LE-3: log, notification and mail, with the ids."""
    admins = [make_admin(), make_admin()]
    adjustment = {"account": books.account, "currency": "eur", "amount": 3}
    assert reconcile().status == RunStatus.CLEAN
    assert not Notification.objects.exists()
    books.sandbox.control("POST", "balance", adjustment)
    first = reconcile()
    told = Notification.objects.filter(recipient__in=admins)
    assert {one.link for one in told} == {f"dashboard/admin/ledger/reconciliationrun/{first.pk}/change/"}
    assert {one.params["differences"] for one in told} == {1}
    mails = EmailLog.objects.filter(template="reconciliation_alert_admin")
    assert {mail.to for mail in mails} == {admin.email for admin in admins}
    assert f"CREATOR_BALANCE {books.creator.pk}" in mails[0].context["lines"][0]
    entry = LogEntry.objects.get(type="LEDGER_DIFFERENCES")
    assert (entry.level, entry.metadata["run"]) == ("CRITICAL", str(first.pk))

    def count_after(shift: timedelta) -> int:
        with clock.shifted(shift):
            assert reconcile().status == RunStatus.DIFFERENT
        return Notification.objects.count()

    assert count_after(timedelta(days=1)) == 2, "the same again"
    assert count_after(timedelta(days=7)) == 4, "a week later"
    books.sandbox.control("POST", "balance", adjustment)
    assert count_after(timedelta(days=8)) == 6, "another amount"


def test_one_run_at_a_time(books, monkeypatch):
    """LE-3: a second one is refused while the first one runs, and leaves no trace; the job takes it as done."""
    books.sandbox.control("POST", "balance", {"account": books.account, "currency": "eur", "amount": 3})
    inside, go_on = Event(), Event()

    def wait(_: float) -> None:
        inside.set()
        go_on.wait(20)

    monkeypatch.setattr(running, "sleep", wait)
    ended: list[ReconciliationRun] = []

    def first() -> None:
        try:
            ended.append(reconcile())
        finally:
            connection.close()

    thread = Thread(target=first)
    thread.start()
    assert inside.wait(20)
    try:
        with pytest.raises(ReconciliationRunningError):
            reconcile()
        run_periodic("reconcile-ledger")
        with pytest.raises(CommandError) as refused:
            call_command("reconcile_ledger")
        assert refused.value.returncode == 2
        assert ReconciliationRun.objects.get().status == RunStatus.RUNNING
    finally:
        go_on.set()
        thread.join(20)
    assert ended[0].status == RunStatus.DIFFERENT


def test_a_run_whose_process_died_is_closed_by_the_next(books):
    """LE-3, JO-1."""
    dead = ReconciliationRun.objects.create()
    assert reconcile().status == RunStatus.CLEAN
    dead.refresh_from_db()
    assert dead.status == RunStatus.FAILED


@pytest.mark.parametrize("options", [{}, {"all": True}, {"since": clock.now() - timedelta(days=1)}])
def test_the_command_prints_what_differs(books, options):
    """LE-3: exit codes 0 and 1, ids and amounts of both sides."""
    (payment,) = books.paid()
    out = StringIO()
    call_command("reconcile_ledger", stdout=out, **options)
    assert out.getvalue().startswith("CLEAN\n")
    reversal = money.create_reversal(
        transfer_id=payment.transfer_id, amount=100, metadata={}, idempotency_key="by hand"
    )
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_ledger", stdout=out, **options)
    assert ended.value.code == 1
    line = next(line for line in out.getvalue().splitlines() if line.startswith("reversal_not_here"))
    assert line.split() == ["reversal_not_here", reversal.id, "-", books.account, "-", "1.00", "EUR"]


def test_the_command_says_that_stripe_could_not_be_read(books):
    """LE-3: exit code 2."""
    books.sandbox.control("POST", "faults", {"match": "* /v1/*", "kind": "drop_before", "times": 50})
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_ledger", stdout=StringIO())
    books.sandbox.control("DELETE", "faults")
    assert ended.value.code == 2


def test_objects_from_before_are_left_to_the_balances(books):
    """LE-3: `since` bounds what is read one by one; all pages are read."""
    books.paid(2)
    now = clock.now()
    run = running.reconcile_ledger(since=now + timedelta(minutes=1), now=now + timedelta(minutes=2))
    assert found(run) == {}
    assert run.compared.get("charge", 0) == 0


def test_pages_are_read_to_the_end(books, monkeypatch):
    """LE-3."""
    monkeypatch.setattr("callastar.providers.stripe.client.PAGE", 1)
    books.paid(3)
    run = reconcile()
    assert (run.status, run.compared["charge"], run.compared["transfer"]) == (RunStatus.CLEAN, 3, 3)


def test_the_daily_job(books):
    """LE-3, JO-2: at 03:30, over the last weeks."""
    books.paid()
    assert RECONCILE_LEDGER.at == time(3, 30)
    run_periodic("reconcile-ledger")
    run = ReconciliationRun.objects.get()
    assert run.status == RunStatus.CLEAN
    assert run.started_at - run.since == timedelta(days=35)
    assert run_jobs() == []

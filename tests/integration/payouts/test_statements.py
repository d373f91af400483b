"""Statements: LE-4, LE-2. What the lines explain is what the journal's own sums say, to the cent, month after month."""

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import pairwise

import pytest
from django.test import Client
from pypdf import PdfReader

from callastar.accounts.models import Role
from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.core.money import Currency
from callastar.creators.models import Creator
from callastar.documents import MovementKind, PayoutState, Statement
from callastar.ledger.queries import creator_totals
from callastar.payments.models import Debt
from callastar.payments.operations.debts import settle_manually
from callastar.payouts.earnings.months import active_months, earned_by_month, last_months
from callastar.payouts.models import Payout
from callastar.payouts.statements import statement_of
from tests import bookings, earnings
from tests.factories import make_creator, make_offer, make_user, utc

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def creator() -> Creator:
    return make_creator(user=make_user(role=Role.CREATOR, name="Zoé Amadou"))


def statements(creator: Creator, currency: Currency = Currency.EUR) -> list[Statement]:
    """All months with anything in them, oldest first, and the one after."""
    zone = creator.user.zone
    months = sorted(
        month for month, each in active_months(creator_id=creator.pk, zone=zone) if each == currency
    )
    later = date(months[-1].year + months[-1].month // 12, months[-1].month % 12 + 1, 1)
    return [
        statement_of(creator=creator, month=month, currency=currency, zone=zone, now=clock.now())
        for month in [*months, later]
    ]


def assert_explained(creator: Creator, currency: Currency = Currency.EUR) -> list[Statement]:
    """Every month closes where its lines say and where the next one opens; the last one at the journal's balances."""
    found = statements(creator, currency)
    assert found[0].opening.minor == 0
    for before, after in pairwise(found):
        assert before.closing == after.opening
    for each in found:
        assert each.computed_closing == each.closing, each.month
        assert all(
            call.net == call.gross - call.commission - call.processing - call.refunds for call in each.calls
        )
    total = next((each for each in creator_totals(creator.pk) if each.currency == currency), None)
    assert found[-1].closing.minor == (total.earned - total.debt if total else 0)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_random_months_are_explained_to_the_cent(creator, seed):
    """LE-2: whatever happens in whatever order, through the postings that the product uses."""
    chance, now = random.Random(seed), clock.now()
    earned, payouts = [], []
    for _ in range(14):
        ago = chance.randint(20, 150) * DAY
        earned.append(earnings.earn(creator, price=chance.randint(101, 30_000), ago=ago))
    for _ in range(18):
        money, at = (
            chance.choice(earned),
            now - chance.randint(0, 100) * DAY - chance.randint(0, 86_399) * timedelta(seconds=1),
        )
        _do_something(chance, creator, money, payouts, at)
    assert_explained(creator)


def _do_something(chance, creator, money, payouts, at):
    """One thing that may happen; nothing where it cannot."""
    refunded = sum(refund.amount for refund in money.view.refunds)
    left = money.payment.amount - refunded
    what = chance.choice(["refund", "platform", "hand", "dispute", "payout", "result", "result", "settle"])
    if what == "refund" and left > 1 and not money.view.disputes:
        money.refund(chance.randint(1, left), at=at)
    elif what == "platform" and left > 1 and not money.view.disputes:
        money.refund_from_platform(chance.randint(1, left), at=at)
    elif what == "hand" and left > 10 and not money.view.disputes:
        money.take_back(chance.randint(1, 9), at=at)
    elif what == "dispute" and not money.view.refunds:
        statuses = ["needs_response", "lost"] if money.view.disputes else ["needs_response"]
        money.dispute(at=at, status=chance.choice(statuses))
    elif what == "payout" and sum(claim.amount for claim in earnings.payable(creator)) > 0:
        if not any(payout.status == "PROCESSING" for payout in Payout.objects.all()):
            payouts.append(earnings.leave(creator, earnings.payable(creator), at=at))
    elif what == "result" and payouts:
        earnings.stripe_says(chance.choice(payouts).pk, chance.choice(["paid", "failed", "canceled"]), at=at)
    elif what == "settle" and (debt := Debt.objects.filter(status="OPEN").first()):
        settle_manually(debt_id=debt.pk, amount=min(7, debt.remaining), note="cash", actor=SYSTEM, now=at)


def test_the_random_months_see_everything(creator):
    """The control: a year's story has calls, refunds, movements and payouts of every kind to explain."""
    earnings.story(creator)
    found = assert_explained(creator)
    assert any(call.refunds.minor for each in found for call in each.calls)
    kinds = {movement.kind for each in found for movement in each.movements}
    assert MovementKind.DEBT_MADE in kinds
    states = {payout.status for each in found for payout in each.payouts}
    assert PayoutState.PAID in states
    assert PayoutState.FAILED in states or MovementKind.PAYOUT_RETURNED in kinds  # by the day of the month


def test_a_line_that_is_not_explained_shows(creator, monkeypatch):
    """The control of the control: closing is summed on its own."""
    earnings.earn(creator, ago=40 * DAY)
    monkeypatch.setattr("callastar.payouts.statements._OF_CALLS", ())
    monkeypatch.setattr("callastar.payouts.statements._Book._move", lambda *_: None)
    assert any(each.computed_closing != each.closing for each in statements(creator))


def test_a_call_of_another_month_that_is_refunded(creator, monkeypatch):
    """LE-4: no gross, the refund, and the fees below zero."""
    monkeypatch.setattr(clock, "now", lambda: utc(2026, 6, 20, 12))
    money = earnings.earn(creator, price=10_000, ago=60 * DAY)
    money.refund(5_000, at=utc(2026, 6, 10))
    june = statement_of(
        creator=creator,
        month=date(2026, 6, 1),
        currency=Currency.EUR,
        zone=creator.user.zone,
        now=clock.now(),
    )
    (call,) = june.calls
    assert (call.gross.minor, call.commission.minor, call.processing.minor, call.refunds.minor) == (
        0,
        -750,
        -160,
        5_000,
    )
    assert (june.opening.minor, june.closing.minor) == (8_180, 4_090)


@pytest.mark.parametrize(("zone", "month"), [("Europe/Paris", 4), ("Europe/London", 3), ("Asia/Tokyo", 4)])
def test_months_are_those_of_the_creator(creator, zone, month):
    """UI-2: half past ten at night UTC of the 31st of March is in April where it is past midnight."""
    booking = bookings.confirmed(make_offer(creator=creator), make_user())
    earnings.Money(booking.payment, at=utc(2026, 3, 31, 22, 30))
    creator.user.timezone = zone
    assert active_months(creator_id=creator.pk, zone=creator.user.zone) == [(date(2026, month, 1), "EUR")]
    assert_explained(creator)


def test_a_payout_that_comes_back_in_another_month(creator, monkeypatch):
    """LE-4: it left in its month, and is a movement of the month in which it came back."""
    monkeypatch.setattr(clock, "now", lambda: utc(2026, 6, 20, 12))
    earnings.earn(creator, price=10_000, ago=60 * DAY)
    payout = earnings.leave(creator, earnings.payable(creator), at=utc(2026, 5, 30))
    earnings.stripe_says(payout.pk, "failed", at=utc(2026, 6, 2), failure_code="no_account")
    april, may, june, july = assert_explained(creator)
    assert [(each.status, each.deducted) for each in may.payouts] == [(PayoutState.PROCESSING, True)]
    assert [(each.kind, each.amount.minor) for each in june.movements] == [
        (MovementKind.PAYOUT_RETURNED, 8_180)
    ]
    assert (may.closing.minor, june.closing.minor) == (0, 8_180)
    assert april.net.minor == 8_180
    assert july.calls == ()


def test_what_the_chart_says_is_what_the_statements_say(creator):
    """LE-2: a month's earnings are its calls and movements, but for payouts that came back and debts paid otherwise."""
    earnings.story(creator)
    zone = creator.user.zone
    months = last_months(clock.now(), zone)
    chart = earned_by_month(creator_id=creator.pk, months=months, zone=zone)["EUR"]
    for each in statements(creator)[:-1]:
        others = sum(
            movement.amount.minor
            for movement in each.movements
            if movement.kind not in {MovementKind.PAYOUT_RETURNED, MovementKind.DEBT_SETTLED}
        )
        assert chart[each.month] == each.net.minor + others


def test_downloading(creator):
    """LE-4: PDF and CSV in the page's language; only months and currencies that make sense, only one's own."""
    earnings.story(creator)
    studio = Client()
    studio.force_login(creator.user)
    month = statements(creator)[-2]
    path = f"/en/dashboard/creator/earnings/statements/{month.month:%Y-%m}/EUR"
    answer = studio.get(f"{path}.pdf")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/pdf",
        f'attachment; filename="statement-{month.month:%Y-%m}-EUR.pdf"',
    )
    paper = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert "Zoé Amadou" in paper
    assert "Difference" not in paper
    answer = studio.get(f"{path}.csv")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    effects = [Decimal(row[9]) for row in rows[2:-1]]
    assert Decimal(rows[1][10]) + sum(effects) == Decimal(rows[-1][10]) == month.closing.major
    assert ";" in studio.get(path.replace("/en/", "/fr/") + ".csv").content.decode()
    for wrong in ("2026-13/EUR", "2026-1/EUR", "2999-01/EUR", "0001-01/EUR", "2026-01/XXX", "nonsense/EUR"):
        for kind in ("pdf", "csv"):
            address = f"/en/dashboard/creator/earnings/statements/{wrong}.{kind}"
            assert studio.get(address).status_code == 404, address
    other = Client()
    other.force_login(make_creator().user)
    rows = list(csv.reader(StringIO(other.get(f"{path}.csv").content.decode("utf-8-sig"))))
    assert [row[10] for row in rows[1:]] == ["0.00", "0.00"]

"""What a payout is made of (PO-2), and how debt comes off it first (RE-3)."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.payouts.rules.selection import (
    Claim,
    Deduction,
    OpenDebt,
    Selection,
    choose,
    deductions,
    oldest_first,
)

START = datetime(2026, 8, 1, tzinfo=UTC)


def claim(number: int, amount: int, day: int | None = None) -> Claim:
    return Claim(UUID(int=number), amount, START + timedelta(days=number if day is None else day))


def debt(number: int, amount: int, day: int | None = None) -> OpenDebt:
    return OpenDebt(UUID(int=1000 + number), amount, START + timedelta(days=number if day is None else day))


def numbers(selection: Selection) -> list[int]:
    return [item.payment_id.int for item in selection.items]


def deducted(found) -> list[tuple[int, int, int]]:
    return [(part.debt_id.int - 1000, part.payment_id.int, part.amount) for part in found.taken]


@pytest.mark.parametrize(
    ("amounts", "available", "expected", "amount"),
    [
        ([100, 200, 300], 600, [1, 2, 3], 600),
        ([100, 200, 300], 10_000, [1, 2, 3], 600),
        ([100, 200, 300], 599, [1, 2], 300),
        ([100, 200, 300], 100, [1], 100),
        ([100, 200, 300], 99, [], 0),
        ([100, 200, 300], 0, [], 0),
        ([100, 200, 300], -50, [], 0),
        ([300, 100, 100], 250, [], 0),  # the oldest does not fit: the younger ones do not overtake it
        ([100, 300, 100], 250, [1], 100),
        ([], 500, [], 0),
        ([100, 0, 200], 300, [1, 3], 300),  # nothing is owed of the second
        ([100, 200, -50], 300, [3, 1, 2], 250),  # the youngest one comes along because it owes
        ([100, 200, -50], 249, [3, 1], 50),
        ([100, 200, -50], 250, [3, 1, 2], 250),  # what Stripe has is less for the same refund
        ([100, -100], 500, [], 0),
        ([100, -101], 500, [], 0),
        ([-10, -20], 500, [], 0),
        ([40, 200, -50], 60, [], 0),  # 40 alone leaves less than nothing, and 200 does not fit
    ],
)
def test_whole_payments_oldest_first_as_many_as_fit(amounts, available, expected, amount):
    """PO-2."""
    found = choose([claim(n, value) for n, value in enumerate(amounts, 1)], available=available)
    assert numbers(found) == expected
    assert found.amount == amount


def test_oldest_is_by_release_then_by_payment():
    """PO-2: not by the order in which they come, and not by the id alone."""
    claims = [claim(1, 100, day=9), claim(3, 100, day=2), claim(2, 100, day=2)]
    assert numbers(choose(claims, available=1000)) == [2, 3, 1]
    assert numbers(choose(claims, available=200)) == [2, 3]


@pytest.mark.parametrize(
    ("debts", "amounts", "available", "taken", "left"),
    [
        ([], [100, 200], 300, [], {1: 100, 2: 200}),
        ([40], [100, 200], 300, [(1, 1, 40)], {1: 60, 2: 200}),
        ([100], [100, 200], 300, [(1, 1, 100)], {2: 200}),  # used up: no longer part of a payout
        ([150], [100, 200], 300, [(1, 1, 100), (1, 2, 50)], {2: 150}),
        ([30, 100], [100, 200], 300, [(1, 1, 30), (2, 1, 70), (2, 2, 30)], {2: 170}),
        ([500], [100, 200], 300, [(1, 1, 100), (1, 2, 200)], {}),
        ([150], [100, 200], 120, [(1, 1, 100), (1, 2, 20)], {2: 180}),  # no more than Stripe has
        ([150], [100, 200], 0, [], {1: 100, 2: 200}),
        ([150], [100, 200], -10, [], {1: 100, 2: 200}),
        ([80], [100, -60], 40, [(1, 1, 40)], {1: 60, 2: -60}),  # no more than they come to together
        ([80], [100, -60], 500, [(1, 1, 40)], {1: 60, 2: -60}),
        ([80], [-60, 50], 500, [], {1: -60, 2: 50}),
        ([80], [], 500, [], {}),
    ],
)
def test_debt_is_settled_oldest_first_from_the_oldest_payments(debts, amounts, available, taken, left):
    """RE-3."""
    found = deductions(
        [debt(n, value) for n, value in enumerate(debts, 1)],
        [claim(n, value) for n, value in enumerate(amounts, 1)],
        available=available,
    )
    assert deducted(found) == taken
    assert {item.payment_id.int: item.amount for item in found.claims} == left
    assert found.available == available - sum(amount for _, _, amount in taken)


def test_the_order_of_debts_and_payments_is_their_age():
    """RE-3: not the order in which they come."""
    found = deductions(
        [debt(1, 50, day=5), debt(3, 20, day=1), debt(2, 10, day=1)],
        [claim(1, 60, day=8), claim(2, 30, day=4)],
        available=1000,
    )
    assert deducted(found) == [(2, 2, 10), (3, 2, 20), (1, 1, 50)]
    assert found.taken[0] == Deduction(UUID(int=1002), UUID(int=2), 10)


CLAIMS = st.lists(st.tuples(st.integers(-300, 500), st.integers(0, 5)).map(tuple), max_size=8).map(
    lambda values: [claim(n, amount, day) for n, (amount, day) in enumerate(values, 1)]
)
DEBTS = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 5)), max_size=5).map(
    lambda values: [debt(n, amount, day) for n, (amount, day) in enumerate(values, 1)]
)
AVAILABLE = st.integers(-200, 2500)


@given(claims=CLAIMS, available=AVAILABLE, data=st.data())
def test_a_selection_in_general(claims, available, data):
    """PO-2: never more than Stripe has, nothing twice, an unbroken run of the oldest, and one more would not fit."""
    found = choose(claims, available=available)
    assert found == choose(data.draw(st.permutations(claims)), available=available)
    assert found.amount == sum(item.amount for item in found.items)
    assert len({item.payment_id for item in found.items}) == len(found.items)
    assert found.amount <= max(available, 0)
    owing = [item for item in oldest_first(claims) if item.amount < 0]
    earning = [item for item in oldest_first(claims) if item.amount > 0]
    if not found.items:
        assert found.amount == 0
        return
    assert found.amount > 0
    taken = list(found.items)[len(owing) :]
    assert list(found.items)[: len(owing)] == owing
    assert taken == earning[: len(taken)]
    if len(taken) < len(earning):
        assert found.amount + earning[len(taken)].amount > available


@given(claims=CLAIMS, available=AVAILABLE)
def test_nothing_is_held_back_that_could_be_paid(claims, available):
    """PO-2: nothing is chosen only when no run of the oldest both fits and leaves something."""
    if choose(claims, available=available).items:
        return
    total = sum(item.amount for item in claims if item.amount < 0)
    for item in oldest_first(claims):
        if item.amount > 0:
            total += item.amount
            if total > available:
                break
            assert total <= 0


@given(debts=DEBTS, claims=CLAIMS, available=AVAILABLE)
def test_deductions_in_general(debts, claims, available):
    """RE-3: nothing is lost or overdrawn, and nothing is paid out while a debt is open that could have been settled."""
    found = deductions(debts, claims, available=available)
    total = sum(part.amount for part in found.taken)
    of_debt, of_claim = Counter(), Counter()
    for part in found.taken:
        assert part.amount > 0
        of_debt[part.debt_id] += part.amount
        of_claim[part.payment_id] += part.amount
    remaining = {item.payment_id: item.amount for item in found.claims}
    for item in claims:
        assert of_claim[item.payment_id] <= max(item.amount, 0)
        assert remaining.get(item.payment_id, 0) == item.amount - of_claim[item.payment_id]
    open_still = [item for item in debts if of_debt[item.debt_id] < item.amount]
    assert all(of_debt[item.debt_id] <= item.amount for item in debts)
    owed = sum(item.amount for item in debts)
    assert total == max(0, min(owed, available, sum(item.amount for item in claims)))
    assert found.available == available - total
    selection = choose(found.claims, available=found.available)
    assert selection.amount + total <= max(available, 0)
    if open_still:
        assert selection == Selection((), 0)


@given(debts=DEBTS, claims=CLAIMS, available=AVAILABLE)
def test_younger_debts_wait_for_older_ones(debts, claims, available):
    """RE-3: a debt is touched only when every older one is settled; a payment only when every older one is used up."""
    found = deductions(debts, claims, available=available)
    of_debt, of_claim = Counter(), Counter()
    for part in found.taken:
        of_debt[part.debt_id] += part.amount
        of_claim[part.payment_id] += part.amount
    by_age = sorted(debts, key=lambda item: (item.made_at, item.debt_id))
    shares = [of_debt[item.debt_id] / item.amount for item in by_age]
    assert shares == sorted(shares, reverse=True)
    assert sum(0 < share < 1 for share in shares) <= 1
    earning = [item for item in oldest_first(claims) if item.amount > 0]
    shares = [of_claim[item.payment_id] / item.amount for item in earning]
    assert shares == sorted(shares, reverse=True)
    assert sum(0 < share < 1 for share in shares) <= 1

"""How the journal and Stripe are compared (LE-3), and when admins hear of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callastar.ledger.rules import Found, Side, compare, compare_totals, is_to_be_told, windows

NOW = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
THEIRS = Side(
    noun="refund", id="re_1", figures={"amount": 500, "booked": 500}, currency="EUR", status="SUCCEEDED"
)
OURS = replace(THEIRS, our_id="row")
PART = Side(noun="reversal", id="trr_1", figures={"amount": 80}, currency="EUR")
SEEN = Found("refund_not_here", "re_1", theirs=500)


def test_what_is_the_same_is_no_difference():
    """LE-3."""
    assert compare(OURS, THEIRS) == []
    assert compare(None, None) == []


def test_one_cent_is_a_difference():
    """LE-3: to the cent, with the ids on both sides."""
    ours = replace(OURS, figures={"amount": 499, "booked": 500})
    assert compare(ours, THEIRS) == [Found("refund_amount", "re_1", "row", "", "EUR", 499, 500)]


def test_a_figure_that_only_one_side_has_counts_as_nothing_on_the_other():
    """LE-3."""
    assert compare(replace(OURS, figures={"amount": 500}), THEIRS) == [
        Found("refund_booked", "re_1", "row", "", "EUR", 0, 500)
    ]


def test_what_only_one_side_has():
    """LE-3."""
    assert compare(None, THEIRS) == [Found("refund_not_here", "re_1", "", "", "EUR", None, 500)]
    assert compare(OURS, None) == [Found("refund_not_there", "re_1", "row", "", "EUR", 500, None)]
    assert compare(None, THEIRS, absent="unknown")[0].kind == "refund_unknown"


def test_another_status_or_currency_is_a_difference_though_the_amounts_are_the_same():
    """LE-3."""
    found = compare(replace(OURS, status="PENDING", currency="USD"), THEIRS)
    assert [(one.kind, one.note) for one in found] == [
        ("refund_currency", "ours USD, theirs EUR"),
        ("refund_status", "ours PENDING, theirs SUCCEEDED"),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((PART,), (PART,), []),
        ((), (PART,), [Found("reversal_not_here", "trr_1", "", "", "EUR", None, 80)]),
        ((replace(PART, our_id="e"),), (), [Found("reversal_not_there", "trr_1", "e", "", "EUR", 80, None)]),
        (
            (replace(PART, figures={"amount": 81}),),
            (PART,),
            [Found("reversal_amount", "trr_1", "", "", "EUR", 81, 80)],
        ),
    ],
)
def test_parts_are_compared_by_their_ids(ours, theirs, expected):
    """LE-3: reversals of transfers, refunds of fees."""
    assert compare(replace(OURS, parts=ours), replace(THEIRS, parts=theirs)) == expected


def test_totals_by_currency():
    """LE-3: a currency that a side does not name is nothing there."""
    found = compare_totals(
        noun="balance",
        our_id="PLATFORM_BALANCE",
        account="",
        ours={"EUR": 5, "USD": 0},
        theirs={"EUR": 5, "CHF": 1},
    )
    assert found == [Found("balance", "", "PLATFORM_BALANCE", "", "CHF", 0, 1)]


def test_a_difference_in_one_line():
    """LE-3."""
    found = Found("refund_amount", "re_1", "row", "acct_1", "EUR", -5, 123456, "why")
    assert found.line == "refund_amount: re_1 / row [acct_1]: ours -0.05, theirs 1234.56 EUR (why)"
    assert SEEN.line == "refund_not_here: re_1: ours -, theirs 5.00"


@pytest.mark.parametrize(
    ("now_found", "last_found", "told_at", "expected"),
    [
        ([], [SEEN], None, False),
        ([SEEN], [], NOW - timedelta(hours=1), True),
        ([SEEN], [SEEN], NOW - WEEK + timedelta(seconds=1), False),
        ([SEEN], [SEEN], NOW - WEEK, True),
        ([SEEN], [SEEN], None, True),
        ([replace(SEEN, theirs=501)], [SEEN], NOW - timedelta(days=1), True),
    ],
)
def test_what_is_new_is_told_at_once_and_what_stays_once_a_week(now_found, last_found, told_at, expected):
    """LE-3."""
    told = is_to_be_told(now_found=now_found, last_found=last_found, told_at=told_at, now=NOW)
    assert told is expected


def test_windows_leave_no_gap_and_the_last_one_is_open():
    """LE-3: read in pieces, so that no run holds everything at once."""
    day = timedelta(days=1)
    start = NOW - 2.5 * day
    found = windows(start.replace(microsecond=7), NOW, day)
    assert found == [(start, start + day), (start + day, start + 2 * day), (start + 2 * day, None)]
    assert windows(NOW, NOW, day) == [(NOW, None)]

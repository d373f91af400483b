"""Which state of a payout follows which (PO-4), and what follows a failure (PO-5, PO-7)."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from callastar.payouts.rules.retry import MAX_FAILURES, blocks_after, must_fix_bank, retry_at
from callastar.payouts.rules.states import ACTIVE, is_cancelable, may_become, status_of_stripe

STATES = ("REQUESTED", "APPROVED", "PROCESSING", "PAID", "FAILED", "REJECTED", "CANCELED")
ALLOWED = {
    ("REQUESTED", "APPROVED"),
    ("REQUESTED", "REJECTED"),
    ("REQUESTED", "CANCELED"),
    ("APPROVED", "PROCESSING"),
    ("APPROVED", "FAILED"),
    ("APPROVED", "CANCELED"),
    ("PROCESSING", "PAID"),
    ("PROCESSING", "FAILED"),
    ("PROCESSING", "CANCELED"),
    ("PAID", "FAILED"),
}


@pytest.mark.parametrize(("status", "to"), list(product(STATES, STATES)))
def test_every_change_of_state(status, to):
    """PO-4: and no other."""
    assert may_become(status=status, to=to) is ((status, to) in ALLOWED)


def test_an_unknown_state_leads_nowhere():
    """PO-4."""
    assert not may_become(status="", to="PAID")
    assert not may_become(status="PAID", to="")


@pytest.mark.parametrize("status", STATES)
def test_what_a_creator_may_take_back(status):
    """PO-4: a request, until an admin has decided; and what can be taken back can become cancelled."""
    assert is_cancelable(status) is (status == "REQUESTED")
    assert not is_cancelable(status) or may_become(status=status, to="CANCELED")


def test_a_payout_is_active_until_money_has_gone_or_stays():
    """PO-2: one of these at a time; none of the others keeps payments from the next payout."""
    assert {"REQUESTED", "APPROVED", "PROCESSING"} == ACTIVE


@pytest.mark.parametrize(
    ("stripe", "ours"),
    [
        ("pending", "PROCESSING"),
        ("in_transit", "PROCESSING"),
        ("paid", "PAID"),
        ("failed", "FAILED"),
        ("canceled", "CANCELED"),
        ("something_new", "PROCESSING"),
    ],
)
def test_stripes_words(stripe, ours):
    """PO-4: an unknown word moves nothing."""
    assert status_of_stripe(stripe) == ours


FAILED_AT = datetime(2026, 10, 24, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "days"), [(1, 1), (2, 2)])
def test_a_failed_payout_is_tried_again(failures, days):
    """PO-5."""
    assert retry_at(failed_at=FAILED_AT, failures_in_a_row=failures) == FAILED_AT + timedelta(days=days)
    assert not blocks_after(failures)


@pytest.mark.parametrize("failures", [3, 4, 50])
def test_three_failures_in_a_row_block(failures):
    """PO-5, PO-7: nothing retries for ever."""
    assert retry_at(failed_at=FAILED_AT, failures_in_a_row=failures) is None
    assert blocks_after(failures)
    assert MAX_FAILURES == 3


@pytest.mark.parametrize("failures", [0, -1])
def test_without_a_failure_there_is_no_retry(failures):
    """PO-5."""
    with pytest.raises(ValueError, match="failures"):
        retry_at(failed_at=FAILED_AT, failures_in_a_row=failures)
    assert not blocks_after(failures)


@pytest.mark.parametrize(
    "code",
    [
        "account_closed",
        "account_frozen",
        "bank_account_restricted",
        "bank_ownership_changed",
        "debit_not_authorized",
        "incorrect_account_holder_address",
        "incorrect_account_holder_details",
        "incorrect_account_holder_name",
        "incorrect_account_holder_tax_id",
        "incorrect_account_type",
        "invalid_account_number",
        "invalid_account_number_length",
        "invalid_currency",
        "no_account",
        "unsupported_card",
    ],
)
def test_failures_that_only_another_bank_account_mends(code):
    """PO-5: not tried again until it is changed."""
    assert must_fix_bank(code)


@pytest.mark.parametrize("code", ["could_not_process", "declined", "insufficient_funds", "something_new", ""])
def test_failures_that_may_pass(code):
    """PO-5: tried again, three times at most."""
    assert not must_fix_bank(code)

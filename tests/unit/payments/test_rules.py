"""Rules of payments, tested on plain values."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.payments.rules import (
    Parts,
    needs_on_behalf_of,
    refund_status,
    refunded_parts,
    status_of_payment,
)


@pytest.mark.parametrize(
    ("refunded", "commission", "processing", "creator"),
    [
        (0, 0, 0, 0),
        (10000, 1500, 320, 8180),
        (5000, 750, 160, 4090),
        (3333, 500, 107, 2726),  # F = 606.606 → 607; C = 1500 × 607 / 1820 = 500.27 → 500
        (1, 0, 0, 1),
        (3, 1, 0, 2),  # F = 0.546 → 1; C = 0.82 → 1
        (9999, 1500, 320, 8179),
    ],
)
def test_shares_of_a_partial_refund(refunded, commission, processing, creator):
    """RE-1: of 100.00 with 15.00 commission and 3.20 processing."""
    parts = refunded_parts(amount=10000, commission=1500, processing=320, refunded=refunded)
    assert parts == Parts(commission, processing, creator)


@given(
    amount=st.integers(50, 99_999_999),
    commission_share=st.integers(0, 60),
    cuts=st.lists(st.integers(1, 10**8), min_size=1, max_size=8),
)
def test_refunds_that_add_up_to_the_whole_give_back_the_whole_of_each_part(amount, commission_share, cuts):
    """RE-1: cumulative rounding loses nothing, whatever the steps."""
    commission = amount * commission_share // 100
    processing = min(amount - commission, 30 + amount // 40)
    totals = [*sorted({cut % amount for cut in cuts}), amount]
    before, given_back = Parts(0, 0, 0), Parts(0, 0, 0)
    for total in totals:
        now = refunded_parts(amount=amount, commission=commission, processing=processing, refunded=total)
        step = now - before
        assert step.total == total - before.total
        given_back = Parts(
            given_back.commission + step.commission,
            given_back.processing + step.processing,
            given_back.creator + step.creator,
        )
        before = now
    assert given_back == Parts(commission, processing, amount - commission - processing)


@given(amount=st.integers(1, 10**8), fee=st.integers(0, 10**8), share=st.fractions(0, 1))
def test_the_fee_given_back_is_the_exact_fraction_rounded_half_up(amount, fee, share):
    """RE-1."""
    fee = min(fee, amount)
    refunded = floor(amount * share)
    parts = refunded_parts(amount=amount, commission=fee, processing=0, refunded=refunded)
    assert parts.commission == floor(Fraction(fee * refunded, amount) + Fraction(1, 2))


@pytest.mark.parametrize(("amount", "refunded"), [(100, 101), (100, -1), (0, 0)])
def test_refunding_more_than_was_paid_is_an_error(amount, refunded):
    with pytest.raises(ValueError, match="of"):
        refunded_parts(amount=amount, commission=0, processing=0, refunded=refunded)


@pytest.mark.parametrize(
    ("succeeded", "expected"),
    [([], ("SUCCEEDED", 0)), ([40], ("PARTIALLY_REFUNDED", 40)), ([40, 60], ("REFUNDED", 100))],
)
def test_what_refunds_make_of_a_payment(succeeded, expected):
    assert status_of_payment(amount=100, succeeded=succeeded) == expected


@pytest.mark.parametrize(
    ("platform", "creator", "expected"),
    [("FR", "DE", False), ("FR", "CH", True), ("FR", "US", True), ("GB", "gb", False), ("FR", "", False)],
)
def test_charges_across_regions_are_made_on_behalf_of_the_creator(platform, creator, expected):
    """PA-2."""
    assert needs_on_behalf_of(platform_country=platform, creator_country=creator) is expected


def test_an_unknown_status_of_a_refund_is_still_pending():
    assert [refund_status(s) for s in ("succeeded", "failed", "requires_action", "new")] == [
        "SUCCEEDED",
        "FAILED",
        "PENDING",
        "PENDING",
    ]

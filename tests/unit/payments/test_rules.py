"""Rules of payments, tested on plain values."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.payments.rules import (
    Parts,
    dispute_share,
    is_pro_rata,
    later_dispute_status,
    later_refund_status,
    later_transfer_status,
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


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("PENDING", "SUCCEEDED", "SUCCEEDED"),
        ("SUCCEEDED", "PENDING", "SUCCEEDED"),
        ("SUCCEEDED", "FAILED", "FAILED"),
        ("FAILED", "SUCCEEDED", "FAILED"),
        ("CANCELED", "PENDING", "CANCELED"),
    ],
)
def test_an_older_answer_about_a_refund_takes_nothing_back(before, told, after):
    """WH-3: the bank may send a refund back that had arrived; what failed stays so."""
    assert later_refund_status(before, told) == after


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("warning_needs_response", "needs_response", "needs_response"),
        ("warning_under_review", "needs_response", "needs_response"),
        ("under_review", "needs_response", "under_review"),
        ("won", "under_review", "won"),
        ("lost", "won", "lost"),
    ],
)
def test_an_older_answer_about_a_dispute_takes_nothing_back(before, told, after):
    """WH-3, RE-4: an inquiry may become a dispute; what is decided stays."""
    assert later_dispute_status(before, told) == after


def test_a_transfer_never_comes_back_less():
    """WH-3: an answer that is older than what is known changes nothing."""
    steps = [
        (0, "paid"),
        (40, "partly_reversed"),
        (0, "partly_reversed"),
        (100, "reversed"),
        (40, "reversed"),
    ]
    status = ""
    for reversed_, expected in steps:
        status = later_transfer_status(status, amount=100, reversed_=reversed_)
        assert status == expected


@given(amount=st.integers(50, 99_999_999), fee_share=st.integers(0, 60), cut=st.integers(1, 10**8))
def test_a_fee_refund_is_known_by_its_amount(amount, fee_share, cut):
    """RE-1: however Stripe rounds, it is the refund's part; what is more than a cent off is not."""
    fee, part = amount * fee_share // 100, cut % amount + 1
    exact = fee * part / amount
    assert is_pro_rata(floor(exact), of=fee, part=part, whole=amount)
    assert is_pro_rata(floor(exact) + 1, of=fee, part=part, whole=amount)
    assert not is_pro_rata(floor(exact) + 3, of=fee, part=part, whole=amount)


@given(amount=st.integers(50, 99_999_999), cuts=st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)))
def test_a_dispute_of_the_rest_takes_the_rest_of_the_share(amount, cuts):
    """RE-4: refunds and disputes that add up to the whole take exactly the creator's share, in whatever steps."""
    commission, processing = amount * 15 // 100, min(amount // 2, 30 + amount * 29 // 1000)
    first, second = sorted(cut % (amount + 1) for cut in cuts)
    shares = [
        dispute_share(
            amount=amount,
            commission=commission,
            processing=processing,
            given_back=before,
            disputed=after - before,
        )
        for before, after in ((0, first), (first, second), (second, amount))
    ]
    assert sum(shares) == amount - commission - processing

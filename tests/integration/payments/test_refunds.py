"""Refunds at Stripe's sandbox: RE-1, LE-1, LE-2."""

from decimal import Decimal

import pytest

from callastar.payments.models import Payment
from tests.money_world import (
    assert_ledger_equals_stripe,
    assert_money_is_conserved,
    pay_for_call,
    settle_events,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("amount", "percent"), [(100, "15"), (9999, "0"), (10001, "33.33"), (99_999_999, "15")]
)
def test_a_refund_in_parts_gives_back_the_whole_of_each_share(settings, at_stripe, creator, amount, percent):
    """RE-1: rows, journal and both balances agree after every part, and nothing is left at the end."""
    settings.PLATFORM_FEE_PERCENT = Decimal(percent)
    paid = pay_for_call(at_stripe, creator, price=amount)
    assert_ledger_equals_stripe([creator])
    parts = [amount // 7 or 1, amount // 3, 1]
    for part in [*parts, amount - sum(parts)]:
        assert paid.refund(part).status == "SUCCEEDED"
        assert_ledger_equals_stripe([creator])
        assert_money_is_conserved([creator])
    payment = paid.payment
    assert (payment.status, payment.refunded_amount, payment.transfer_status) == (
        "REFUNDED",
        amount,
        "reversed",
    )
    sums = paid.sums()
    assert sums.get("COMMISSION", 0) == sums.get("PROCESSING_FEES", 0) == sums.get("EARNINGS", 0) == 0
    settle_events(at_stripe)
    assert sums == paid.sums()
    assert Payment.objects.get().status == "REFUNDED"

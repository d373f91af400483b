"""What is kept of a price: commission and processing, each rounded half-up on its own.

With destination charges Stripe debits its own fee, refunds and disputes from the platform
(https://docs.stripe.com/connect/destination-charges); that is why the fee it will take is part of the application fee.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from callastar.core.money import Currency, Money, round_half_up

PERCENT = Decimal(100)
RATE = re.compile(r"(?P<currency>[A-Z]{3}):(?P<percent>\d{1,2}(\.\d+)?)\+(?P<fixed>\d+(\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProcessingRate:
    """What taking a payment is expected to cost: a percentage and a fixed part in minor units."""

    percent: Decimal
    fixed: int


def read_processing_rates(text: str) -> Mapping[Currency, ProcessingRate]:
    """The rates written as `EUR:2.9+0.30,…` (percent, and the fixed part in major units), one for every currency.

    Raises ValueError for what cannot be read, is below zero, or leaves out or repeats a currency.
    """
    rates = [_read_rate(part.strip()) for part in text.split(",")]
    if sorted(currency for currency, _ in rates) != sorted(Currency):
        raise ValueError(f"one rate is needed for each of {', '.join(Currency)}")
    return dict(rates)


def _read_rate(text: str) -> tuple[Currency, ProcessingRate]:
    found = RATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not like EUR:2.9+0.30")
    currency = Currency(found["currency"])
    fixed = Money.from_major(Decimal(found["fixed"]), currency)
    return currency, ProcessingRate(percent=Decimal(found["percent"]), fixed=fixed.minor)


@dataclass(frozen=True, slots=True)
class FeeSplit:
    """The parts of a price, in minor units; they add up to `amount`."""

    amount: int
    commission: int
    processing: int

    @property
    def application_fee(self) -> int:
        """What the platform keeps."""
        return self.commission + self.processing

    @property
    def creator_amount(self) -> int:
        """What the creator earns; negative when the fees eat the price up."""
        return self.amount - self.application_fee


def split_fees(amount: Money, fee_percent: Decimal, rates: Mapping[Currency, ProcessingRate]) -> FeeSplit:
    """The split of a price: 100.00 EUR at 15 %, with 2.9 % + 0.30, leaves 81.80 to the creator."""
    rate = rates[amount.currency]
    return FeeSplit(
        amount=amount.minor,
        commission=round_half_up(amount.minor * fee_percent / PERCENT),
        processing=round_half_up(amount.minor * rate.percent / PERCENT + rate.fixed),
    )

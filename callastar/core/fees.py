"""What is kept of a price: commission and processing, each rounded half-up on its own.

With destination charges Stripe debits its own fee, refunds and disputes from the platform
(https://docs.stripe.com/connect/destination-charges); that is why the fee it will take is part of the application fee.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from callastar.core.money import Currency, Money, round_half_up

PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class ProcessingRate:
    """What taking a payment is expected to cost: a percentage and a fixed part in minor units."""

    percent: Decimal
    fixed: int


PROCESSING_RATES: Mapping[Currency, ProcessingRate] = {
    currency: ProcessingRate(percent=Decimal("2.9"), fixed=30) for currency in Currency
}


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


def split_fees(
    amount: Money, fee_percent: Decimal, rates: Mapping[Currency, ProcessingRate] = PROCESSING_RATES
) -> FeeSplit:
    """The split of a price. 100.00 EUR at 15 % gives 15.00 commission, 3.20 processing and 81.80 for the creator."""
    rate = rates[amount.currency]
    return FeeSplit(
        amount=amount.minor,
        commission=round_half_up(amount.minor * fee_percent / PERCENT),
        processing=round_half_up(amount.minor * rate.percent / PERCENT + rate.fixed),
    )

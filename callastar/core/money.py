"""Money: integers in minor units with their currency, and nothing else.

One value type does the arithmetic and refuses to mix currencies. Rounding is half-up to the minor unit; binary floats
are refused.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Currency(StrEnum):
    """Currencies that creators may charge in (ISO 4217); all of them have two decimals."""

    EUR = "EUR"
    CHF = "CHF"
    USD = "USD"
    GBP = "GBP"


MINOR_PER_MAJOR = 100
MAX_MINOR = 99_999_999  # 999,999.99: the most that Stripe takes in one charge of these currencies


class MixedCurrenciesError(ValueError):
    """Two amounts of different currencies met in one calculation."""


def round_half_up(value: Decimal) -> int:
    """Round an exact amount of minor units to whole ones, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount in minor units (cents) of one currency. May be negative."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        object.__setattr__(self, "currency", Currency(self.currency))

    @classmethod
    def from_major(cls, amount: Decimal, currency: Currency | str) -> "Money":
        """From an amount in major units, e.g. `Decimal("12.50")`; raises ValueError below a whole minor unit."""
        minor = amount * MINOR_PER_MAJOR
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} is finer than a minor unit")
        return cls(int(minor), Currency(currency))

    @property
    def major(self) -> Decimal:
        """The amount in major units, exactly."""
        return (Decimal(self.minor) / MINOR_PER_MAJOR).quantize(Decimal("0.01"))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._minor_of(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def times(self, factor: Decimal) -> "Money":
        """The product, rounded half-up to the minor unit."""
        if isinstance(factor, float):
            raise TypeError("a binary float never touches money")
        return Money(round_half_up(self.minor * Decimal(factor)), self.currency)

    def _minor_of(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MixedCurrenciesError(f"{self.currency} and {other.currency}")
        return other.minor

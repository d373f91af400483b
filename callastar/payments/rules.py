"""Decisions about money: who settles a charge, how a refund is split, why a card was declined. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from callastar.core.money import round_half_up

# The European Economic Area is one region for Stripe; every other country is one of its own
# (https://docs.stripe.com/connect/account-capabilities#transfers-cross-border).
_EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IS IT LI LV LT LU MT NL NO PL PT RO SK SI ES SE".split()  # noqa: SIM905 - reads better
)


def region(country: str) -> str:
    """The region of a country (ISO 3166 code) as Stripe groups them."""
    return "EEA" if country.upper() in _EEA else country.upper()


def needs_on_behalf_of(*, platform_country: str, creator_country: str) -> bool:
    """Whether a destination charge crosses regions, which Stripe only allows on behalf of the creator's account."""
    return bool(creator_country) and region(platform_country) != region(creator_country)


@dataclass(frozen=True, slots=True)
class Parts:
    """What has been given back so far, in minor units, by whose share it came from."""

    commission: int
    processing: int
    creator: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.commission + self.processing + self.creator

    def __sub__(self, other: "Parts") -> "Parts":
        return Parts(
            self.commission - other.commission,
            self.processing - other.processing,
            self.creator - other.creator,
        )


def refunded_parts(*, amount: int, commission: int, processing: int, refunded: int) -> Parts:
    """The shares of refunds that add up to `refunded` of `amount` (minor units).

    Rounded cumulatively, half-up, so that refunds that add up to the whole give back exactly the whole of each part.
    One refund is the difference of two such totals. Raises ValueError outside 0..amount.
    """
    if not 0 <= refunded <= amount or amount <= 0:
        raise ValueError(f"{refunded} of {amount}")
    fee = commission + processing
    fee_back = round_half_up(Decimal(fee * refunded) / amount)
    commission_back = commission_given_back(commission=commission, fee=fee, fee_back=fee_back)
    return Parts(commission_back, fee_back - commission_back, refunded - fee_back)


def commission_given_back(*, commission: int, fee: int, fee_back: int) -> int:
    """How much of the commission is in `fee_back`, the part of the fee that was given back so far (minor units)."""
    return round_half_up(Decimal(commission * fee_back) / fee) if fee else 0


def is_pro_rata(amount: int, *, of: int, part: int, whole: int) -> bool:
    """Whether `amount` is the share of `of` that `part` is of `whole`, however it was rounded (minor units)."""
    return abs(amount * whole - of * part) <= whole


def status_of_payment(
    *, amount: int, succeeded: Iterable[int], disputed: bool = False, lost: int = 0
) -> tuple[str, int]:
    """A paid payment's status and refunded amount (minor units).

    `succeeded` are its refunds, `disputed` says that a dispute is open, `lost` is what disputes took for good.
    """
    refunded = min(sum(succeeded), amount)
    if disputed or (lost and refunded + lost >= amount):
        return "DISPUTED", refunded
    if refunded == amount:
        return "REFUNDED", refunded
    return ("PARTIALLY_REFUNDED" if refunded or lost else "SUCCEEDED"), refunded


_DISPUTE_STEPS = (
    ("warning_needs_response",),
    ("warning_under_review",),
    ("needs_response",),
    ("under_review",),
    ("warning_closed", "prevented", "won", "lost"),
)


def later_dispute_status(before: str, told: str) -> str:
    """The status of a dispute after Stripe told another one: an older answer that comes late takes nothing back.

    An inquiry (`warning_…`) may become a dispute; what is decided stays (https://docs.stripe.com/disputes/how-disputes-work).
    """
    return told if _step(told) > _step(before) else before


def _step(status: str) -> int:
    return next((number for number, names in enumerate(_DISPUTE_STEPS) if status in names), 0)


def dispute_share(*, amount: int, commission: int, processing: int, given_back: int, disputed: int) -> int:
    """The creator's part (minor units) of a dispute of `disputed`, after `given_back` went back by refunds.

    It is split as a refund would be, on top of those that were.
    """
    before = refunded_parts(amount=amount, commission=commission, processing=processing, refunded=given_back)
    whole = min(amount, given_back + disputed)
    after = refunded_parts(amount=amount, commission=commission, processing=processing, refunded=whole)
    return (after - before).creator


_TRANSFER_STEPS = ("", "paid", "partly_reversed", "reversed")


def later_transfer_status(before: str, *, amount: int, reversed_: int) -> str:
    """The status of a transfer of which `reversed_` of `amount` (minor units) came back: it never comes back less."""
    told = "paid" if not reversed_ else "reversed" if reversed_ == amount else "partly_reversed"
    return max(before, told, key=_TRANSFER_STEPS.index)


_STRIPE_REFUND_STATUS = {
    "pending": "PENDING",
    "requires_action": "PENDING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "canceled": "CANCELED",
}


def refund_status(stripe_status: str) -> str:
    """Our name for Stripe's status of a refund; an unknown one is still pending."""
    return _STRIPE_REFUND_STATUS.get(stripe_status, "PENDING")


_REFUND_STEPS = ("PENDING", "SUCCEEDED", "CANCELED", "FAILED")


def later_refund_status(before: str, told: str) -> str:
    """The status of a refund after Stripe told another one: an older answer that comes late takes nothing back.

    One that succeeded may still fail, when the fan's bank sends it back (https://docs.stripe.com/refunds#failed-refunds).
    """
    return max(before, told, key=_REFUND_STEPS.index)

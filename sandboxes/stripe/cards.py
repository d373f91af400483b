"""Stripe's test cards and what becomes of a payment with each: https://docs.stripe.com/testing."""

from dataclasses import dataclass
from typing import Literal

Behaviour = Literal["pay", "decline", "authenticate"]

_MESSAGES = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "insufficient_funds": "Your card has insufficient funds.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}
_OWN_CODES = {"expired_card", "incorrect_cvc", "processing_error"}


@dataclass(frozen=True)
class TestCard:
    """One test card. ``decline`` is Stripe's decline code, also for what follows an authentication."""

    number: str
    tokens: tuple[str, ...] = ()
    behaviour: Behaviour = "pay"
    decline: str | None = None
    bypass_pending: bool = False
    dispute: str | None = None
    inquiry: bool = False
    refund: Literal["pending", "fail"] | None = None
    country: str = "US"

    @property
    def last4(self) -> str:
        """The digits people see."""
        return self.number[-4:]

    @property
    def brand(self) -> str:
        """visa, mastercard, amex …"""
        return brand_of(self.number)

    @property
    def error_code(self) -> str:
        """The ``code`` of the card's error."""
        return self.decline if self.decline in _OWN_CODES else "card_declined"

    @property
    def message(self) -> str:
        """The sentence of the card's error."""
        return _MESSAGES.get(self.decline or "", "Your card was declined.")


def _declines(number: str, name: str, decline: str) -> TestCard:
    tokens = (f"pm_card_chargeDeclined{name}", f"pm_card_visa_chargeDeclined{name}")
    return TestCard(number, tokens, "decline", decline)


CARDS = (
    TestCard("4242424242424242", ("pm_card_visa",)),
    TestCard("4000056655665556", ("pm_card_visa_debit",)),
    TestCard("5555555555554444", ("pm_card_mastercard",)),
    TestCard("5200828282828210", ("pm_card_mastercard_debit",)),
    TestCard("378282246310005", ("pm_card_amex",)),
    TestCard("6011111111111117", ("pm_card_discover",)),
    TestCard("4000002500001001", ("pm_card_visa_cartesBancaires",), country="FR"),
    TestCard("4000002500000003", ("pm_card_fr",), country="FR"),
    TestCard("4000002760000016", ("pm_card_de",), country="DE"),
    _declines("4000000000000002", "", "generic_decline"),
    _declines("4000000000009995", "InsufficientFunds", "insufficient_funds"),
    _declines("4000000000009987", "LostCard", "lost_card"),
    _declines("4000000000009979", "StolenCard", "stolen_card"),
    _declines("4000000000000069", "ExpiredCard", "expired_card"),
    _declines("4000000000000127", "IncorrectCvc", "incorrect_cvc"),
    _declines("4000000000000119", "ProcessingError", "processing_error"),
    _declines("4000000000006975", "VelocityLimitExceeded", "card_velocity_exceeded"),
    TestCard("4000000000000341", ("pm_card_chargeCustomerFail",), "decline", "generic_decline"),
    TestCard("4100000000000019", ("pm_card_radarBlock",), "decline", "fraudulent"),
    TestCard("4000000000003220", ("pm_card_threeDSecure2Required", "pm_card_threeDSecureRequired"), "authenticate"),
    TestCard("4000002760003184", ("pm_card_authenticationRequired",), "authenticate", country="DE"),
    TestCard("4000002500003155", ("pm_card_authenticationRequiredOnSetup",), "authenticate", country="FR"),
    TestCard("4000008400001629", ("pm_card_threeDSecureRequiredChargeDeclined",), "authenticate", "generic_decline"),
    TestCard("4000008260003178", ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",), "authenticate",
             "insufficient_funds", country="GB"),
    TestCard("4000000000000077", ("pm_card_bypassPending",), bypass_pending=True),
    TestCard("4000000000000259", ("pm_card_createDispute",), dispute="fraudulent"),
    TestCard("4000000000002685", ("pm_card_createDisputeProductNotReceived",), dispute="product_not_received"),
    TestCard("4000000000001976", ("pm_card_createDisputeInquiry",), dispute="fraudulent", inquiry=True),
    TestCard("4000000000007726", ("pm_card_pendingRefund",), refund="pending"),
    TestCard("4000000000005126", ("pm_card_refundFail",), refund="fail"),
)  # fmt: skip

_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TOKEN = {token: card for card in CARDS for token in card.tokens}


def by_number(number: str) -> TestCard:
    """The test card of a number; any other valid number pays."""
    return _BY_NUMBER.get(number) or TestCard(number)


def by_token(token: str) -> TestCard | None:
    """The test card of a ``pm_card_…`` name."""
    return _BY_TOKEN.get(token)


def brand_of(number: str) -> str:
    """The brand by the first digits."""
    if number.startswith(("34", "37")):
        return "amex"
    if number.startswith(("6011", "65")):
        return "discover"
    if number[:2] in {"51", "52", "53", "54", "55"} or number[:2] in {"22", "23", "24", "25", "26", "27"}:
        return "mastercard"
    return "visa" if number.startswith("4") else "unknown"


def is_number(number: str) -> bool:
    """Whether the check digit is right (Luhn)."""
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0

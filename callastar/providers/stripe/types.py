"""What this product knows of Stripe's objects: plain values, no vendor types."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

# Why an intent is cancelled (https://docs.stripe.com/api/payment_intents/cancel): nobody paid, or the fan gave it up.
ABANDONED: Literal["abandoned"] = "abandoned"
GIVEN_UP: Literal["requested_by_customer"] = "requested_by_customer"


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """Everything a payment intent is made from; frozen on our row so that a retry sends the same bytes."""

    amount: int
    currency: str
    destination: str
    application_fee_amount: int
    receipt_email: str
    statement_descriptor_suffix: str
    description: str
    metadata: dict[str, str]
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class ChargeSnapshot:
    """A charge as Stripe shows it. `fee` (minor units of `fee_currency`) is None until Stripe has settled it."""

    id: str
    payment_intent: str
    amount: int
    amount_refunded: int
    transfer: str
    fee: int | None
    fee_currency: str
    currency: str = ""
    created: datetime | None = None
    paid: bool = True
    disputed: bool = False
    application_fee: str = ""
    balance_transaction: str = ""


@dataclass(frozen=True, slots=True)
class IntentSnapshot:
    """A payment intent as Stripe shows it. Amounts in minor units, currency in capitals."""

    id: str
    status: str
    amount: int
    amount_received: int
    currency: str
    client_secret: str = field(repr=False)
    failure_code: str
    cancellation_reason: str
    charge: ChargeSnapshot | None

    @property
    def was_given_up(self) -> bool:
        """Whether it was cancelled because the fan wanted it."""
        return self.status == "canceled" and self.cancellation_reason == GIVEN_UP


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """A refund as Stripe shows it: `pending`, `requires_action`, `succeeded`, `failed` or `canceled`."""

    id: str
    amount: int
    status: str
    payment_intent: str
    charge: str
    failure_reason: str
    metadata: dict[str, str]
    currency: str = ""
    created: datetime | None = None
    transfer_reversal: str = ""
    balance_transaction: str = ""  # the money left with it
    failure_balance_transaction: str = ""  # the money came back with it


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """An event: a trigger. What it carries is a copy that may be old."""

    id: str
    type: str
    account: str
    created: datetime
    object_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """What a creator's account is opened with; frozen on our row so that a retry sends the same bytes."""

    creator_id: int
    email: str
    country: str
    currency: str


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """A connected account as Stripe shows it. Currency in capitals; `requirements` are Stripe's names of fields."""

    id: str
    country: str
    default_currency: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    requirements: tuple[str, ...]
    disabled_reason: str

    @property
    def is_onboarded(self) -> bool:
        """Whether the person has finished Stripe's pages and may take money."""
        return self.details_submitted and self.charges_enabled

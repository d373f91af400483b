"""Payments at Stripe: intents, charges, refunds, events. Answers are plain values; errors are `ProviderError`.

Parameters follow https://docs.stripe.com/api (version 2026-10-28.endive).
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

from callastar.core.errors import ProviderError
from callastar.providers.stripe.client import call
from callastar.providers.stripe.types import (
    ABANDONED,
    ChargeSnapshot,
    IntentRequest,
    IntentSnapshot,
    RefundSnapshot,
    StripeEvent,
)

_WITH_CHARGE = ["latest_charge.balance_transaction"]
UNEXPECTED_STATE = "payment_intent_unexpected_state"


def create_intent(
    *, request: IntentRequest, idempotency_key: str, patience: float | None = None
) -> IntentSnapshot:
    """Open an intent that pays the creator's account directly and leaves the application fee here."""
    params: dict[str, Any] = asdict(request)
    params["currency"] = request.currency.lower()
    params["transfer_data"] = {"destination": params.pop("destination")}
    params["automatic_payment_methods"] = {"enabled": True}
    if not params["on_behalf_of"]:
        del params["on_behalf_of"]
    return _intent(
        call(
            lambda c: c.v1.payment_intents.create(params, {"idempotency_key": idempotency_key}),  # type: ignore[arg-type]
            patience=patience,
        )
    )


def get_intent(*, intent_id: str, patience: float | None = None) -> IntentSnapshot:
    """The intent as it is now, with its last charge."""
    return _intent(
        call(lambda c: c.v1.payment_intents.retrieve(intent_id, {"expand": _WITH_CHARGE}), patience=patience)
    )


def cancel_intent(
    *,
    intent_id: str,
    reason: Literal["abandoned", "requested_by_customer"] = ABANDONED,
    patience: float | None = None,
) -> IntentSnapshot:
    """Make sure that the intent takes no more money; answers what it then is.

    Paid, processing or already cancelled intents cannot be cancelled: their present state is the answer. `patience`
    (seconds) replaces the usual timeout and retries where somebody waits.

    Cancelling twice has one effect without an idempotency key of ours, and with one Stripe would repeat for a day
    that a processing payment cannot be cancelled, long after it has failed.
    """
    try:
        return _intent(
            call(
                lambda c: c.v1.payment_intents.cancel(intent_id, {"cancellation_reason": reason}),
                patience=patience,
            )
        )
    except ProviderError as error:
        if error.code != UNEXPECTED_STATE:
            raise
        return get_intent(intent_id=intent_id, patience=patience)


def get_charge(*, charge_id: str) -> ChargeSnapshot:
    """The charge as it is now, with Stripe's fee once it is known."""
    return _charge(call(lambda c: c.v1.charges.retrieve(charge_id, {"expand": ["balance_transaction"]})))


def create_refund(
    *, intent_id: str, amount: int, metadata: dict[str, str], idempotency_key: str
) -> RefundSnapshot:
    """Give `amount` (minor units) back, taking the creator's share and our fee back pro rata."""
    return _refund(
        call(
            lambda c: c.v1.refunds.create(
                {
                    "payment_intent": intent_id,
                    "amount": amount,
                    "reverse_transfer": True,
                    "refund_application_fee": True,
                    "metadata": metadata,
                },
                {"idempotency_key": idempotency_key},
            )
        )
    )


def get_refund(*, refund_id: str) -> RefundSnapshot:
    """The refund as it is now."""
    return _refund(call(lambda c: c.v1.refunds.retrieve(refund_id)))


def refunds_of_charge(*, charge_id: str) -> list[RefundSnapshot]:
    """All refunds of a charge, whoever made them."""
    page = call(lambda c: c.v1.refunds.list({"charge": charge_id, "limit": 100}))
    return [_refund(refund) for refund in page.data]


def events_since(*, since: datetime) -> Iterator[StripeEvent]:
    """The platform's events created at or after a time, newest first."""
    cursor: dict[str, Any] = {}
    while True:
        params = {"created": {"gte": int(since.timestamp())}, "limit": 100, **cursor}
        page = call(lambda c, params=params: c.v1.events.list(params))  # type: ignore[misc]
        yield from (parse_event(event.to_dict()) for event in page.data)
        if not page.has_more or not page.data:
            return
        cursor = {"starting_after": page.data[-1].id}


def parse_event(payload: dict[str, Any]) -> StripeEvent:
    """An event from its JSON; raises KeyError, TypeError or ValueError for what is none."""
    return StripeEvent(
        id=str(payload["id"]),
        type=str(payload["type"]),
        account=str(payload.get("account") or ""),
        created=datetime.fromtimestamp(int(payload["created"]), UTC),
        object_id=str(payload["data"]["object"].get("id") or ""),
        payload=payload,
    )


def _intent(intent: Any) -> IntentSnapshot:
    error = intent.last_payment_error
    return IntentSnapshot(
        id=intent.id,
        status=intent.status,
        amount=intent.amount,
        amount_received=intent.amount_received,
        currency=intent.currency.upper(),
        client_secret=intent.client_secret or "",
        failure_code=(getattr(error, "decline_code", None) or getattr(error, "code", None) or "")
        if error
        else "",
        cancellation_reason=intent.cancellation_reason or "",
        charge=_charge(intent.latest_charge) if _is_object(intent.latest_charge) else None,
    )


def _charge(charge: Any) -> ChargeSnapshot:
    settled = charge.balance_transaction if _is_object(charge.balance_transaction) else None
    return ChargeSnapshot(
        id=charge.id,
        payment_intent=_id(charge.payment_intent),
        amount=charge.amount,
        amount_refunded=charge.amount_refunded,
        transfer=_id(getattr(charge, "transfer", None)),
        fee=settled.fee if settled else None,
        fee_currency=settled.currency.upper() if settled else "",
    )


def _refund(refund: Any) -> RefundSnapshot:
    return RefundSnapshot(
        id=refund.id,
        amount=refund.amount,
        status=refund.status or "pending",
        payment_intent=_id(refund.payment_intent),
        charge=_id(refund.charge),
        failure_reason=getattr(refund, "failure_reason", None) or "",
        metadata=dict(refund.metadata.to_dict()) if refund.metadata else {},
    )


def _is_object(value: Any) -> bool:
    return value is not None and not isinstance(value, str)


def _id(value: Any) -> str:
    return value.id if _is_object(value) else value or ""

"""Payments at Stripe: intents, charges, refunds, events. Answers are plain values; errors are `ProviderError`.

Parameters follow https://docs.stripe.com/api (version 2026-10-28.endive).
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from callastar.core.errors import ProviderError
from callastar.core.storable import storable, word
from callastar.providers.stripe.client import call, every, options
from callastar.providers.stripe.parsing import charge_snapshot, is_object, moment, refund_snapshot
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
    return charge_snapshot(
        call(lambda c: c.v1.charges.retrieve(charge_id, {"expand": ["balance_transaction"]}))
    )


def create_refund(
    *,
    intent_id: str,
    amount: int,
    metadata: dict[str, str],
    idempotency_key: str,
    from_platform: bool = False,
) -> RefundSnapshot:
    """Give `amount` (minor units) back, taking the creator's share and our fee back pro rata.

    `from_platform`: out of the platform's balance alone, for a creator whose account cannot give its share back
    (`errors.BALANCE_INSUFFICIENT`); transfer and fee stay as they are.
    """
    params: Any = {"payment_intent": intent_id, "amount": amount, "metadata": metadata}
    if not from_platform:
        params |= {"reverse_transfer": True, "refund_application_fee": True}
    return refund_snapshot(
        call(lambda c: c.v1.refunds.create(params, options(idempotency_key=idempotency_key)))
    )


def get_refund(*, refund_id: str) -> RefundSnapshot:
    """The refund as it is now."""
    return refund_snapshot(call(lambda c: c.v1.refunds.retrieve(refund_id)))


def refunds_of_charge(*, charge_id: str) -> list[RefundSnapshot]:
    """All refunds of a charge, whoever made them."""
    return [refund_snapshot(refund) for refund in every(lambda c: c.v1.refunds.list, {"charge": charge_id})]


def events_since(*, since: datetime) -> Iterator[StripeEvent]:
    """The platform's events created at or after a time, newest first."""
    for event in every(lambda c: c.v1.events.list, {"created": {"gte": int(since.timestamp())}}):
        yield parse_event(event.to_dict())


def parse_event(payload: dict[str, Any]) -> StripeEvent:
    """An event from its JSON, as it can be stored; raises KeyError, TypeError or ValueError for what is none."""
    account = payload.get("account")
    return StripeEvent(
        id=word(payload["id"], longest=128),
        type=word(payload["type"], longest=80),
        account=word(account, longest=64) if account else "",
        created=moment(int(payload["created"])),
        object_id=str(payload["data"]["object"].get("id") or ""),
        payload=storable(payload),
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
        charge=charge_snapshot(intent.latest_charge) if is_object(intent.latest_charge) else None,
    )

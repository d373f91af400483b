"""The table from event type to operation. An event is a trigger: what it names is fetched again from the provider."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callastar.bookings.operations.settle import settle_intent
from callastar.creators.operations import apply_account_update
from callastar.payments.operations.recording import record_charge
from callastar.payments.operations.refunds import sync_refund, sync_refunds_of_charge

Handler = Callable[[dict[str, Any], datetime], None]


def _object_id(payload: dict[str, Any]) -> str:
    return str(payload["data"]["object"]["id"])


def _intent(payload: dict[str, Any], now: datetime) -> None:
    settle_intent(intent_id=_object_id(payload), now=now)


def _charge_updated(payload: dict[str, Any], now: datetime) -> None:
    record_charge(charge_id=_object_id(payload))


def _charge_refunded(payload: dict[str, Any], now: datetime) -> None:
    sync_refunds_of_charge(charge_id=_object_id(payload))


def _refund(payload: dict[str, Any], now: datetime) -> None:
    sync_refund(stripe_refund_id=_object_id(payload))


def _account(payload: dict[str, Any], now: datetime) -> None:
    apply_account_update(account_id=_object_id(payload), now=now)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("stripe", "payment_intent.succeeded"): _intent,
    ("stripe", "payment_intent.payment_failed"): _intent,
    ("stripe", "payment_intent.processing"): _intent,
    ("stripe", "payment_intent.canceled"): _intent,
    ("stripe", "charge.updated"): _charge_updated,
    ("stripe", "charge.refunded"): _charge_refunded,
    ("stripe", "refund.created"): _refund,
    ("stripe", "refund.updated"): _refund,
    ("stripe", "refund.failed"): _refund,
    ("stripe", "account.updated"): _account,
}

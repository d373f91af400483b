"""Money at Stripe once it is paid: charges with all that became of them, transfers, reversals, balances.

Answers are plain values; errors are `ProviderError`.
"""

from datetime import datetime
from functools import partial
from typing import Any

from callastar.providers.stripe.client import call, every, options
from callastar.providers.stripe.disputes import disputes_of_charge
from callastar.providers.stripe.money_parsing import (
    fee_snapshot,
    reversal_snapshot,
    transfer_snapshot,
    whole,
)
from callastar.providers.stripe.money_types import (
    ApplicationFeeSnapshot,
    BalanceSnapshot,
    ChargeMoney,
    ReversalSnapshot,
    TransferSnapshot,
)
from callastar.providers.stripe.parsing import (
    charge_snapshot,
    is_object,
    metadata_of,
    moment,
    refund_snapshot,
)

_EVERYTHING = ["balance_transaction", "transfer", "application_fee", "refunds"]


def charge_money(*, charge_id: str, with_disputes: bool = False) -> ChargeMoney:
    """The charge with its transfer, fee, refunds and disputes as they are now.

    Disputes are asked for when the charge says that it has been disputed, or `with_disputes`.
    """
    charge: Any = call(lambda c: c.v1.charges.retrieve(charge_id, {"expand": _EVERYTHING}))
    light = charge_snapshot(charge)
    refunds = whole(charge.refunds, lambda c: partial(_refunds_of, c, charge_id))
    transfer = getattr(charge, "transfer", None)
    disputed = light.disputed or with_disputes
    return ChargeMoney(
        id=light.id,
        payment_intent=light.payment_intent,
        amount=light.amount,
        currency=light.currency,
        created=moment(charge.created),
        paid=light.paid,
        disputed=light.disputed,
        amount_refunded=light.amount_refunded,
        balance_transaction=light.balance_transaction,
        fee=light.fee,
        fee_currency=light.fee_currency,
        transfer=transfer_snapshot(transfer) if is_object(transfer) else None,
        application_fee=fee_snapshot(charge.application_fee) if is_object(charge.application_fee) else None,
        refunds=tuple(refund_snapshot(each) for each in reversed(refunds)),
        disputes=disputes_of_charge(charge_id=charge_id) if disputed else (),
    )


def create_reversal(
    *, transfer_id: str, amount: int, metadata: dict[str, str], idempotency_key: str
) -> ReversalSnapshot:
    """Take `amount` (minor units) back from the connected account; our fee stays as it is.

    Raises `ProviderError` with `errors.BALANCE_INSUFFICIENT` when the account does not have it.
    """
    return reversal_snapshot(
        call(
            lambda c: c.v1.transfers.reversals.create(
                transfer_id,
                {"amount": amount, "metadata": metadata},
                options(idempotency_key=idempotency_key),
            )
        )
    )


def reversals_of(transfer_id: str) -> tuple[ReversalSnapshot, ...]:
    """All reversals of a transfer, whoever made them, oldest first."""
    found = every(lambda c: partial(c.v1.transfers.reversals.list, transfer_id))
    return tuple(reversal_snapshot(each) for each in reversed(list(found)))


def create_transfer(
    *,
    amount: int,
    currency: str,
    destination: str,
    metadata: dict[str, str],
    transfer_group: str = "",
    idempotency_key: str,
) -> TransferSnapshot:
    """Move `amount` (minor units) from the platform's available balance to a connected account."""
    params: Any = {
        "amount": amount,
        "currency": currency.lower(),
        "destination": destination,
        "metadata": metadata,
    }
    if transfer_group:
        params["transfer_group"] = transfer_group
    return transfer_snapshot(
        call(lambda c: c.v1.transfers.create(params, options(idempotency_key=idempotency_key)))
    )


def get_transfer(*, transfer_id: str) -> TransferSnapshot:
    """The transfer as it is now, with all its reversals."""
    return transfer_snapshot(call(lambda c: c.v1.transfers.retrieve(transfer_id)))


def get_fee(*, fee_id: str) -> ApplicationFeeSnapshot:
    """The application fee as it is now, with all that went back of it."""
    return fee_snapshot(call(lambda c: c.v1.application_fees.retrieve(fee_id)))


def find_transfer(
    *, destination: str, since: datetime, metadata_key: str, metadata_value: str
) -> TransferSnapshot | None:
    """The transfer to an account made since a moment whose metadata say so, if the request came through at all."""
    asked = {"destination": destination, "created": {"gte": int(since.timestamp())}}
    for transfer in every(lambda c: c.v1.transfers.list, asked):
        if metadata_of(transfer).get(metadata_key) == metadata_value:
            return transfer_snapshot(transfer)
    return None


def balance(*, account: str | None = None) -> BalanceSnapshot:
    """What the platform, or a connected account, has at Stripe now."""
    found: Any = call(lambda c: c.v1.balance.retrieve({}, options(account=account)))
    return BalanceSnapshot(
        available=_by_currency(found.available),
        pending=_by_currency(found.pending),
        reserved=_by_currency(getattr(found, "connect_reserved", None) or []),
    )


def _refunds_of(client: Any, charge_id: str, params: dict[str, Any], request: Any) -> Any:
    return client.v1.refunds.list({"charge": charge_id, **params}, request)


def _by_currency(entries: list[Any]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for entry in entries:
        amounts[entry.currency.upper()] = amounts.get(entry.currency.upper(), 0) + entry.amount
    return amounts

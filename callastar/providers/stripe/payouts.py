"""Payouts from connected accounts to their banks. Answers are plain values; errors are `ProviderError`."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from callastar.providers.stripe.client import call, every, options
from callastar.providers.stripe.money_types import BankAccountSnapshot, PayoutSnapshot
from callastar.providers.stripe.parsing import id_of, metadata_of, moment


def create_payout(
    *,
    account: str,
    amount: int,
    currency: str,
    metadata: dict[str, str],
    statement_descriptor: str = "",
    idempotency_key: str,
) -> PayoutSnapshot:
    """Send `amount` (minor units) of an account's available balance to its bank account of that currency.

    Raises `ProviderError`: `errors.BALANCE_INSUFFICIENT`, `PAYOUTS_NOT_ALLOWED`, `BANK_ACCOUNT_UNUSABLE` and others.
    """
    params: Any = {"amount": amount, "currency": currency.lower(), "metadata": metadata}
    if statement_descriptor:
        params["statement_descriptor"] = statement_descriptor
    request = options(account=account, idempotency_key=idempotency_key)
    return _payout(call(lambda c: c.v1.payouts.create(params, request)), account)


def get_payout(*, account: str | None, payout_id: str) -> PayoutSnapshot:
    """The payout of an account, or of the platform itself, as it is now."""
    return _payout(call(lambda c: c.v1.payouts.retrieve(payout_id, {}, options(account=account))), account)


def find_payout(
    *, account: str, since: datetime, metadata_key: str, metadata_value: str
) -> PayoutSnapshot | None:
    """The payout made since a moment whose metadata say so, if the request came through at all."""
    recent = list_payouts(account=account, since=since)
    return next((each for each in recent if each.metadata.get(metadata_key) == metadata_value), None)


def list_payouts(*, account: str | None, since: datetime) -> Iterator[PayoutSnapshot]:
    """Payouts of an account, or of the platform itself, created at or after a time, newest first."""
    asked = {"created": {"gte": int(since.timestamp())}}
    for payout in every(lambda c: c.v1.payouts.list, asked, account=account):
        yield _payout(payout, account)


def default_bank_account(*, account: str, currency: str) -> BankAccountSnapshot | None:
    """Where payouts of a currency go; None when the account has no bank account for it."""
    for bank in every(
        lambda c: partial(c.v1.accounts.external_accounts.list, account), {"object": "bank_account"}
    ):
        if bank.default_for_currency and bank.currency == currency.lower():
            return _bank_account(bank)
    return None


def _payout(payout: Any, account: str | None) -> PayoutSnapshot:
    return PayoutSnapshot(
        id=payout.id,
        account=account or "",
        amount=payout.amount,
        currency=payout.currency.upper(),
        status=payout.status,
        arrival_date=moment(payout.arrival_date),
        created=moment(payout.created),
        failure_code=payout.failure_code or "",
        failure_message=payout.failure_message or "",
        destination=id_of(payout.destination),
        metadata=metadata_of(payout),
        automatic=payout.automatic,
        balance_transaction=id_of(payout.balance_transaction),
        failure_balance_transaction=id_of(payout.failure_balance_transaction),
    )


def _bank_account(bank: Any) -> BankAccountSnapshot:
    return BankAccountSnapshot(
        id=bank.id,
        currency=bank.currency.upper(),
        last4=bank.last4,
        bank_name=bank.bank_name or "",
        country=bank.country,
        status=bank.status,
        default_for_currency=bool(bank.default_for_currency),
    )

"""Balances and their transactions."""

from sandboxes.stripe import ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call

_FILTERS = ("type", "currency", "source")


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/balance"""
    amounts = ledger.amounts(ctx, call.account) or {_own_currency(ctx, call.account): (0, 0)}
    balance: Json = {
        "object": "balance",
        "available": [_entry(currency, available) for currency, (available, _) in amounts.items()],
        "livemode": False,
        "pending": [_entry(currency, pending) for currency, (_, pending) in amounts.items()],
    }
    if call.account == ctx.platform:
        balance["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in amounts]
    return balance


def retrieve_transaction(ctx: Context, call: Call) -> Json:
    """GET /v1/balance_transactions/:id"""
    return repo.get(ctx, call.account, "balance_transaction", call.id)


def list_transactions(ctx: Context, call: Call) -> Json:
    """GET /v1/balance_transactions"""
    found = repo.every(ctx, call.account, "balance_transaction")
    if "payout" in call.params:
        found = [each for each in found if each["source"] == call.params["payout"]]
    return lists.page(found, call.params, "/v1/balance_transactions", filters=_FILTERS)


def _entry(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _own_currency(ctx: Context, account: str) -> str:
    found = repo.find(ctx, ctx.platform, "account", account)
    return str(found["default_currency"]) if found else ctx.currency

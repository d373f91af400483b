"""Balances and their transactions."""

from sandboxes.stripe import currencies, ledger, repo
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


def adjust(ctx: Context, account: str | None, amount: object, currency: str) -> Json:
    """Stripe itself books something on an account's balance (None: the platform's); gives the balance transaction.

    Raises LookupError for an unknown account, ValueError for no amount or a currency Stripe does not know.
    """
    if account not in (None, ctx.platform) and repo.find(ctx, ctx.platform, "account", str(account)) is None:
        raise LookupError(f"there is no account {account}")
    if not isinstance(amount, int) or isinstance(amount, bool) or not amount:
        raise ValueError("amount must be a whole number of the smallest unit, and not 0")
    if currency not in currencies.MINIMUM:
        raise ValueError(f"there is no currency {currency}")
    return ledger.post(
        ctx,
        account or ctx.platform,
        type="adjustment",
        amount=amount,
        currency=currency,
        source=None,
        available_on=ctx.now(),
        description="Adjustment by Stripe",
        reporting_category="other_adjustment",
    )


def _entry(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _own_currency(ctx: Context, account: str) -> str:
    found = repo.find(ctx, ctx.platform, "account", account)
    return str(found["default_currency"]) if found else ctx.currency

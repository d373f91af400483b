"""Balances: one balance transaction for each movement, by account and currency."""

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.ids import new_id

_DAY = 24 * 3600
_PENDING_DAYS = 2
_CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "adjustment": "dispute",
}


def post(
    ctx: Context,
    account: str,
    *,
    type: str,
    amount: int,
    currency: str,
    source: str | None,
    available_on: int,
    fee_details: list[Json] | None = None,
    description: str | None = None,
    reporting_category: str | None = None,
) -> Json:
    """Book a movement on the account's balance; gives the balance transaction."""
    details = fee_details or []
    fee = sum(each["amount"] for each in details)
    transaction = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": ctx.now(),
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": reporting_category or _CATEGORIES[type],
        "source": source,
        "status": "available" if available_on <= ctx.now() else "pending",
        "type": type,
    }
    _add(ctx, account, currency, amount - fee, available_on)
    return repo.save(ctx, account, transaction)


def fee_detail(
    amount: int, currency: str, *, type: str, description: str, application: str | None = None
) -> Json:
    """One line of ``fee_details``."""
    return {
        "amount": amount,
        "application": application,
        "currency": currency,
        "description": description,
        "type": type,
    }


def matures(ctx: Context, *, at_once: bool = False) -> int:
    """When money taken now becomes available: midnight (UTC) two days on, or now."""
    now = ctx.now()
    return now if at_once else (now // _DAY + 1 + _PENDING_DAYS) * _DAY


def along_with(ctx: Context, account: str, transaction: str | None) -> int:
    """When a movement counts that undoes another one: with it while it is pending, else now."""
    original = repo.find(ctx, account, "balance_transaction", transaction) if transaction else None
    return max(ctx.now(), original["available_on"]) if original else ctx.now()


def amounts(ctx: Context, account: str) -> dict[str, tuple[int, int]]:
    """``(available, pending)`` by currency."""
    sheet = ctx.store.get("balance", account) or {}
    return {currency: _split(ctx, each) for currency, each in sheet.items()}


def require(
    ctx: Context, account: str, amount: int, currency: str, *, pending_counts: bool, message: str
) -> None:
    """Raise ApiError ``balance_insufficient`` unless the account has the amount."""
    available, pending = amounts(ctx, account).get(currency, (0, 0))
    if available + (pending if pending_counts else 0) < amount:
        raise invalid(message, code="balance_insufficient")


def _add(ctx: Context, account: str, currency: str, net: int, available_on: int) -> None:
    """Add to the sheet ``{currency: {available, pending: {time: amount}}}``; what is due moves over."""
    sheet = ctx.store.get("balance", account) or {}
    entry = sheet.get(currency, {"available": 0, "pending": {}})
    entry["pending"][str(available_on)] = entry["pending"].get(str(available_on), 0) + net
    due = {moment: each for moment, each in entry["pending"].items() if int(moment) <= ctx.now()}
    entry["available"] += sum(due.values())
    entry["pending"] = {moment: each for moment, each in entry["pending"].items() if moment not in due}
    ctx.store.put("balance", account, {**sheet, currency: entry})


def _split(ctx: Context, entry: Json) -> tuple[int, int]:
    due = sum(each for moment, each in entry["pending"].items() if int(moment) <= ctx.now())
    return entry["available"] + due, sum(entry["pending"].values()) - due

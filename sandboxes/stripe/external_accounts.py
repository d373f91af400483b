"""Bank accounts that payouts go to."""

from sandboxes.stripe import banks, currencies, events, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, invalid, no_such
from sandboxes.stripe.wire.ids import new_id

_NO_BANK = "Sorry, you don't have any external accounts in that currency ({currency})."
_LAST_DEFAULT = (
    "You cannot delete the default external account for your default currency. Please make another external account "
    "the default using the `default_for_currency` param, and then delete this one."
)


_EDITABLE = ("account_holder_name", "account_holder_type", "account_type")
_PLATFORM_BANK = {
    "object": "bank_account",
    "account_holder_name": "Platform",
    "account_holder_type": "company",
}


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/accounts/:id/external_accounts"""
    url = f"/v1/accounts/{call.id}/external_accounts"
    return lists.page(owned(ctx, repo.connected(ctx, call.id)["id"]), call.params, url, filters=("object",))


def create(ctx: Context, call: Call) -> Json:
    """A bank account as the API is given it; what it changes for the account is told elsewhere."""
    account = repo.connected(ctx, call.id)
    params = call.params
    bank = add(
        ctx,
        account["id"],
        params["external_account"],
        default=params.get("default_for_currency", False),
        metadata=merged_metadata({}, params.get("metadata")),
    )
    events.emit(ctx, account["id"], "account.external_account.created", bank)
    return bank


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/accounts/:id/external_accounts/:bank"""
    return _get(ctx, repo.connected(ctx, call.id), call.path["bank"])


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/accounts/:id/external_accounts/:bank; any update makes one usable again that a payout failed to."""
    account, params = _managed(ctx, call.id), call.params
    before = _get(ctx, account, call.path["bank"])
    bank = before | {name: params[name] or None for name in _EDITABLE if name in params} | {"status": "new"}
    bank["metadata"] = merged_metadata(bank["metadata"], params.get("metadata"))
    if params.get("default_for_currency"):
        bank = _save_as_default(ctx, account["id"], bank)
    return events.save_and_emit(ctx, account["id"], "account.external_account.updated", before, bank)


def delete(ctx: Context, call: Call) -> Json:
    """DELETE /v1/accounts/:id/external_accounts/:bank"""
    account = _managed(ctx, call.id)
    bank = _get(ctx, account, call.path["bank"])
    others = [each for each in owned(ctx, account["id"]) if each["id"] != bank["id"]]
    is_needed = bank["currency"] in {account["default_currency"], *(each["currency"] for each in others)}
    if bank["default_for_currency"] and is_needed:
        raise invalid(_LAST_DEFAULT)
    _remove(ctx, account["id"], bank)
    return {"id": bank["id"], "object": "bank_account", "currency": bank["currency"], "deleted": True}


def replace(ctx: Context, account: str, given: Json | str) -> Json:
    """A new bank account in place of the default one of its currency, which goes; gives it. Raises ApiError."""
    old = [each for each in owned(ctx, account) if each["default_for_currency"]]
    bank = add(ctx, account, given, default=True)
    for each in old:
        if each["currency"] == bank["currency"]:
            _remove(ctx, account, each)
    return bank


def add(
    ctx: Context, account: str, given: Json | str, *, default: bool = False, metadata: Json | None = None
) -> Json:
    """A new bank account, default for its currency when asked or when it is the first; raises ApiError."""
    if isinstance(given, str):
        raise no_such("token", given, param="external_account", status=400)
    if given.get("object") != "bank_account":
        raise invalid("Only bank accounts are accepted for payouts here.", param="external_account[object]")
    currency = currencies.check_currency(given.get("currency", "eur"), param="external_account[currency]")
    number = banks.normalised(given["account_number"])
    if currency == "eur" and not banks.is_iban(number):
        message = f"Invalid account number: {given['account_number']} is not a valid IBAN."
        raise invalid(message, code="account_number_invalid", param="external_account[account_number]")
    first = not any(each["currency"] == currency for each in owned(ctx, account))
    bank = _new(account, given, currency, number) | {"metadata": metadata or {}}
    return _save_as_default(ctx, account, bank) if first or default else repo.save(ctx, account, bank)


def owned(ctx: Context, account: str) -> list[Json]:
    """The account's bank accounts, oldest first."""
    return repo.every(ctx, account, "bank_account")


def find(ctx: Context, account: str, id: str) -> Json | None:
    """One bank account, or None."""
    return repo.find(ctx, account, "bank_account", id)


def for_payout(ctx: Context, account: str, currency: str, id: str | None) -> Json:
    """The named bank account, else the default one of the currency; raises ApiError.

    The platform has given Stripe its own before any of this began.
    """
    if id is not None:
        found = find(ctx, account, id)
        if found is None:
            raise no_such("external account", id, param="destination", status=400)
        return found
    defaults = [
        each for each in owned(ctx, account) if each["currency"] == currency and each["default_for_currency"]
    ]
    if not defaults and account == ctx.platform:
        number = banks.TEST_IBANS.get(ctx.country, banks.TEST_IBANS["DE"])
        return add(
            ctx,
            account,
            _PLATFORM_BANK | {"account_number": number, "country": number[:2], "currency": currency},
        )
    if not defaults:
        raise invalid(_NO_BANK.format(currency=currency), param="currency")
    return defaults[0]


def mark_errored(ctx: Context, account: str, id: str) -> None:
    """A payout to it failed; it must be replaced before the next one."""
    bank = find(ctx, account, id)
    if bank is not None:
        events.save_and_emit(
            ctx, account, "account.external_account.updated", bank, bank | {"status": "errored"}
        )


def _managed(ctx: Context, id: str) -> Json:
    """An account whose bank accounts the platform looks after; others' owners do that at Stripe. Raises ApiError."""
    account = repo.connected(ctx, id)
    if account["controller"]["requirement_collection"] != "application":
        message = (
            f"This application does not have the required permissions for this endpoint on account '{id}'."
        )
        raise ApiError(403, message)
    return account


def _get(ctx: Context, account: Json, id: str) -> Json:
    found = find(ctx, account["id"], id)
    if found is None:
        raise no_such("external account", id, param="id")
    return found


def _remove(ctx: Context, account: str, bank: Json) -> None:
    repo.delete(ctx, account, "bank_account", bank["id"])
    events.emit(ctx, account, "account.external_account.deleted", bank)


def _save_as_default(ctx: Context, account: str, bank: Json) -> Json:
    for other in owned(ctx, account):
        if other["currency"] == bank["currency"] and other["default_for_currency"]:
            repo.save(ctx, account, other | {"default_for_currency": False})
    return repo.save(ctx, account, bank | {"default_for_currency": True})


def _new(account: str, given: Json, currency: str, number: str) -> Json:
    return {
        "id": new_id("ba"),
        "object": "bank_account",
        "account": account,
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": given["country"],
        "currency": currency,
        "default_for_currency": False,
        "fingerprint": banks.fingerprint(number),
        "last4": number[-4:],
        "metadata": {},
        "routing_number": given.get("routing_number"),
        "status": "new",
        "_number": number,
    }

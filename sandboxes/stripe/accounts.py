"""Connected accounts: made, changed, onboarded, restricted, let go."""

from typing import Any

from sandboxes.stripe import banks, events, external_accounts, regions, repo, verification
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.account import CONTROLLERS, controller, new_account
from sandboxes.stripe.params.rules import check_descriptor, check_email, check_url, merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, invalid
from sandboxes.stripe.wire.ids import new_id

_BOTH = (
    "You may not provide the `type` and `controller` parameters simultaneously. They are mutually exclusive."
)
_NO_TERMS = "You cannot accept the Terms of Service on behalf of Standard and Express connected accounts."
_HOLDER = {
    "account_holder_name": "Test Holder",
    "account_holder_type": "individual",
    "object": "bank_account",
}


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/accounts"""
    params = call.params
    type, choices = _kind(params)
    country = regions.check_country(params.get("country", ctx.country))
    account = new_account(ctx, new_id("acct"), country=country, type=type, controller=controller(choices))
    if type == "standard":
        account["capabilities"] = {"card_payments": "inactive", "transfers": "inactive"}
    _apply(ctx, account, params)
    return repo.save(ctx, ctx.platform, verification.refreshed(ctx, account))


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/accounts/:id"""
    return platform_account(ctx) if call.id == ctx.platform else repo.connected(ctx, call.id)


def retrieve_current(ctx: Context, call: Call) -> Json:
    """GET /v1/account"""
    return platform_account(ctx) if call.account == ctx.platform else repo.connected(ctx, call.account)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/accounts"""
    return lists.page(repo.accounts(ctx), call.params, "/v1/accounts")


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/accounts/:id"""
    before = repo.connected(ctx, call.id)
    account = repo.connected(ctx, call.id)
    _apply(ctx, account, call.params)
    return _save(ctx, before, verification.refreshed(ctx, account))


def create_external_account(ctx: Context, call: Call) -> Json:
    """POST /v1/accounts/:id/external_accounts; the account may be able to do more with it."""
    bank = external_accounts.create(ctx, call)
    _change(ctx, call.id, dict)
    return bank


def delete_external_account(ctx: Context, call: Call) -> Json:
    """DELETE /v1/accounts/:id/external_accounts/:bank; the account may be able to do less without it."""
    deleted = external_accounts.delete(ctx, call)
    _change(ctx, call.id, dict)
    return deleted


def platform_account(ctx: Context) -> Json:
    """The platform's own account: always in order."""
    account = new_account(
        ctx, ctx.platform, country=ctx.country, type="standard", controller={"type": "account"}
    )
    return account | {
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "default_currency": ctx.currency,
        "details_submitted": True,
        "email": "platform@example.com",
        "payouts_enabled": True,
    }


def complete_onboarding(ctx: Context, account_id: str) -> Json:
    """The person has filled in everything: the account can take payments and be paid out; gives it.

    Raises LookupError for an unknown account.
    """

    def onboarded(account: Json) -> Json:
        if not external_accounts.owned(ctx, account_id):
            country = account["country"] if account["country"] in banks.TEST_IBANS else "DE"
            bank = {"account_number": banks.TEST_IBANS[country], "country": country}
            added = external_accounts.add(
                ctx, account_id, _HOLDER | bank | {"currency": account["default_currency"]}
            )
            events.emit(ctx, account_id, "account.external_account.created", added)
        terms = {"date": ctx.now(), "ip": "127.0.0.1", "user_agent": None}
        return account | {"_onboarded": True, "_restricted": [], "tos_acceptance": terms}

    return _change(ctx, account_id, onboarded)


def replace_bank(ctx: Context, account_id: str, number: str) -> Json:
    """The account's owner gives another bank account for payouts; gives it. Raises LookupError, ValueError."""
    account = _known(ctx, account_id)
    bank = {
        "account_number": number,
        "country": banks.normalised(number)[:2],
        "currency": account["default_currency"],
    }
    try:
        added = external_accounts.replace(ctx, account_id, _HOLDER | bank)
    except ApiError as error:
        raise ValueError(str(error)) from error
    events.emit(ctx, account_id, "account.external_account.created", added)
    _change(ctx, account_id, dict)
    return added


def restrict(ctx: Context, account_id: str, fields: list[str]) -> Json:
    """Stripe asks for something more and stops payments and payouts meanwhile; an empty list lets go.

    Raises LookupError for an unknown account.
    """
    return _change(ctx, account_id, lambda account: account | {"_restricted": fields})


def deauthorize(ctx: Context, account_id: str) -> Json:
    """The account's owner disconnects the platform; gives the account. Raises LookupError."""
    account = _known(ctx, account_id)
    application = {"id": ctx.keys.application, "object": "application", "name": "Call a Star"}
    events.emit(ctx, account_id, "account.application.deauthorized", application)
    return repo.save(ctx, ctx.platform, account | {"_deauthorized": True})


def _change(ctx: Context, account_id: str, change: Any) -> Json:
    with ctx.store.transaction():
        before = _known(ctx, account_id)
        return _save(ctx, before, verification.refreshed(ctx, change(_known(ctx, account_id))))


def _known(ctx: Context, account_id: str) -> Json:
    account = repo.find(ctx, ctx.platform, "account", account_id)
    if account is None or account["_deauthorized"]:
        raise LookupError(f"there is no account {account_id}")
    return account


def _save(ctx: Context, before: Json, after: Json) -> Json:
    repo.save(ctx, ctx.platform, after)
    if previous := events.differences(before, after):
        public = {name: each for name, each in previous.items() if not name.startswith("_")}
        events.emit(ctx, after["id"], "account.updated", after, public)
    return after


def _kind(params: Json) -> tuple[str, Json]:
    """The account's type and the choices its controller is made of; raises ApiError."""
    if "type" in params and "controller" in params:
        raise invalid(_BOTH, param="controller")
    if "controller" not in params:
        type = params.get("type", "standard")
        return type, CONTROLLERS[type]
    given = params["controller"]
    choices = {
        "fees": given.get("fees", {}).get("payer", "account"),
        "losses": given.get("losses", {}).get("payments", "stripe"),
        "requirement_collection": given.get("requirement_collection", "stripe"),
        "stripe_dashboard": given.get("stripe_dashboard", {}).get("type", "full"),
    }
    if choices["losses"] == "application" and choices["fees"] != "application":
        message = (
            "When `controller[losses][payments]` is `application`, `controller[fees][payer]` must be too."
        )
        raise invalid(message, param="controller[fees][payer]")
    for type, known in CONTROLLERS.items():
        if choices | {"fees": known["fees"]} == known and known["fees"].startswith(choices["fees"]):
            return type, choices
    return "none", choices


def _apply(ctx: Context, account: Json, params: Json) -> None:
    """Copy parameters; raises ApiError for what this kind of account does not take."""
    if params.get("email"):
        account["email"] = check_email(params["email"], param="email")
    for name in ("business_type", "default_currency"):
        account[name] = params.get(name, account[name])
    _apply_profile(account, params.get("business_profile") or {})
    _apply_terms(account, params.get("tos_acceptance") or {})
    account["settings"] = merged(account["settings"], _settings(params))
    account["metadata"] = merged_metadata(account["metadata"], params.get("metadata"))
    account["_individual"] = merged(account["_individual"], params.get("individual") or {})
    for name, wish in (params.get("capabilities") or {}).items():
        _request(account, name, wish.get("requested"))
    if params.get("external_account"):
        external_accounts.replace(ctx, account["id"], params["external_account"])


def _request(account: Json, name: str, requested: bool | None) -> None:
    if requested:
        account["capabilities"].setdefault(name, "inactive")
    elif requested is False:
        account["capabilities"].pop(name, None)


def _apply_profile(account: Json, profile: Json) -> None:
    if profile.get("url"):
        check_url(profile["url"], param="business_profile[url]")
    if profile.get("support_url"):
        check_url(profile["support_url"], param="business_profile[support_url]")
    account["business_profile"] = merged(account["business_profile"], profile)


def _apply_terms(account: Json, terms: Json) -> None:
    collected_by_us = account["controller"]["requirement_collection"] == "application"
    if terms.keys() & {"date", "ip"} and not collected_by_us:
        raise invalid(_NO_TERMS, param="tos_acceptance")
    account["tos_acceptance"] = {**account["tos_acceptance"], **terms}


def _settings(params: Json) -> Json:
    settings: Json = params.get("settings") or {}
    descriptor = settings.get("payments", {}).get("statement_descriptor")
    if descriptor:
        check_descriptor(descriptor, param="settings[payments][statement_descriptor]")
    schedule = settings.get("payouts", {}).get("schedule", {})
    if schedule.get("delay_days") == "minimum":
        schedule["delay_days"] = 7
    return settings


def merged(old: Json, new: Json) -> Json:
    """New values over old ones, level by level; an empty text unsets."""
    result = dict(old)
    for name, value in new.items():
        nested = isinstance(value, dict) and isinstance(old.get(name), dict)
        result[name] = merged(old[name], value) if nested else (None if value == "" else value)
    return result

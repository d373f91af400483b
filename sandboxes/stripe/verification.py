"""What Stripe still wants to know of an account, and what it may do meanwhile."""

from sandboxes.stripe import external_accounts
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.account import requirements

_HOSTED = [
    "business_profile.mcc",
    "business_profile.url",
    "business_type",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
]
_VERIFIED_BIRTH = {"day": 1, "month": 1, "year": 1901}
_VERIFIED_LINE = "address_full_match"


def refreshed(ctx: Context, account: Json) -> Json:
    """The account with requirements, capabilities and permissions as they follow from what is known of it."""
    has_bank = bool(external_accounts.owned(ctx, account["id"]))
    missing = _missing(account, has_bank=has_bank)
    waiting = [] if missing or account["_onboarded"] else _unverified(account)
    due = missing + account["_restricted"]
    ready = not due and not waiting
    reason = "requirements.past_due" if due else "requirements.pending_verification" if waiting else None
    capabilities = {name: _status(ready, waiting) for name in account["capabilities"]}
    able = {"card_payments", "transfers"} & capabilities.keys()
    return account | {
        "capabilities": capabilities,
        "charges_enabled": ready and bool(able),
        "details_submitted": account["_onboarded"] or not missing,
        "payouts_enabled": ready and has_bank,
        "requirements": requirements(due, reason=reason, pending=waiting),
    }


def _status(ready: bool, waiting: list[str]) -> str:
    if ready:
        return "active"
    return "pending" if waiting else "inactive"


def _missing(account: Json, *, has_bank: bool) -> list[str]:
    if account["_onboarded"]:
        return []
    if account["controller"]["requirement_collection"] != "application":
        return list(_HOSTED)
    person, terms = account["_individual"], account["tos_acceptance"]
    birth, address = person.get("dob") or {}, person.get("address") or {}
    known = {
        "external_account": has_bank,
        "individual.address.line1": address.get("line1"),
        "individual.dob.day": birth.get("day"),
        "individual.dob.month": birth.get("month"),
        "individual.dob.year": birth.get("year"),
        "tos_acceptance.date": terms["date"],
        "tos_acceptance.ip": terms["ip"],
    }
    return [name for name, value in known.items() if not value]


def _unverified(account: Json) -> list[str]:
    """A person is verified at once by the birth date and address Stripe names for tests."""
    person = account["_individual"]
    pending = []
    if person.get("address", {}).get("line1") != _VERIFIED_LINE:
        pending.append("individual.address.line1")
    if person.get("dob") != _VERIFIED_BIRTH:
        pending.append("individual.dob.year")
    return pending

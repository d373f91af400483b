"""Payment methods: cards and SEPA direct debits."""

from sandboxes.stripe import banks
from sandboxes.stripe.cards import TestCard
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.ids import new_id

_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def billing_details(given: Json | None = None) -> Json:
    """Billing details with every key; empty texts count as nothing."""
    given = given or {}
    address = given.get("address") or {}
    return {
        "address": {name: address.get(name) or None for name in _ADDRESS},
        **{name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")},
    }


def new_card(
    ctx: Context, card: TestCard, *, exp_month: int, exp_year: int, checked: bool, billing: Json
) -> Json:
    """A card; ``checked`` says that a CVC was given."""
    return _new(
        ctx,
        "card",
        billing,
        {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked" if checked else None,
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": banks.fingerprint(card.number),
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        number=card.number,
    )


def new_sepa_debit(ctx: Context, iban: str, billing: Json) -> Json:
    """A bank account that is debited."""
    details = {
        "bank_code": iban[4:9],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": banks.fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }
    return _new(ctx, "sepa_debit", billing, details, number=iban)


def _new(ctx: Context, type: str, billing: Json, details: Json, *, number: str) -> Json:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing,
        type: details,
        "created": ctx.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": type,
        "_number": number,
        "_used": False,
    }

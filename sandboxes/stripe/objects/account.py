"""A connected account as it begins."""

from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.regions import CURRENCY_OF

CONTROLLERS: dict[str, Json] = {
    "standard": {"fees": "account", "losses": "stripe", "requirement_collection": "stripe", "stripe_dashboard": "full"},
    "express": {"fees": "application_express", "losses": "application", "requirement_collection": "stripe",
                "stripe_dashboard": "express"},
    "custom": {"fees": "application_custom", "losses": "application", "requirement_collection": "application",
               "stripe_dashboard": "none"},
}  # fmt: skip


def controller(kind: Json) -> Json:
    """``controller`` from the four choices it is made of."""
    return {
        "type": "application",
        "is_controller": True,
        "fees": {"payer": kind["fees"]},
        "losses": {"payments": kind["losses"]},
        "requirement_collection": kind["requirement_collection"],
        "stripe_dashboard": {"type": kind["stripe_dashboard"]},
    }


def requirements(due: list[str], *, reason: str | None, pending: list[str]) -> Json:
    """``requirements``; ``due`` are what is asked for now."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": pending,
    }


def new_account(ctx: Context, id: str, *, country: str, type: str, controller: Json) -> Json:
    """An account nothing is known of."""
    return {
        "id": id,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": None,
            "minority_owned_business_designation": None,
            "name": None,
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": controller,
        "country": country,
        "created": ctx.now(),
        "default_currency": CURRENCY_OF.get(country, ctx.currency),
        "details_submitted": False,
        "email": None,
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": requirements([], reason=None, pending=[]),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": requirements([], reason=None, pending=[]),
        "settings": _settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": type,
        "_deauthorized": False,
        "_individual": {},
        "_onboarded": False,
        "_restricted": [],
    }


def _settings() -> Json:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 7, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }

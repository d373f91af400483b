"""One mail of each kind with everything that its template may say, unsaved."""

from datetime import UTC, datetime
from typing import Any

from callastar.accounts.models import User
from callastar.mail.models import EmailLog
from callastar.mail.sealing import seal
from tests.unit.mail.money_samples import AWKWARD, BOOKING, MAKERS, queued

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STARTS_AT = "2026-03-03T17:00:00+00:00"
SECRET = "https://site.example/secret?token=very&private=1"

_CALL = {"offer_title": f"Chanter – {AWKWARD}", "other_name": AWKWARD, "starts_at": STARTS_AT}
_AMOUNT = {"amount": {"minor": 10000, "currency": "EUR"}}
_INVITE = {"duration_minutes": 30, "invite": {"method": "REQUEST", "sequence": 0}}
_RESET = {"reset_url": "https://site.example/reset"}

CONTEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "booking_confirmed_fan": ("booking_confirmed_fan", {**_CALL, **_AMOUNT, **_INVITE}),
    "booking_confirmed_creator": ("booking_confirmed_creator", {**_CALL, **_AMOUNT, **_INVITE}),
    "hold_lapsed": ("hold_lapsed", {**_CALL, "creator_url": "https://site.example/creators/zoe"}),
    "payment_failed": (
        "payment_failed",
        {**_CALL, **_AMOUNT, "reason_code": "expired_card", "hold_expires_at": STARTS_AT},
    ),
    "refunded": ("refunded", {**_CALL, **_AMOUNT, "late": False}),
    "refunded late": ("refunded", {**_CALL, **_AMOUNT, "late": True}),
    "verify_email": ("verify_email", {"signup": False, "valid_days": 1}),
    "verify_email at sign-up": ("verify_email", {"signup": True, "valid_days": 3}),
    "reset_password": ("reset_password", {"valid_days": 3}),
    "email_already_used": ("email_already_used", {"action_url": "https://site.example/login", **_RESET}),
    "call_moved_admin": (
        "call_moved_admin",
        {
            "title": f"Chanter – {AWKWARD}",
            "starts_at": STARTS_AT,
            "error": "500 <Server Error>",
            "admin_url": "https://site.example/fr/dashboard/admin/calls/call/1/change/",
        },
    ),
    **{
        f"outcome_to_decide_admin {why}": (
            "outcome_to_decide_admin",
            {
                "why": why,
                "offer_title": f"Chanter – {AWKWARD}",
                "creator_name": AWKWARD,
                "fan_name": AWKWARD,
                "starts_at": STARTS_AT,
                "said": f"{AWKWARD}" if why == "contested" else "",
                "admin_url": "https://site.example/fr/dashboard/admin/calls/call/1/change/",
            },
        )
        for why in ("technical", "unknown", "contested")
    },
    "account_notice": (
        "account_notice",
        {"kind": "totp_activated", "at": STARTS_AT, "can_reset": True, **_RESET},
    ),
    "account_notice unknown": (
        "account_notice",
        {"kind": "news_to_us", "at": STARTS_AT, "can_reset": True, **_RESET},
    ),
    "account_notice to the old address": (
        "account_notice",
        {"kind": "email_changed", "at": STARTS_AT, "can_reset": False, **_RESET},
    ),
}
KINDS = (*CONTEXTS, *MAKERS)
WITH_SECRET = {"verify_email", "reset_password"}


def sample(kind: str, locale: str, *, zone: str = "Europe/Paris", name: str = AWKWARD) -> EmailLog:
    """A mail of one of `KINDS`, not rendered yet."""
    template, context, metadata = _content(kind, locale)
    return EmailLog(
        template=template,
        locale=locale,
        time_zone=zone,
        to="fan@example.com",
        context={"recipient_name": name, **context},
        metadata=metadata,
        secret_context=seal({"action_url": SECRET}) if template in WITH_SECRET else "",
        created_at=NOW,
    )


def _content(kind: str, locale: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    if kind in CONTEXTS:
        return *CONTEXTS[kind], {"booking": str(BOOKING)}
    mail = queued(kind, User(locale=locale))
    return mail["template"], mail["context"], mail["metadata"]

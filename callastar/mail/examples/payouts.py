"""Examples of the mails about payouts."""

from datetime import date
from typing import Any

from callastar.mail import money_messages
from callastar.mail.examples.scene import ALL, AT, ROW, Makes, Scene

_PAYOUT: dict[str, Any] = {"payout_id": ROW, "amount": ALL}
_FAILED = {**_PAYOUT, "reason_code": "account_closed"}


def payouts(scene: Scene) -> Makes:
    """From the request to the bank, and back from it."""
    to_admin = {"creator_name": scene.creator, "path": f"dashboard/admin/payouts/payout/{ROW}/change/"}
    paid, failed = money_messages.payout_paid, money_messages.payout_failed_admin
    return {
        "payout_requested": (money_messages.payout_requested, {**_PAYOUT, "payments": 3}),
        "payout_requested_admin": (
            money_messages.payout_requested_admin,
            {**_PAYOUT, **to_admin, "payments": 3},
        ),
        "payout_approved": (money_messages.payout_approved, _PAYOUT),
        "payout_rejected": (money_messages.payout_rejected, {**_PAYOUT, "reason": scene.rejected}),
        "payout_paid": (
            paid,
            {**_PAYOUT, "bank_last4": "3000", "arrived_at": date(2026, 3, 3), "calls": 3},
        ),
        "payout_paid, little known": (paid, {**_PAYOUT, "bank_last4": "", "arrived_at": AT}),
        **{
            f"payout_failed {step}{', then' if at else ''}": (
                money_messages.payout_failed,
                {**_FAILED, "next_step": step, "retry_at": at},
            )
            for step, at in (("retry", AT), ("retry", None), ("fix_bank", None), ("blocked", None))
        },
        "payout_failed_admin": (failed, {**_FAILED, **to_admin, "blocked": False}),
        "payout_failed_admin blocked": (
            failed,
            {**_FAILED, **to_admin, "reason_code": "", "blocked": True},
        ),
    }

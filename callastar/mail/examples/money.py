"""Examples of the mails about money that goes back: debts, disputes, refunds, and books that differ."""

from typing import Any

from callastar.core.money import Currency, Money
from callastar.mail import money_messages
from callastar.mail.examples.scene import ALL, AT, BOOKING, HALF, HALF_SHARE, NOTHING, ROW, Makes, Scene

_OWED: dict[str, Any] = {"debt_total": Money(15000, Currency.EUR), "threshold": ALL, "key": "2026-03-03"}
_DISPUTE: dict[str, Any] = {"dispute_id": ROW, "amount": ALL}
_OPENED = {**_DISPUTE, "reason_code": "fraudulent", "evidence_due_by": AT}
_PAGE = f"{ROW}/change/"


def money(scene: Scene) -> Makes:
    """What a creator owes, what a bank takes back, and what does not add up."""
    return {**_debts(scene), **_disputes(scene), **_reconciliation(scene)}


def _debts(scene: Scene) -> Makes:
    deducted, refund = money_messages.debt_deducted, money_messages.refund_made_creator
    given_back = {**scene.call(scene.fan), "refund_id": ROW, "amount": HALF}
    to_admin = {"creator_name": scene.creator, "path": f"dashboard/admin/payments/debt/{_PAGE}"}
    return {
        **{
            f"debt_made {cause}": (
                money_messages.debt_made,
                {"debt_id": ROW, "amount": ALL, "cause": cause, "offer_title": scene.title},
            )
            for cause in ("refund", "dispute", "dispute_fee")
        },
        "debt_deducted": (deducted, {"settlement_id": ROW, "amount": HALF, "remaining": HALF}),
        "debt_deducted all": (deducted, {"settlement_id": ROW, "amount": ALL, "remaining": NOTHING}),
        "debt_threshold_exceeded": (money_messages.debt_threshold_exceeded, _OWED),
        "debt_threshold_exceeded_admin": (
            money_messages.debt_threshold_exceeded_admin,
            {**_OWED, **to_admin},
        ),
        "refund_made_creator": (refund, {**given_back, "taken": HALF_SHARE}),
        "refund_made_creator, nothing taken": (refund, {**given_back, "taken": NOTHING}),
    }


def _disputes(scene: Scene) -> Makes:
    call, opened = scene.call(scene.fan), money_messages.dispute_opened
    to_admin = {
        "offer_title": scene.title,
        "starts_at": AT,
        "creator_name": scene.creator,
        "fan_name": scene.fan,
        "path": f"dashboard/admin/payments/dispute/{_PAGE}",
    }
    return {
        "dispute_opened": (opened, {**call, **_OPENED, "share": HALF}),
        "dispute_opened, nothing held": (
            opened,
            {**call, **_OPENED, "share": NOTHING, "evidence_due_by": None},
        ),
        "dispute_opened_admin": (money_messages.dispute_opened_admin, {**_OPENED, **to_admin}),
        "dispute_opened_admin inquiry": (
            money_messages.dispute_opened_admin,
            {**_OPENED, **to_admin, "evidence_due_by": None},
        ),
        **{
            f"dispute_closed {'won' if won else 'lost'}{'' if share.minor else ', nothing held'}": (
                money_messages.dispute_closed,
                {**call, **_DISPUTE, "share": share, "won": won},
            )
            for won in (True, False)
            for share in (HALF, NOTHING)
        },
    }


def _reconciliation(scene: Scene) -> Makes:
    alert = money_messages.reconciliation_alert_admin
    run = {"run_id": ROW, "path": f"dashboard/admin/ledger/reconciliationrun/{_PAGE}"}
    one, many = [f"payment {BOOKING}: 100.00 <> 0.00"], [f"ch_{n}: 100.00 <> 0.00" for n in range(30)]
    return {
        "reconciliation_alert_admin": (alert, {**run, "differences": 1, "lines": one}),
        "reconciliation_alert_admin, many": (alert, {**run, "differences": 30, "lines": many}),
    }

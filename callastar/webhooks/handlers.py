"""The table from event type to operation. An event is a trigger: what it names is fetched again from the provider."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callastar.bookings.operations.settle import settle_intent
from callastar.calls.operations.news import note_meeting, note_participant
from callastar.calls.operations.recording import note_error, sync_recording
from callastar.creators.operations import apply_account_update
from callastar.mail.operations import note_event
from callastar.payments.operations.money import sync_charge, sync_refund, sync_transfer
from callastar.payouts.operations.settle import sync_stripe_payout

Handler = Callable[[dict[str, Any], datetime], None]


def _object(payload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = payload["data"]["object"]
    return found


def _object_id(payload: dict[str, Any]) -> str:
    return str(_object(payload)["id"])


def _account_of(payload: dict[str, Any]) -> str:
    """The connected account that an event is about; empty for the platform's own."""
    return str(payload.get("account") or "")


def _intent(payload: dict[str, Any], now: datetime) -> None:
    settle_intent(intent_id=_object_id(payload), now=now)


def _charge(payload: dict[str, Any], now: datetime) -> None:
    if not _account_of(payload):  # a connected account's own charges are the other side of our transfers
        sync_charge(charge_id=_object_id(payload), now=now)


def _refund(payload: dict[str, Any], now: datetime) -> None:
    if not _account_of(payload):
        sync_refund(stripe_refund_id=_object_id(payload), now=now)


def _transfer(payload: dict[str, Any], now: datetime) -> None:
    sync_transfer(transfer_id=_object_id(payload), now=now)


def _dispute(payload: dict[str, Any], now: datetime) -> None:
    sync_charge(charge_id=str(_object(payload)["charge"]), now=now, with_disputes=True)


def _payout(payload: dict[str, Any], now: datetime) -> None:
    sync_stripe_payout(account=_account_of(payload), stripe_payout_id=_object_id(payload), now=now)


def _account(payload: dict[str, Any], now: datetime) -> None:
    apply_account_update(account_id=_object_id(payload), now=now)


def _deauthorized(payload: dict[str, Any], now: datetime) -> None:
    apply_account_update(account_id=_account_of(payload), now=now)


_STRIPE: dict[str, Handler] = {
    "payment_intent.succeeded": _intent,
    "payment_intent.payment_failed": _intent,
    "payment_intent.processing": _intent,
    "payment_intent.canceled": _intent,
    "charge.updated": _charge,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "transfer.reversed": _transfer,
    "payout.created": _payout,
    "payout.updated": _payout,
    "payout.paid": _payout,
    "payout.failed": _payout,
    "payout.canceled": _payout,
    "account.updated": _account,
    "account.application.deauthorized": _deauthorized,
}


def _meeting(payload: dict[str, Any], now: datetime) -> None:
    note_meeting(payload=payload["payload"])


def _participant(payload: dict[str, Any], now: datetime) -> None:
    note_participant(payload=payload["payload"])


def _recording(payload: dict[str, Any], now: datetime) -> None:
    sync_recording(recording_id=str(payload["payload"]["recording_id"]), now=now)


def _recording_error(payload: dict[str, Any], now: datetime) -> None:
    news = payload["payload"]
    note_error(room_name=str(news["room_name"]), message=str(news.get("error_msg", "")), now=now)


# Who was there is what the event says of our token: Daily's lists, which know no more, are asked before judging.
_DAILY: dict[str, Handler] = {
    "meeting.started": _meeting,
    "meeting.ended": _meeting,
    "participant.joined": _participant,
    "participant.left": _participant,
    "recording.started": _recording,
    "recording.ready-to-download": _recording,
    "recording.error": _recording_error,
}


def _mail(payload: dict[str, Any], now: datetime) -> None:
    note_event(payload=payload, now=now)


_RESEND: dict[str, Handler] = {
    "email.sent": _mail,
    "email.delivered": _mail,
    "email.bounced": _mail,
    "email.complained": _mail,
    "email.failed": _mail,
    "email.suppressed": _mail,
}

HANDLERS: dict[tuple[str, str], Handler] = {
    **{("stripe", type): handler for type, handler in _STRIPE.items()},
    **{("daily", type): handler for type, handler in _DAILY.items()},
    **{("resend", type): handler for type, handler in _RESEND.items()},
}

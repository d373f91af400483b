"""Charges: begin, succeed, fail, authorise, capture; and the lists."""

from sandboxes.stripe import cards, events, repo, settlement
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.charge import APPROVED, for_intent
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.ids import token

_DISPUTE_SECONDS = 2


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/charges/:id"""
    return repo.get(ctx, call.account, "charge", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/charges"""
    found = repo.every(ctx, call.account, "charge")
    return lists.page(
        found, call.params, "/v1/charges", filters=("customer", "payment_intent", "transfer_group")
    )


def begin(ctx: Context, account: str, intent: Json, method: Json, *, authenticated: bool = False) -> Json:
    """The charge of an attempt, pending."""
    return repo.save(ctx, account, for_intent(ctx, intent, method, authenticated=authenticated))


def fail(ctx: Context, account: str, charge: Json, *, code: str, message: str, outcome: Json) -> None:
    """The bank refused it."""
    charge |= {"status": "failed", "failure_code": code, "failure_message": message, "outcome": outcome}
    repo.save(ctx, account, charge)
    events.emit(ctx, account, "charge.failed", charge)


def authorise(ctx: Context, account: str, intent: Json, charge: Json) -> Json:
    """The money is reserved, to be captured later; gives the intent."""
    charge |= _paid(ctx, charge)
    repo.save(ctx, account, charge)
    intent |= _settled(charge) | {"status": "requires_capture", "amount_capturable": charge["amount"]}
    repo.save(ctx, account, intent)
    events.emit(ctx, account, "charge.succeeded", charge)
    events.emit(ctx, account, "payment_intent.amount_capturable_updated", intent)
    return intent


def succeed(ctx: Context, account: str, intent: Json, charge: Json) -> Json:
    """The money has come; gives the intent. With ``automatic_async`` the books follow a moment later."""
    charge |= _paid(ctx, charge) | {"captured": True, "amount_captured": charge["amount"]}
    repo.save(ctx, account, charge)
    _complete(ctx, account, intent, charge)
    events.emit(ctx, account, "charge.succeeded", charge)
    events.emit(ctx, account, "payment_intent.succeeded", intent)
    _follow_up(ctx, account, charge)
    return intent


def capture(ctx: Context, account: str, intent: Json, amount: int) -> Json:
    """Take what was reserved, or part of it; gives the intent."""
    charge = repo.get(ctx, account, "charge", intent["latest_charge"])
    released = charge["amount"] - amount
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "amount_refunded": released,
        "application_fee_amount": intent["application_fee_amount"],
    }
    repo.save(ctx, account, charge)
    _complete(ctx, account, intent, charge)
    events.emit(ctx, account, "charge.captured", charge)
    events.emit(ctx, account, "payment_intent.succeeded", intent)
    _follow_up(ctx, account, charge)
    return intent


def release(ctx: Context, account: str, intent: Json) -> None:
    """Give back what was only reserved."""
    charge = repo.get(ctx, account, "charge", intent["latest_charge"])
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    repo.save(ctx, account, charge)
    events.emit(ctx, account, "charge.refunded", charge)


def _paid(ctx: Context, charge: Json) -> Json:
    receipt = f"https://pay.stripe.com/receipts/payment/{token(40)}"
    return {"status": "succeeded", "paid": True, "outcome": dict(APPROVED), "receipt_url": receipt}


def _settled(charge: Json) -> Json:
    return {
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "processing": None,
    }


def _complete(ctx: Context, account: str, intent: Json, charge: Json) -> None:
    intent |= _settled(charge) | {
        "status": "succeeded",
        "amount_received": charge["amount_captured"],
        "amount_capturable": 0,
    }
    repo.save(ctx, account, intent)
    if intent["capture_method"] == "automatic_async":
        settlement.later(ctx, account, charge["id"])
    else:
        charge |= settlement.settle(ctx, account, charge)


def _follow_up(ctx: Context, account: str, charge: Json) -> None:
    """A test card that is disputed."""
    method = repo.get(ctx, account, "payment_method", charge["payment_method"])
    card = cards.by_number(method["_number"]) if method["type"] == "card" else None
    if card and card.dispute:
        status = "warning_needs_response" if card.inquiry else "needs_response"
        payload = {"account": account, "charge_id": charge["id"], "reason": card.dispute, "status": status}
        ctx.timers.at(ctx.clock.now() + _DISPUTE_SECONDS, "open_dispute", payload)

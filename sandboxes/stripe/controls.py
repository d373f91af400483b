"""The controls that are Stripe's own: POST /_control/…"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from sandboxes.kit.control import Control
from sandboxes.stripe import accounts, balance, banks, confirmation, disputes, payouts, refunds, render, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.dispatch import LATENCY_SETTING

Use = Callable[[Context, str, Json], Json]


def controls(ctx: Context) -> list[Control]:
    """What a person, a test or the dashboard can make happen."""
    due = {"requirements": ["individual.verification.document"]}
    dispute = {"charge": "ch_…", "reason": "fraudulent", "amount": 1000, "status": "needs_response"}
    adjustment = {"account": "acct_…", "currency": "eur", "amount": -500}
    return [
        _control(ctx, "accounts/{id}/onboard", lambda c, id, _: accounts.complete_onboarding(c, id),
                 "Complete an account's onboarding: it can take payments and be paid out."),
        _control(ctx, "accounts/{id}/restrict", _restrict,
                 "Ask for more and stop payments and payouts meanwhile; an empty list lets go.", due),
        _control(ctx, "accounts/{id}/bank_account", _replace_bank, "Let the account's owner give another bank account "
                 "for payouts, as in the Express dashboard.", {"account_number": banks.TEST_IBANS["DE"]}),
        _control(ctx, "accounts/{id}/deauthorize", lambda c, id, _: accounts.deauthorize(c, id),
                 "Let the account's owner disconnect the platform."),
        _control(ctx, "payment_intents/{id}/succeed", lambda c, id, _: _finish_debit(c, id, ok=True),
                 "Let a processing payment succeed now."),
        _control(ctx, "payment_intents/{id}/fail", lambda c, id, _: _finish_debit(c, id, ok=False),
                 "Let a processing payment fail now."),
        _control(ctx, "refunds/{id}/fail", _fail_refund, "Let a refund come back from the payer's bank."),
        _control(ctx, "balance", _adjust, "Let Stripe itself book an adjustment on an account's balance; account null "
                 "is the platform.", adjustment),
        _control(ctx, "disputes", _open_dispute, "Open a dispute on a charge (or payment_intent), of all that is left "
                 "or an amount; with status warning_needs_response an inquiry, which takes no money.", dispute),
        _control(ctx, "disputes/{id}/close", _close_dispute, "Let the bank decide a dispute: won or lost; an inquiry "
                 "that is closed as won becomes warning_closed.", {"status": "won"}),
        _control(ctx, "disputes/{id}/escalate", lambda c, id, _: disputes.escalate(c, *_owner(c, "dispute", id)),
                 "Let an inquiry become a dispute that takes the money."),
        _control(ctx, "payouts/{id}/pay", lambda c, id, _: payouts.pay(c, *_owner(c, "payout", id)),
                 "Let a payout arrive now."),
        _control(ctx, "payouts/{id}/fail", _fail_payout, "Let a payout fail, even one that was paid.",
                 {"failure_code": "account_closed"}),
        Control("POST", "latency", _latency(ctx), "How long a request with an idempotency key takes, in seconds: "
                "a second one with the same key meets it in progress.", {"seconds": 0.5}),
    ]  # fmt: skip


def _control(ctx: Context, path: str, use: Use, summary: str, example: Json | None = None) -> Control:
    def handler(request: Request, body: Json) -> Json:
        with ctx.store.transaction():
            return render.shown(ctx, use(ctx, request.path_params.get("id", ""), body))

    return Control("POST", path, handler, summary, example)


def _owner(ctx: Context, kind: str, id: str) -> tuple[str, str]:
    return repo.locate(ctx, kind, id)[0], id


def _restrict(ctx: Context, id: str, body: Json) -> Json:
    fields = body.get("requirements", ["individual.verification.document"])
    if not isinstance(fields, list) or not all(isinstance(each, str) for each in fields):
        raise ValueError("requirements must be a list of field names")
    return accounts.restrict(ctx, id, fields)


def _finish_debit(ctx: Context, id: str, *, ok: bool) -> Json:
    account, _ = repo.locate(ctx, "payment_intent", id)
    intent = confirmation.finish_debit(ctx, account, id, ok=ok)
    if intent is None:
        raise ValueError("the payment is not processing")
    ctx.timers.cancel("debit_" + id)
    return intent


def _fail_refund(ctx: Context, id: str, body: Json) -> Json:
    account, _ = repo.locate(ctx, "refund", id)
    return refunds.fail(ctx, account, id, body.get("failure_reason", "expired_or_canceled_card"))


def _open_dispute(ctx: Context, _: str, body: Json) -> Json:
    id = body.get("charge") or _charge_of(ctx, str(body.get("payment_intent")))
    reason, status = body.get("reason", "fraudulent"), body.get("status", "needs_response")
    return disputes.open_dispute(ctx, ctx.platform, id, reason, body.get("amount"), status)


def _charge_of(ctx: Context, intent_id: str) -> str:
    return str(repo.locate(ctx, "payment_intent", intent_id)[1]["latest_charge"])


def _close_dispute(ctx: Context, id: str, body: Json) -> Json:
    return disputes.decide(ctx, ctx.platform, id, str(body.get("status")))


def _replace_bank(ctx: Context, id: str, body: Json) -> Json:
    return accounts.replace_bank(ctx, id, str(body.get("account_number", "")))


def _adjust(ctx: Context, _: str, body: Json) -> Json:
    return balance.adjust(ctx, body.get("account"), body.get("amount"), str(body.get("currency")))


def _fail_payout(ctx: Context, id: str, body: Json) -> Json:
    return payouts.fail(ctx, *_owner(ctx, "payout", id), body.get("failure_code", "could_not_process"))


def _latency(ctx: Context) -> Callable[[Request, Json], Any]:
    def set_latency(_: Request, body: Json) -> Json:
        seconds = float(body.get("seconds", 0))
        ctx.store.set_setting(LATENCY_SETTING, seconds)
        return {"seconds": seconds}

    return set_latency

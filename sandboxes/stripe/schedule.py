"""What happens by itself, later: each timer's name and the use case it runs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandboxes.stripe import confirmation, disputes, payouts, refunds, settlement
from sandboxes.stripe.context import Context, Json

_WORK: dict[str, Callable[..., Any]] = {
    "settle_charge": settlement.settle_now,
    "finish_debit": confirmation.finish_debit,
    "finish_refund": refunds.finish,
    "fail_refund": refunds.fail,
    "send_payout": payouts.send,
    "arrive_payout": payouts.arrive,
    "open_dispute": disputes.open_dispute,
    "decide_dispute": disputes.follow_evidence,
    "expire_dispute": disputes.expire,
}


def register(ctx: Context) -> None:
    """Tell the timers what to run; a timer may run twice after a crash, so each looks at the state first."""
    for name, work in _WORK.items():
        ctx.timers.on(name, partial(_run, ctx, work))


def _run(ctx: Context, work: Callable[..., Any], payload: Json) -> None:
    with ctx.store.transaction():
        work(ctx, **payload)

"""Jobs of payments: each takes an id, and calls one operation."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.payments.operations import disputes, execute, money, names


@app.task(name=names.SYNC_CHARGE, retry=Backoff(tries=20), queue="money")
def sync_charge(*, charge_id: str) -> None:
    """Write down what became of a charge; the reconciling job goes on where the tries end."""
    money.sync_charge(charge_id=charge_id, now=clock.now())


@app.task(name=names.EXECUTE_REFUND, retry=Backoff(tries=40), queue="money")
def execute_refund(*, refund_id: str) -> None:
    """Make one refund at Stripe; asked for about six hours before a person must look."""
    execute.execute_refund(refund_id=UUID(refund_id), now=clock.now())


@app.task(name=names.EXECUTE_REVERSAL, retry=Backoff(tries=40), queue="money")
def execute_reversal(*, reversal_id: str) -> None:
    """Take one part of a transfer back."""
    execute.execute_reversal(reversal_id=UUID(reversal_id), now=clock.now())


@app.task(name=names.EXECUTE_RESTITUTION, retry=Backoff(tries=40), queue="money")
def execute_restitution(*, restitution_id: str) -> None:
    """Give a creator back what a won dispute had taken."""
    execute.execute_restitution(restitution_id=UUID(restitution_id), now=clock.now())


@app.task(name=names.SETTLE_DISPUTE, retry=Backoff(tries=10), queue="money")
def settle_dispute(*, dispute_id: str) -> None:
    """See what a won dispute gives back."""
    disputes.settle_won_dispute(dispute_id=UUID(dispute_id), now=clock.now())


@app.task(name=names.RECOVER_DEBTS, retry=Backoff(tries=10), queue="money")
def recover_debts(*, creator_id: int, from_all: bool = False) -> None:
    """Take back what a creator owes, where its money is still in the account; `from_all`: from other payments, too."""
    execute.recover_debts(creator_id=creator_id, now=clock.now(), from_all=from_all)

"""Everything that moved at Stripe since a time, newest first: what the ledger is compared with.

Iterators read page by page and raise `ProviderError` at any page.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callastar.providers.stripe.client import every
from callastar.providers.stripe.money_parsing import dispute_snapshot, transfer_snapshot
from callastar.providers.stripe.money_types import DisputeSnapshot, PayoutSnapshot, TransferSnapshot
from callastar.providers.stripe.parsing import charge_snapshot, refund_snapshot
from callastar.providers.stripe.payouts import list_payouts
from callastar.providers.stripe.types import ChargeSnapshot, RefundSnapshot


def charges_since(since: datetime) -> Iterator[ChargeSnapshot]:
    """Charges, failed ones among them, with Stripe's fee where it is known."""
    asked = {**_created(since), "expand": ["data.balance_transaction"]}
    return map(charge_snapshot, every(lambda c: c.v1.charges.list, asked))


def refunds_since(since: datetime) -> Iterator[RefundSnapshot]:
    """Refunds in any state."""
    return map(refund_snapshot, every(lambda c: c.v1.refunds.list, _created(since)))


def transfers_since(since: datetime) -> Iterator[TransferSnapshot]:
    """Transfers made since then, with all their reversals."""
    return map(transfer_snapshot, every(lambda c: c.v1.transfers.list, _created(since)))


def disputes_since(since: datetime) -> Iterator[DisputeSnapshot]:
    """Disputes opened since then, as they are now."""
    return map(dispute_snapshot, every(lambda c: c.v1.disputes.list, _created(since)))


def payouts_since(since: datetime, *, account: str | None = None) -> Iterator[PayoutSnapshot]:
    """Payouts of a connected account, or of the platform itself."""
    return list_payouts(account=account, since=since)


def _created(since: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(since.timestamp())}}

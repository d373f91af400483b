"""Everything that moved at Stripe since a time, newest first: what the ledger is compared with.

Iterators read page by page and raise `ProviderError` at any page. `until` leaves out what was made then or later.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callastar.providers.stripe.client import every
from callastar.providers.stripe.money_parsing import dispute_snapshot, fee_snapshot, transfer_snapshot
from callastar.providers.stripe.money_types import (
    ApplicationFeeSnapshot,
    DisputeSnapshot,
    PayoutSnapshot,
    TransferSnapshot,
)
from callastar.providers.stripe.parsing import charge_snapshot, refund_snapshot
from callastar.providers.stripe.payouts import list_payouts
from callastar.providers.stripe.types import ChargeSnapshot, RefundSnapshot


def charges_since(since: datetime, until: datetime | None = None) -> Iterator[ChargeSnapshot]:
    """Charges, failed ones among them, with Stripe's fee where it is known."""
    asked = {**_created(since, until), "expand": ["data.balance_transaction"]}
    return map(charge_snapshot, every(lambda c: c.v1.charges.list, asked))


def refunds_since(since: datetime, until: datetime | None = None) -> Iterator[RefundSnapshot]:
    """Refunds in any state."""
    return map(refund_snapshot, every(lambda c: c.v1.refunds.list, _created(since, until)))


def transfers_since(since: datetime, until: datetime | None = None) -> Iterator[TransferSnapshot]:
    """Transfers made since then, with all their reversals."""
    return map(transfer_snapshot, every(lambda c: c.v1.transfers.list, _created(since, until)))


def fees_since(since: datetime, until: datetime | None = None) -> Iterator[ApplicationFeeSnapshot]:
    """Application fees taken since then, with all that went back of them."""
    return map(fee_snapshot, every(lambda c: c.v1.application_fees.list, _created(since, until)))


def disputes_since(since: datetime, until: datetime | None = None) -> Iterator[DisputeSnapshot]:
    """Disputes opened since then, as they are now."""
    return map(dispute_snapshot, every(lambda c: c.v1.disputes.list, _created(since, until)))


def payouts_since(since: datetime, *, account: str | None = None) -> Iterator[PayoutSnapshot]:
    """Payouts of a connected account, or of the platform itself."""
    return list_payouts(account=account, since=since)


def _created(since: datetime, until: datetime | None) -> dict[str, Any]:
    within = {"gte": int(since.timestamp())}
    if until is not None:
        within["lt"] = int(until.timestamp())
    return {"created": within}

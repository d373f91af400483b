"""Disputes at Stripe. Answers are plain values; errors are `ProviderError`."""

from typing import Any

from callastar.core.errors import ProviderError
from callastar.providers.stripe.client import call, every, options
from callastar.providers.stripe.errors import DISPUTE_CLOSED
from callastar.providers.stripe.money_parsing import dispute_snapshot
from callastar.providers.stripe.money_types import DisputeSnapshot


def get_dispute(*, dispute_id: str) -> DisputeSnapshot:
    """The dispute as it is now."""
    return dispute_snapshot(call(lambda c: c.v1.disputes.retrieve(dispute_id)))


def disputes_of_charge(*, charge_id: str) -> tuple[DisputeSnapshot, ...]:
    """All disputes of a charge, oldest first."""
    found = list(every(lambda c: c.v1.disputes.list, {"charge": charge_id}))
    return tuple(dispute_snapshot(each) for each in reversed(found))


def submit_evidence(
    *, dispute_id: str, evidence: dict[str, str], submit: bool, idempotency_key: str
) -> DisputeSnapshot:
    """Put evidence, by Stripe's names of its parts, on the dispute; with `submit` it goes to the bank for good.

    The parts: https://docs.stripe.com/api/disputes/evidence_object; together at most 150,000 characters.
    """
    params: Any = {"evidence": evidence, "submit": submit}
    return dispute_snapshot(
        call(lambda c: c.v1.disputes.update(dispute_id, params, options(idempotency_key=idempotency_key)))
    )


def accept_dispute(*, dispute_id: str) -> DisputeSnapshot:
    """Give in: the dispute is lost for good. One that is closed already is answered as it stands."""
    try:
        return dispute_snapshot(call(lambda c: c.v1.disputes.close(dispute_id)))
    except ProviderError as error:
        if error.code != DISPUTE_CLOSED:
            raise
        return get_dispute(dispute_id=dispute_id)

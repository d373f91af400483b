"""Which state of a payout follows which (PO-4)."""

REQUESTED, APPROVED, PROCESSING = "REQUESTED", "APPROVED", "PROCESSING"
PAID, FAILED, REJECTED, CANCELED = "PAID", "FAILED", "REJECTED", "CANCELED"
ACTIVE = frozenset({REQUESTED, APPROVED, PROCESSING})

_NEXT = {
    REQUESTED: {APPROVED, REJECTED, CANCELED},
    # Cancelled by the system, when nothing is payable any more by the time it is carried out.
    APPROVED: {PROCESSING, FAILED, CANCELED},
    # Cancelled at Stripe, which gives the money back to the account.
    PROCESSING: {PAID, FAILED, CANCELED},
    # A bank may send back what Stripe took for paid, for days after.
    PAID: {FAILED},
}

_STRIPE_STATUS = {
    "pending": PROCESSING,
    "in_transit": PROCESSING,
    "paid": PAID,
    "failed": FAILED,
    "canceled": CANCELED,
}


def may_become(*, status: str, to: str) -> bool:
    """Whether a payout in `status` may change to `to`."""
    return to in _NEXT.get(status, ())


def is_cancelable(status: str) -> bool:
    """Whether the creator may still take the request back: only while no admin has decided."""
    return status == REQUESTED


def status_of_stripe(stripe_status: str) -> str:
    """Our name for Stripe's status of a payout; an unknown one is still on its way."""
    return _STRIPE_STATUS.get(stripe_status, PROCESSING)

"""Refunds that are promised and not settled: Stripe is asked again, until they are or somebody must look."""

from datetime import datetime, timedelta

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.payments.models import Refund, RefundStatus
from callastar.payments.operations.refunds import execute_refund, fail_refund, sync_refunds_of_charge

SETTLED_BY_ITSELF = timedelta(minutes=1)
# Stripe forgets a key after 24 h (https://docs.stripe.com/api/idempotent_requests): asked later it might refund twice.
KEEP_TRYING = timedelta(hours=23)


def chase_refunds(*, now: datetime) -> dict[str, int]:
    """Go on with every refund that has not ended; answers counts. One that fails does not stop the others."""
    counts = {"asked": 0, "failed": 0}
    waiting = Refund.objects.filter(status=RefundStatus.PENDING, created_at__lt=now - SETTLED_BY_ITSELF)
    for refund in waiting.select_related("payment").order_by("created_at").iterator(chunk_size=200):
        counts["asked"] += 1
        try:
            _chase(refund, now)
        except Exception as error:
            counts["failed"] += 1
            _note_failure(refund, error)
    return counts


def _chase(refund: Refund, now: datetime) -> None:
    if refund.stripe_refund_id or now < refund.created_at + KEEP_TRYING:
        execute_refund(refund_id=refund.pk)
        return
    sync_refunds_of_charge(charge_id=refund.payment.charge_id)  # it may have been made, and the answer lost
    fail_refund(refund_id=refund.pk, reason="Stripe could not be reached for a day")


def _note_failure(refund: Refund, error: Exception) -> None:
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="REFUND_DELAYED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"A refund could not be settled: {type(error).__name__}: {error}",
        booking=refund.payment.booking_id,
        refund=refund.pk,
    )

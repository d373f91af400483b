"""Questions about payments that those above ask."""

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from callastar.payments.models import Refund, RefundStatus


def unmade_refunds() -> QuerySet[Refund]:
    """Refunds that were promised, failed before Stripe made them, and were not asked for again.

    Their money is still with the creator, and the fan waits for it. Of a query of payments:
    `payments.exclude(Exists(unmade_refunds().filter(payment=OuterRef("pk"))))`.
    """
    key = Concat(Value("["), Cast(OuterRef("pk"), CharField()), Value("]"))
    again = Refund.objects.filter(payment=OuterRef("payment_id"), reason__startswith=key)
    return Refund.objects.filter(~Exists(again), status=RefundStatus.FAILED, stripe_refund_id="")


def is_unmade(refund: Refund) -> bool:
    """Whether a refund is one of `unmade_refunds`: it may be asked for again, once."""
    return unmade_refunds().filter(pk=refund.pk).exists()


def again_mark(refund: Refund) -> str:
    """How the reason of a refund begins that takes the place of one that was not made."""
    return f"[{refund.pk}]"

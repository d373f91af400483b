"""The cancellation policy of today: the settings are read here and nowhere else."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """What a fan who cancels gets back: hours before the start, percent of the price."""

    full_refund_hours: int
    partial_refund_hours: int
    partial_refund_percent: int

    @property
    def has_partial(self) -> bool:
        """Whether there is a time in which a part goes back."""
        return self.partial_refund_hours < self.full_refund_hours and self.partial_refund_percent > 0


def cancellation_policy() -> CancellationPolicy:
    """What bookings that are made now will keep as their terms."""
    return CancellationPolicy(
        full_refund_hours=settings.CANCEL_FULL_REFUND_HOURS,
        partial_refund_hours=settings.CANCEL_PARTIAL_REFUND_HOURS,
        partial_refund_percent=settings.CANCEL_PARTIAL_REFUND_PERCENT,
    )

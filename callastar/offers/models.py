"""Offers: a creator's slots. The database itself refuses two live ones that overlap."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.offers.rules import MAX_MINUTES, MIN_MINUTES, MIN_PRICE


class OfferStatus(models.TextChoices):
    """`AVAILABLE` → `BOOKED` → `COMPLETED`, or `CANCELLED`. A held offer is `BOOKED`."""

    AVAILABLE = "AVAILABLE", _("Available")
    BOOKED = "BOOKED", _("Already booked")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", _("Cancelled")

    @property
    def is_live(self) -> bool:
        """Whether the slot occupies the creator's calendar."""
        return self in LIVE


LIVE = (OfferStatus.AVAILABLE, OfferStatus.BOOKED)


class OfferQuerySet(models.QuerySet["CallOffer"]):
    """Reads of offers."""

    def upcoming(self, now: datetime) -> "OfferQuerySet":
        """Live slots that have not begun."""
        return self.filter(status__in=LIVE, starts_at__gt=now)

    def free(self, now: datetime) -> "OfferQuerySet":
        """What anybody may book now, as far as the offer itself says."""
        return self.filter(status=OfferStatus.AVAILABLE, starts_at__gt=now, reserved_for=None)


class CallOffer(models.Model):
    """One slot of a creator that one fan can book."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    creator = models.ForeignKey(
        Creator, on_delete=models.PROTECT, related_name="offers", db_index=False
    )  # `offers_by_creator` serves it
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=2000, blank=True)
    price = models.PositiveIntegerField(help_text="minor units")
    currency = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Currency])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=9, choices=OfferStatus, default=OfferStatus.AVAILABLE)
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reserved_offers",
    )
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            ExclusionConstraint(
                name="no_overlapping_live_offers",
                expressions=[
                    (
                        Func(
                            F("creator_id"),
                            F("creator_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.EQUAL,
                    ),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            Value("[)"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status__in=LIVE),
            ),
            models.CheckConstraint(condition=Q(price__gte=MIN_PRICE), name="offer_price_at_least_1"),
            models.CheckConstraint(condition=Q(currency__in=list(Currency)), name="offer_currency_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="offer_ends_after_start"),
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=MIN_MINUTES, duration_minutes__lte=MAX_MINUTES),
                name="offer_duration_5_to_180",
            ),
            models.CheckConstraint(condition=Q(status__in=OfferStatus.values), name="offer_status_known"),
        )
        indexes = (
            models.Index(fields=["creator", "starts_at"], name="offers_by_creator"),
            models.Index(fields=["status", "starts_at"], name="offers_by_status"),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.starts_at:%Y-%m-%d %H:%M})"

    @property
    def amount(self) -> Money:
        """The price."""
        return Money(self.price, Currency(self.currency))

"""Creators: a person's public face and their account at Stripe."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.money import Currency


class Category(models.TextChoices):
    """Kinds of creators, for browsing."""

    MUSIC = "music", _("Music")
    SPORT = "sport", _("Sport")
    COMEDY = "comedy", _("Comedy")
    FILM = "film", _("Film and theatre")
    COOKING = "cooking", _("Cooking")
    GAMING = "gaming", _("Gaming")
    FASHION = "fashion", _("Fashion and beauty")
    SCIENCE = "science", _("Science")
    BUSINESS = "business", _("Business")
    ART = "art", _("Art and writing")
    WELLBEING = "wellbeing", _("Well-being")
    OTHER = "other", _("Other")


class CreatorQuerySet(models.QuerySet["Creator"]):
    """Reads of creators."""

    def payable(self) -> "CreatorQuerySet":
        """Creators whose account may take money: only theirs are shown to fans."""
        return self.filter(charges_enabled=True, user__is_active=True)


class Creator(models.Model):
    """A creator (1-1 with a user). The key is a bigint because the overlap constraint of offers ranges over it."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="creator")
    slug = models.SlugField(max_length=60, unique=True)
    bio = models.TextField(max_length=4000, blank=True)
    expertise = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=12, choices=Category, default=Category.OTHER)
    profile_image = models.ImageField(upload_to="creators/", blank=True)
    banner_image = models.ImageField(upload_to="creators/", blank=True)
    social_links = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Currency], blank=True)
    fee_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    stripe_account_id = models.CharField(max_length=64, blank=True)
    account_claim = models.JSONField(
        default=dict,
        blank=True,
        help_text="what the account is being opened with, frozen before Stripe is asked",
    )
    account_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="when Stripe was asked for what is stored here"
    )
    stripe_country = models.CharField(max_length=2, blank=True)
    is_stripe_onboarded = models.BooleanField(default=False)
    charges_enabled = models.BooleanField(default=False)
    payouts_enabled = models.BooleanField(default=False)
    details_submitted = models.BooleanField(default=False)
    stripe_requirements = models.JSONField(default=list, blank=True)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    rating_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(currency="") | models.Q(currency__in=list(Currency)),
                name="creator_currency_known",
            ),
            models.CheckConstraint(
                condition=models.Q(fee_percent__isnull=True)
                | models.Q(fee_percent__gte=0, fee_percent__lt=100),
                name="creator_fee_percent_sane",
            ),
            models.UniqueConstraint(
                fields=["stripe_account_id"],
                condition=~models.Q(stripe_account_id=""),
                name="one_creator_per_account",
            ),
        )
        indexes = (models.Index(fields=["charges_enabled", "category"], name="creators_by_category"),)

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        """The name that fans see: the person's."""
        return self.user.name

    @property
    def has_account(self) -> bool:
        """Whether an account at Stripe exists or is being opened: country and currency are fixed then."""
        return bool(self.stripe_account_id or self.account_claim)


class MailStyle(models.Model):
    """A creator's own words and colour in mails to their fans (1-1 with a creator); what is empty is the platform's."""

    LONGEST_LINE, LONGEST_TEXT = 200, 2000

    creator = models.OneToOneField(
        Creator, primary_key=True, on_delete=models.CASCADE, related_name="mail_style"
    )
    welcome = models.CharField(max_length=LONGEST_LINE, blank=True)
    accent = models.CharField(max_length=7, blank=True, help_text="#rrggbb, in small letters")
    signature = models.CharField(max_length=LONGEST_LINE, blank=True)
    confirmation_text = models.TextField(max_length=LONGEST_TEXT, blank=True)
    reminder_text = models.TextField(max_length=LONGEST_TEXT, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(accent="") | models.Q(accent__regex=r"^#[0-9a-f]{6}$"),
                name="mail_style_accent_is_a_colour",
            ),
        )

    def __str__(self) -> str:
        return f"mails of {self.creator_id}"

"""The email log: every mail is a row before it is sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.mail.kinds import Kind, Priority


class EmailStatus(models.TextChoices):
    """Where a mail stands."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SKIPPED = "skipped"


class EmailFailure(models.TextChoices):
    """Why a mail will not be tried again."""

    ADDRESS_REFUSED = "address_refused"  # the provider does not take this address
    NOT_AUTHORIZED = "not_authorized"  # key or sending domain: a matter of configuration
    KEY_CONFLICT = "key_conflict"  # the idempotency key was used for another content
    NOT_WRITTEN = "not_written"  # its template does not take what it should say: an error of ours
    REFUSED = "refused"  # any other refusal that trying again would not change
    GAVE_UP = "gave_up"  # temporary errors for as long as the provider remembers the key
    SUPPRESSED = "suppressed"  # the provider keeps the address on a list of its own
    NOT_DELIVERED = "not_delivered"  # the provider took the mail, and then could not send it


class EmailLog(models.Model):
    """One mail to one person. Rendered once, at its first try; tried again with the same bytes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dedupe_key = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=48)
    locale = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    to = models.EmailField(max_length=254)
    context = models.JSONField(default=dict, help_text="ids and plain values the template is rendered from")
    secret_context = models.TextField(
        blank=True, help_text="links with a secret, encrypted, kept until the mail has left"
    )
    metadata = models.JSONField(default=dict, help_text="booking id and the like, to find it by")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="what it says is no longer true after")
    rendered_at = models.DateTimeField(
        null=True, blank=True, help_text="first try; its bytes never change after"
    )
    sender = models.CharField(max_length=320, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    html = models.TextField(blank=True, help_text="as sent, links that carry a secret masked")
    text = models.TextField(blank=True, help_text="as sent, links that carry a secret masked")
    attachments = models.JSONField(default=list, blank=True, help_text="name, type and text of each")
    status = models.CharField(max_length=10, choices=EmailStatus, default=EmailStatus.PENDING)
    provider_id = models.CharField(max_length=128, blank=True)
    failure = models.CharField(max_length=16, choices=EmailFailure, blank=True)
    skip_reason = models.CharField(max_length=48, blank=True, help_text="why it need not be sent any more")
    error = models.TextField(blank=True, help_text="what the provider said last")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="a worker is sending it")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Defaults of the database: the version before this one goes on writing mails while it is replaced.
    priority = models.SmallIntegerField(
        default=Priority.NORMAL,
        db_default=Priority.NORMAL,
        help_text="the higher one leaves first when many wait",
    )
    bounce_type = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Permanent, Transient or Undetermined"
    )
    bounce_message = models.TextField(
        blank=True, default="", db_default="", help_text="why it came back, as the provider says it"
    )
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ask_at = models.DateTimeField(
        null=True, blank=True, help_text="the provider is asked what became of it, if no news came by then"
    )
    bodies_forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="since when nobody can read any more what it said"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=EmailStatus.values), name="email_status_known"),
        )
        indexes = (
            models.Index(fields=["to", "created_at"], name="emails_by_recipient"),
            models.Index(fields=["status", "created_at"], name="emails_by_status"),
            models.Index(fields=["created_at"], name="emails_by_created"),
            models.Index(fields=["provider_id"], name="emails_by_provider_id", condition=~Q(provider_id="")),
            models.Index(fields=["ask_at"], name="emails_to_ask", condition=Q(ask_at__isnull=False)),
            models.Index(
                fields=["created_at"],
                name="emails_with_bodies",
                condition=Q(bodies_forgotten_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.template} to {self.to}: {self.status}"


class SuppressionReason(models.TextChoices):
    """Why an address gets no mail that its reader may do without."""

    BOUNCED = "bounced", _("Does not exist any more")
    COMPLAINED = "complained", _("Marked a mail as spam")


class Suppression(models.Model):
    """An address that mails came back from for good, or whose reader complained: only essential mail is still tried."""

    address = models.EmailField(max_length=254)
    reason = models.CharField(max_length=10, choices=SuppressionReason)
    email = models.ForeignKey(EmailLog, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("address"), name="suppression_once_per_address"),)

    def __str__(self) -> str:
        return f"{self.reason} {self.address}"


class Pause(models.Model):
    """The provider wants, or needs, to be left alone: one row for all mails, none while all is well."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    until = models.DateTimeField(help_text="no mail is handed over before")
    failures = models.PositiveIntegerField(
        default=0, help_text="in a row, each after the pause of the one before"
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_pause"),)

    def __str__(self) -> str:
        return f"paused until {self.until:%Y-%m-%d %H:%M:%S}"


class EmailChoice(models.Model):
    """What somebody has chosen about one kind of mail; who has not chosen gets it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_choices")
    kind = models.CharField(max_length=16, choices=Kind)
    wanted = models.BooleanField()
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "kind"], name="one_email_choice_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="email_choice_of_known_kind"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {'wanted' if self.wanted else 'not wanted'}"

"""Addresses that get no mail that its reader may do without: put on the list by what came back, taken off by staff."""

from datetime import datetime

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.mail.models import EmailLog, Suppression, SuppressionReason


def suppress(*, email: EmailLog, is_complaint: bool, now: datetime) -> bool:
    """Put the address of a mail on the list, unless it is there; answers whether it is new. A complaint says more."""
    reason = SuppressionReason.COMPLAINED if is_complaint else SuppressionReason.BOUNCED
    with transaction.atomic():
        known, is_new = Suppression.objects.get_or_create(
            address=email.to.lower(), defaults={"reason": reason, "email": email, "created_at": now}
        )
        if is_complaint and known.reason != reason:
            known.reason = reason
            known.save(update_fields=["reason"])
        if is_new:
            record(
                type="EMAIL_ADDRESS_SUPPRESSED",
                level=Level.WARNING,
                message="An address gets only essential mail from now on",
                email=email.pk,
                reason=reason.value,
            )
    return is_new


def lift(*, suppression_id: int, actor: Actor) -> bool:
    """Take an address off the list: it gets all mail again. Answers whether it was on it.

    If the next one comes back too, it is on the list again.
    """
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(pk=suppression_id).first()
        if row is None:
            return False
        row.delete()
        record(
            type="EMAIL_ADDRESS_LIFTED",
            message="An address gets all mail again",
            actor=actor,
            email=row.email_id,
            reason=row.reason,
        )
    return True

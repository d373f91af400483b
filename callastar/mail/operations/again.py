"""Sending once more what did not arrive: a new mail with the same content, to the address that its reader has now."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.audit.operations import Actor, record
from callastar.core.queue import defer
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations.queue import SEND
from callastar.mail.refusals import EmailHoldsSecretError, EmailNotLostError, EmailOutOfDateError

LOST = (EmailStatus.FAILED, EmailStatus.BOUNCED)
# Their links are secret, and forgotten once a mail has left: the reader asks for a new one.
_WITH_SECRETS = ("verify_email", "reset_password")


def send_again(*, email_id: UUID, actor: Actor, now: datetime) -> EmailLog:
    """Write a mail anew that failed or came back; once for each that was lost: asked again, the answer is the same one.

    Raises `EmailNotLostError`, `EmailHoldsSecretError` or `EmailOutOfDateError`.
    """
    with transaction.atomic():
        lost = EmailLog.objects.select_for_update(of=("self",)).select_related("recipient").get(pk=email_id)
        _refuse(lost, now)
        email = _copy(lost, now)
        EmailLog.objects.bulk_create([email], ignore_conflicts=True)
        stored = EmailLog.objects.get(dedupe_key=email.dedupe_key)
        if stored.pk == email.pk:
            defer(SEND, priority=email.priority, email_id=str(email.pk))
            record(
                type="EMAIL_SENT_AGAIN",
                message="A mail that did not arrive is sent once more",
                actor=actor,
                email=email.pk,
                lost=lost.pk,
                template=lost.template,
            )
    return stored


def _refuse(lost: EmailLog, now: datetime) -> None:
    if lost.status not in LOST:
        raise EmailNotLostError
    if lost.template in _WITH_SECRETS:
        raise EmailHoldsSecretError
    if lost.bodies_forgotten_at or (lost.expires_at and now >= lost.expires_at):
        raise EmailOutOfDateError


def _copy(lost: EmailLog, now: datetime) -> EmailLog:
    reader = lost.recipient
    return EmailLog(
        dedupe_key=f"again:{lost.pk}",
        template=lost.template,
        recipient=reader,
        to=reader.email if reader else lost.to,
        locale=reader.locale if reader else lost.locale,
        time_zone=reader.timezone if reader else lost.time_zone,
        context=lost.context,
        metadata={**lost.metadata, "again": str(lost.pk)},
        expires_at=lost.expires_at,
        priority=lost.priority,
        created_at=now,
    )

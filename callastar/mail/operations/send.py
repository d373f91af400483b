"""Sending one mail once: claim it and commit, hand it over with its key, write down what came of it.

No lock is held while the provider is asked. A worker that dies in between leaves a claim that ends by itself; whoever
comes next hands over the same bytes with the same key, which the provider takes as the same mail.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.core.secrets import error_text, masked
from callastar.mail.choices import unwanted_because
from callastar.mail.kinds import about
from callastar.mail.models import EmailFailure, EmailLog, EmailStatus
from callastar.mail.operations.loss import tell_of_loss
from callastar.mail.queries import is_suppressed
from callastar.mail.rendering import UNSUBSCRIBE, render
from callastar.mail.sealing import reveal_html, reveal_text, unseal
from callastar.mail.truth import untrue_because
from callastar.providers.resend import errors, gateway
from callastar.providers.resend.types import Attachment, OutgoingMail

CLAIM = timedelta(seconds=60)  # longer than the provider's timeouts together
# Resend forgets a key 24 h after it first saw it; a later try could be a second mail.
KEEP_TRYING = timedelta(hours=24) - 2 * CLAIM
ASK_AFTER = timedelta(minutes=15)
SUPPRESSED = "suppressed"
UNSENT = (EmailStatus.PENDING, EmailStatus.FAILED, EmailStatus.SKIPPED)

_log = structlog.get_logger("callastar.mail")


class EmailBusy(Exception):
    """Another worker is sending this mail; ask again when its claim has ended."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"until {until:%H:%M:%S}")


def send_email(*, email_id: UUID, now: datetime) -> EmailStatus:
    """Send a mail if it is still due; answers its status then.

    Raises `ProviderError` (temporary) or `EmailBusy` when it should be asked for again; what cannot be sent at all
    ends in `FAILED` with its reason.
    """
    email = _claim(email_id, now)
    if email.status != EmailStatus.PENDING:
        return EmailStatus(email.status)
    try:
        provider_id = gateway.send(mail=_outgoing(email))
    except ProviderError as error:
        return _note_refusal(email, error, now)
    return _note_sent(email, provider_id, now)


@transaction.atomic(durable=True)
def _claim(email_id: UUID, now: datetime) -> EmailLog:
    """Lock the row, look again whether the mail is due, render it if this is the first try, and claim it."""
    email = EmailLog.objects.select_for_update().get(pk=email_id)
    if email.status != EmailStatus.PENDING:
        return email
    if email.claimed_until and now < email.claimed_until:
        raise EmailBusy(email.claimed_until)
    if not _close(email, now) and _is_written(email, now):
        email.attempts += 1
        email.claimed_until = now + CLAIM
    email.save()
    return email


def _is_written(email: EmailLog, now: datetime) -> bool:
    """Whether there is something to send; a mail that cannot be written fails, as trying again would not change it."""
    if email.rendered_at is not None:
        return True
    try:
        render(email, now=now)
    except Exception as error:
        _log.exception("mail not written", email_id=str(email.pk), template=email.template)
        email.status, email.failure = EmailStatus.FAILED, EmailFailure.NOT_WRITTEN
        email.error, email.secret_context = error_text(error), ""
        _note_failed(email, EmailFailure.NOT_WRITTEN.value, now)
        return False
    return True


def _close(email: EmailLog, now: datetime) -> bool:
    """Whether the mail is not to be sent any more; says so in the row."""
    if email.expires_at and now >= email.expires_at:
        email.skip_reason = email.skip_reason or "expired"
    email.skip_reason = email.skip_reason or untrue_because(email) or _unwelcome_because(email)
    if email.skip_reason:
        email.status = EmailStatus.SKIPPED
    elif email.rendered_at and now >= email.rendered_at + KEEP_TRYING:
        email.status, email.failure = EmailStatus.FAILED, EmailFailure.GAVE_UP
        _note_failed(email, "gave_up", now)
    else:
        return False
    email.secret_context, email.claimed_until = "", None
    _log.info("mail not sent", email_id=str(email.pk), template=email.template, status=email.status)
    return True


def _unwelcome_because(email: EmailLog) -> str:
    """Why a mail that its reader may do without is not sent; essential mail is tried whatever came back before."""
    if about(email.template).kind is not None and is_suppressed(email.to):
        return SUPPRESSED
    return unwanted_because(email)


def _outgoing(email: EmailLog) -> OutgoingMail:
    secrets = unseal(email.secret_context)
    return OutgoingMail(
        sender=email.sender,
        to=email.to,
        reply_to=email.reply_to,
        subject=email.subject,
        html=reveal_html(email.html, secrets),
        text=reveal_text(email.text, secrets),
        attachments=tuple(Attachment(**attachment) for attachment in email.attachments),
        idempotency_key=f"email-{email.pk}",
        unsubscribe_url=secrets.get(UNSUBSCRIBE, ""),
    )


def _note_sent(email: EmailLog, provider_id: str, now: datetime) -> EmailStatus:
    """A mail that has left is sent, whatever was written down while it was leaving."""
    EmailLog.objects.filter(pk=email.pk, status__in=UNSENT).update(
        status=EmailStatus.SENT,
        provider_id=provider_id,
        sent_at=now,
        ask_at=now + ASK_AFTER if provider_id else None,
        secret_context="",
        claimed_until=None,
        failure="",
        skip_reason="",
        error="",
    )
    _log.info("mail sent", email_id=str(email.pk), template=email.template, provider_id=provider_id)
    return EmailStatus.SENT


def _note_refusal(email: EmailLog, error: ProviderError, now: datetime) -> EmailStatus:
    pending = EmailLog.objects.filter(pk=email.pk, status=EmailStatus.PENDING)
    said = masked(f"{error.code}: {error.message}")
    if error.is_temporary:
        pending.update(error=said, claimed_until=None)
        raise error
    with transaction.atomic():
        pending.update(
            status=EmailStatus.FAILED,
            failure=_failure(error.code),
            error=said,
            secret_context="",
            claimed_until=None,
        )
        _note_failed(email, error.code, now)
    return EmailStatus.FAILED


def _note_failed(email: EmailLog, code: str, now: datetime) -> None:
    """Staff find it in the log; whose call it is about is told in the app."""
    record(
        type="EMAIL_FAILED",
        level=Level.ERROR,
        message="A mail could not be sent and will not be tried again",
        email=email.pk,
        template=email.template,
        code=code,
    )
    tell_of_loss(email, now=now)


def _failure(code: str) -> EmailFailure:
    """The provider's code as one of our named states."""
    known = {
        errors.ADDRESS_REFUSED: EmailFailure.ADDRESS_REFUSED,
        errors.NOT_AUTHORIZED: EmailFailure.NOT_AUTHORIZED,
        errors.KEY_CONFLICT: EmailFailure.KEY_CONFLICT,
    }
    return known.get(code, EmailFailure.REFUSED)

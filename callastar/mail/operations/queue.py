"""A mail is written down with its job in the transaction that causes it, and may be taken back until it leaves."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.transaction import TransactionManagementError

from callastar.accounts.models import User
from callastar.core.queue import defer
from callastar.mail.kinds import about
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.sealing import seal

SEND = "mail.send_email"

_composed: ContextVar[list[EmailLog] | None] = ContextVar("composed_mails", default=None)


@contextmanager
def composing() -> Iterator[list[EmailLog]]:
    """Inside, mails are neither kept nor sent: each is only added to the list, for somebody who wants to look at it."""
    mails: list[EmailLog] = []
    token = _composed.set(mails)
    try:
        yield mails
    finally:
        _composed.reset(token)


def queue_email(
    *,
    template: str,
    recipient: User,
    dedupe_key: str,
    context: dict[str, Any],
    metadata: dict[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    to: str = "",
) -> EmailLog:
    """Write a mail down and defer its sending; both roll back with the caller's transaction, which must be open.

    The same `dedupe_key` is the same mail: it is written and sent once, and the row that exists is the answer.
    `context` holds plain JSON values; `secrets` are links that nobody may read later. After `expires_at` the mail is
    not sent any more. `to` is an address other than the recipient's own.
    """
    email = EmailLog(
        template=template,
        recipient=recipient,
        to=to or recipient.email,
        locale=recipient.locale,
        time_zone=recipient.timezone,
        dedupe_key=dedupe_key,
        context={"recipient_name": recipient.name, **context},
        secret_context=seal(secrets or {}),
        metadata=metadata or {},
        expires_at=expires_at,
        priority=about(template).priority,
    )
    looked_at = _composed.get()
    if looked_at is not None:
        looked_at.append(email)
        return email
    if not connection.in_atomic_block:
        raise TransactionManagementError("A mail belongs to the transaction that causes it.")
    return _insert_or_ignore(email)


def _insert_or_ignore(email: EmailLog) -> EmailLog:
    EmailLog.objects.bulk_create([email], ignore_conflicts=True)
    stored = EmailLog.objects.get(dedupe_key=email.dedupe_key)
    if stored.pk == email.pk:
        defer(SEND, priority=stored.priority, email_id=str(stored.pk))
    return stored


def skip_emails(
    *, reason: str, metadata: Mapping[str, str], templates: Collection[str] = (), now: datetime
) -> int:
    """Take back the mails that carry this metadata (of these templates, if any are named) and have not left.

    Called in the transaction that makes them untrue. One that a worker is sending at this moment leaves; if that try
    fails, it is not tried again. Answers how many were taken back.
    """
    waiting = EmailLog.objects.filter(status=EmailStatus.PENDING, metadata__contains=dict(metadata))
    if templates:
        waiting = waiting.filter(template__in=templates)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    skipped = waiting.filter(free).update(
        status=EmailStatus.SKIPPED, skip_reason=reason, secret_context="", claimed_until=None
    )
    waiting.update(skip_reason=reason)
    return skipped

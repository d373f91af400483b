"""Mails are written down with what causes them, once, and may be taken back (EM-1, EM-2, JO-1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.accounts.models import User
from callastar.audit.models import Level, LogEntry
from callastar.core import clock
from callastar.mail.models import EmailFailure, EmailLog, EmailStatus
from callastar.mail.operations import queue_email, retry_unsent, send_email, skip_emails
from callastar.mail.operations.queue import SEND
from tests.factories import make_user

LATER = timedelta(minutes=6)


def _queue(user: User, **changes: Any) -> EmailLog:
    values = {
        "template": "reset_password",
        "recipient": user,
        "dedupe_key": "a key",
        "context": {"valid_days": 3},
        "secrets": {"action_url": "https://site.example/secret"},
        "metadata": {"booking": "b1"},
    }
    with transaction.atomic():
        return queue_email(**{**values, **changes})


def _jobs(email: EmailLog) -> int:
    return ProcrastinateJob.objects.filter(task_name=SEND, args__email_id=str(email.pk)).count()


@pytest.mark.django_db
def test_a_row_and_a_job_are_written() -> None:
    """EM-1, EM-3: to whom, in which language and zone."""
    user = make_user(locale="fr", timezone="Asia/Tokyo", name="Zoé")
    email = _queue(user)
    assert (email.to, email.locale, email.time_zone, email.status) == (
        user.email,
        "fr",
        "Asia/Tokyo",
        EmailStatus.PENDING,
    )
    assert email.context["recipient_name"] == "Zoé"
    assert _jobs(email) == 1


@pytest.mark.django_db
def test_the_same_key_is_the_same_mail() -> None:
    """EM-1: `dedupe_key` is unique; the second asking changes nothing and breaks nothing."""
    user = make_user()
    with transaction.atomic():
        first = _queue(user)
        second = _queue(user, context={"valid_days": 9})
        assert User.objects.filter(pk=user.pk).exists(), "the transaction still works"
    assert first.pk == second.pk
    assert second.context["valid_days"] == 3
    assert _jobs(first) == 1


@pytest.mark.django_db(transaction=True)
def test_what_rolls_back_sends_nothing() -> None:
    """EM-1, JO-1."""
    user = make_user()
    jobs = ProcrastinateJob.objects.count()
    with transaction.atomic():
        _queue(user)
        transaction.set_rollback(True)
    assert EmailLog.objects.count() == 0
    assert ProcrastinateJob.objects.count() == jobs


@pytest.mark.django_db(transaction=True)
def test_a_mail_outside_a_transaction_is_refused() -> None:
    """EM-1: row and job belong to what causes them."""
    user = make_user()
    with pytest.raises(TransactionManagementError):
        queue_email(template="reset_password", recipient=user, dedupe_key="k", context={})
    assert EmailLog.objects.count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_at_once_write_one_mail() -> None:
    """EM-1: eight transactions with one key."""
    user = make_user()
    together = Barrier(8)

    def ask(_: int) -> EmailLog:
        together.wait()
        try:
            return _queue(user)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        emails = list(pool.map(ask, range(8)))
    assert len({email.pk for email in emails}) == 1
    assert _jobs(emails[0]) == 1


@pytest.mark.django_db
def test_what_is_no_longer_true_is_taken_back() -> None:
    """EM-2: only that booking's, only those templates, and the secrets go with them."""
    now, user = clock.now(), make_user()
    wanted = _queue(user)
    other_booking = _queue(user, dedupe_key="k2", metadata={"booking": "b2"})
    other_template = _queue(user, dedupe_key="k3", template="hold_lapsed")
    skipped = skip_emails(reason="paid", metadata={"booking": "b1"}, templates=["reset_password"], now=now)
    for email in (wanted, other_booking, other_template):
        email.refresh_from_db()
    assert skipped == 1
    assert (wanted.status, wanted.skip_reason, wanted.secret_context) == (EmailStatus.SKIPPED, "paid", "")
    assert other_booking.status == other_template.status == EmailStatus.PENDING
    assert send_email(email_id=wanted.pk, now=now) == EmailStatus.SKIPPED


@pytest.mark.django_db
def test_a_mail_that_has_expired_is_dropped(mailoutbox: list[Any]) -> None:
    """EM-2: no "please pay" after the hold."""
    now = clock.now()
    email = _queue(make_user(), expires_at=now + timedelta(minutes=10))
    assert send_email(email_id=email.pk, now=now + timedelta(minutes=10)) == EmailStatus.SKIPPED
    email.refresh_from_db()
    assert (email.skip_reason, email.attempts, email.secret_context) == ("expired", 0, "")
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_mail_without_a_job_is_picked_up_once() -> None:
    """EM-2: `retry-failed-emails` takes what is left, and only that."""
    now = clock.now()
    lost, waiting = _queue(make_user()), _queue(make_user(), dedupe_key="k2")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'email_id' = %s", [str(lost.pk)])
    assert retry_unsent(now=now) == 0, "it is not overdue yet"
    assert retry_unsent(now=now + LATER) == 1
    assert retry_unsent(now=now + LATER) == 0, "its job is back"
    assert (_jobs(lost), _jobs(waiting)) == (1, 1)


@pytest.mark.django_db
def test_any_backend_of_django_will_do(mailoutbox: list[Any]) -> None:
    """EM-2: the provider is a setting; the mail has both parts and answers go to the support."""
    email = _queue(make_user())
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.SENT
    (message,) = mailoutbox
    assert message.to == [email.to]
    assert message.reply_to == ["support@callastar.example"]
    assert "https://site.example/secret" in message.body
    assert "https://site.example/secret" in message.alternatives[0][0]
    email.refresh_from_db()
    assert (email.secret_context, email.attempts) == ("", 1)
    assert "https://site.example/secret" not in email.html + email.text


@pytest.mark.django_db
def test_a_mail_that_cannot_be_written_fails_at_once(
    mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """EM-2: no job asks for ever for what stays as it is; staff find it, and the traceback is in the log."""
    email = _queue(make_user(), template="no_such_template")
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.FAILED
    email.refresh_from_db()
    assert (email.status, email.failure) == (EmailStatus.FAILED, EmailFailure.NOT_WRITTEN)
    assert (email.rendered_at, email.attempts, email.secret_context) == (None, 0, "")
    assert email.error.startswith("TemplateDoesNotExist: ")
    entry = LogEntry.objects.get(type="EMAIL_FAILED")
    assert (entry.level, entry.metadata["code"]) == (Level.ERROR, "not_written")
    assert any(isinstance(line.msg, dict) and line.msg.get("exc_info") for line in caplog.records)
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.FAILED
    assert LogEntry.objects.filter(type="EMAIL_FAILED").count() == 1
    assert mailoutbox == []

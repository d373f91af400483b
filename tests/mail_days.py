"""Hours of mail in a moment: workers run what is due by its importance, at moments that the test counts itself."""

from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.core.queue import Later
from callastar.mail.kinds import Priority
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.operations.queue import SEND
from callastar.mail.operations.turns import send_in_turn
from tests.factories import make_user


class Days(Protocol):
    """Who has the time; it passes while mails wait."""

    now: datetime


def queue_mail(key: str, priority: int = Priority.NORMAL) -> EmailLog:
    """A mail of that priority, whatever it says."""
    with transaction.atomic():
        email = queue_email(
            template="reset_password",
            recipient=make_user(),
            dedupe_key=key,
            context={"valid_days": 3},
            secrets={"action_url": "https://site.example/x"},
        )
    EmailLog.objects.filter(pk=email.pk).update(priority=priority)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET priority = %s WHERE args->>'email_id' = %s",
            [priority, str(email.pk)],
        )
    return email


def _due() -> Any:
    waiting = ProcrastinateJob.objects.filter(task_name=SEND, status="todo")
    return waiting.order_by("scheduled_at").values_list("pk", "priority", "scheduled_at", "args__email_id")


def work(days: Days, until: datetime) -> list[datetime]:
    """Workers' days: whatever is due runs by its priority; the moments at which something ran."""
    ran = []
    while True:
        rows = list(_due())
        moments = [at or days.now for _, _, at, _ in rows]
        if not rows or min(moments) > until:
            return ran
        days.now = max(days.now, min(moments))
        due = [row for row, at in zip(rows, moments, strict=True) if at <= days.now]
        pk, _, _, email_id = min(due, key=lambda row: (-row[1], row[0]))
        ran.append(days.now)
        _run(pk, email_id, days.now)


def _run(pk: int, email_id: str, now: datetime) -> None:
    from_then, values = "DELETE FROM procrastinate_jobs WHERE id = %s", [pk]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [pk])
    try:
        send_in_turn(email_id=email_id, now=now)  # type: ignore[arg-type]
    except Later as later:
        from_then = "UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = %s WHERE id = %s"
        values = [later.at, pk]  # type: ignore[list-item]
    with connection.cursor() as cursor:
        cursor.execute(from_then, values)  # type: ignore[arg-type]

"""Picking up mails whose job is gone."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.core.queue import defer
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations.queue import SEND

OVERDUE = timedelta(minutes=5)
AT_ONCE = 500


def retry_unsent(*, now: datetime) -> int:
    """Defer the sending of mails that wait for more than five minutes without a living job; answers how many."""
    job = (
        ProcrastinateJob.objects.filter(task_name=SEND, status__in=("todo", "doing"))
        .annotate(email=KT("args__email_id"))
        .filter(email=Cast(OuterRef("pk"), TextField()))
    )
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    left = EmailLog.objects.filter(
        free, ~Exists(job), status=EmailStatus.PENDING, created_at__lt=now - OVERDUE
    )
    found = list(left.order_by("created_at").values_list("pk", "priority")[:AT_ONCE])
    for email_id, priority in found:
        defer(SEND, priority=priority, email_id=str(email_id))
    return len(found)

"""When mails are handed over: the more important first, none while the provider wants or needs to be left alone.

What fails for the provider's sake (network, 5xx, 429) makes all mails pause. When the pause is over, one mail tries,
the most important that is due, while the others go on waiting. The first that succeeds ends the pause and wakes them
all, and the queue hands them out by priority: after an outage a call that starts soon leaves before a summary.
"""

import time
from datetime import datetime, timedelta
from random import uniform
from uuid import UUID

from django.db import transaction

from callastar.core.errors import ProviderError
from callastar.core.queue import Later, wake
from callastar.mail.kinds import Priority
from callastar.mail.models import EmailLog, EmailStatus, Pause
from callastar.mail.operations.queue import SEND
from callastar.mail.operations.send import EmailBusy, send_email

TRY_TAKES = timedelta(seconds=20)  # the provider's timeouts, and a little more
# An urgent mail waits for a minute at most between two tries: for itself, and for one of another mail that came first.
LONGEST_PAUSE = timedelta(seconds=15)
LONGEST_URGENT = timedelta(seconds=35)
FIRST_PAUSE = timedelta(seconds=2)
FIRST_WAIT = timedelta(seconds=5)
# A real outage; below, one mail that always fails would wake itself and its like for ever.
OUTAGE, OFTEN = 3, 6
_HANDED_OVER = (EmailStatus.SENT, EmailStatus.FAILED)


def send_in_turn(*, email_id: UUID, now: datetime) -> EmailStatus:
    """Send a mail unless all of them pause. Raises `Later` when it should be tried again, with the moment."""
    email = EmailLog.objects.only("priority").get(pk=email_id)
    trying_until = _take_turn(email.priority, now)
    began, status = time.monotonic(), None
    try:
        status = send_email(email_id=email_id, now=now)
    except EmailBusy as busy:
        raise Later(busy.until) from busy
    except ProviderError as error:
        after = now + timedelta(seconds=time.monotonic() - began)
        until = _pause(error, counts=trying_until is not None, began_at=now, now=after)
        trying_until = None
        raise Later(max(until, after + _own_wait(email_id, email.priority))) from error
    finally:
        if trying_until:
            _end_turn(trying_until, was_heard=status in _HANDED_OVER, now=now)
    return status


@transaction.atomic
def _take_turn(priority: int, now: datetime) -> datetime | None:
    """None while all is well; else until when this mail, and no other, tries. Raises `Later` if it is not its turn."""
    pause = Pause.objects.select_for_update().first()
    if pause is None:
        return None
    if now < pause.until:
        is_patient = pause.failures >= OUTAGE and priority < Priority.URGENT  # it is woken, like all
        raise Later(max(pause.until, now + _longest(priority)) if is_patient else pause.until)
    pause.until = now + TRY_TAKES
    pause.save(update_fields=["until"])
    return pause.until


@transaction.atomic
def _end_turn(trying_until: datetime, *, was_heard: bool, now: datetime) -> None:
    """The pause is over if the provider took the mail; if it was not asked after all, the next mail tries."""
    pause = Pause.objects.select_for_update().filter(until=trying_until).first()
    if pause is None:
        return
    if was_heard:
        pause.delete()
    else:
        pause.until = now
        pause.save(update_fields=["until"])
    wake(SEND, now=now, but=_troubled(pause), argument="email_id")


def _troubled(pause: Pause) -> list[str]:
    """Mails that failed so often while others left that the trouble is their own: they keep their own time."""
    if pause.failures >= OUTAGE:
        return []
    often = EmailLog.objects.filter(status=EmailStatus.PENDING, attempts__gte=OFTEN)
    return [str(pk) for pk in often.values_list("pk", flat=True)]


@transaction.atomic
def _pause(error: ProviderError, *, counts: bool, began_at: datetime, now: datetime) -> datetime:
    """Leave the provider alone: as long as it says, or longer after each failure in a row; answers until when.

    Tries that ran side by side when the trouble began fail together, and count as one.
    """
    Pause.objects.bulk_create([Pause(until=began_at)], ignore_conflicts=True)
    pause = Pause.objects.select_for_update().get()
    if error.retry_after:
        asked = now + timedelta(seconds=error.retry_after)
        pause.until = asked if counts else max(pause.until, asked)
    elif counts or began_at >= pause.until:
        pause.until = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(pause.failures, 10))
        pause.failures += 1
    pause.save()
    return pause.until


def _own_wait(email_id: UUID, priority: int) -> timedelta:
    """About twice as long after each try of this mail, with jitter, and never long for what is urgent."""
    attempts = EmailLog.objects.values_list("attempts", flat=True).get(pk=email_id)
    wait = min(_longest(priority), FIRST_WAIT * 2 ** min(attempts, 12))
    return timedelta(seconds=wait.total_seconds() * uniform(0.5, 1))  # noqa: S311 - jitter


def _longest(priority: int) -> timedelta:
    if priority >= Priority.URGENT:
        return LONGEST_URGENT
    return timedelta(minutes=2 if priority >= Priority.CALL else 10)

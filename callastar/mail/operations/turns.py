"""When mails are handed over: the more important first, none while the provider wants or needs to be left alone.

What fails for the provider's sake (network, 5xx, 429) makes all mails pause. When the pause is over, one mail tries,
the most important that is due, while the others go on waiting: each for its place in the line, no faster than the
provider takes them. In an outage they wait longer; the first that succeeds wakes them all, and the queue hands them out
by priority: a call that starts soon leaves before a summary.
"""

import time
from datetime import datetime, timedelta
from random import uniform
from uuid import UUID

from django.db import transaction
from django.db.models import Q

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
OUTAGE = 3  # failures in a row
# Mails a second, a little less than what Resend takes (https://resend.com/docs/api-reference/rate-limit).
RATE = 4
_HANDED_OVER = (EmailStatus.SENT, EmailStatus.FAILED)


def send_in_turn(*, email_id: UUID, now: datetime) -> EmailStatus:
    """Send a mail unless all of them pause. Raises `Later` when it should be tried again, with the moment."""
    email = EmailLog.objects.only("priority", "created_at").get(pk=email_id)
    trying_until = _take_turn(email, now)
    began, status = time.monotonic(), None
    try:
        status = send_email(email_id=email_id, now=now)
    except EmailBusy as busy:
        raise Later(busy.until) from busy
    except ProviderError as error:
        after = now + timedelta(seconds=time.monotonic() - began)
        until = _pause(error, counts=trying_until is not None, began_at=now, now=after)
        trying_until = None
        # Who came too soon for the provider has done nothing wrong, and keeps their place.
        wait = timedelta() if error.retry_after else _own_wait(email_id, email.priority)
        raise Later(max(until, after + wait)) from error
    finally:
        if trying_until:
            _end_turn(trying_until, was_heard=status in _HANDED_OVER, now=now)
    return status


@transaction.atomic
def _take_turn(email: EmailLog, now: datetime) -> datetime | None:
    """None while all is well; else until when this mail, and no other, tries. Raises `Later` if it is not its turn."""
    pause = Pause.objects.select_for_update().first()
    if pause is None:
        return None
    if now < pause.until:
        raise Later(_turn_of(email, pause, now))
    pause.until = now + TRY_TAKES
    pause.save(update_fields=["until"])
    return pause.until


def _turn_of(email: EmailLog, pause: Pause, now: datetime) -> datetime:
    """When a mail comes back: all at once would mean that most of them come for nothing, again and again."""
    if pause.failures >= OUTAGE and email.priority < Priority.URGENT:
        return max(pause.until, now + _longest(email.priority))  # it is woken, like all
    before = Q(priority__gt=email.priority) | Q(priority=email.priority, created_at__lt=email.created_at)
    ahead = EmailLog.objects.filter(before, status=EmailStatus.PENDING).count()
    wait = timedelta(seconds=ahead / RATE)
    return pause.until + (min(wait, LONGEST_URGENT) if email.priority >= Priority.URGENT else wait)


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
    if pause.failures >= OUTAGE:
        wake(SEND, now=now)


@transaction.atomic
def _pause(error: ProviderError, *, counts: bool, began_at: datetime, now: datetime) -> datetime:
    """Leave the provider alone: as long as it says, or longer after each failure in a row; answers until when.

    Tries that ran side by side when the trouble began fail together, and count as one.
    """
    pause = _locked_pause(began_at)
    asked = now + timedelta(seconds=error.retry_after)
    if counts or began_at >= pause.until:
        ours = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(pause.failures, 10))
        # Who says for how long is believed, until it turns out to be an outage all the same.
        pause.until = asked if error.retry_after and pause.failures < OUTAGE else max(asked, ours)
        pause.failures += 1
    else:
        pause.until = max(pause.until, asked)
    pause.save()
    return pause.until


def _locked_pause(began_at: datetime) -> Pause:
    """The one pause. One that ends while it is waited for is gone, and there is room for a new one."""
    while True:
        Pause.objects.bulk_create([Pause(until=began_at)], ignore_conflicts=True)
        if pause := Pause.objects.select_for_update().first():
            return pause


def _own_wait(email_id: UUID, priority: int) -> timedelta:
    """About twice as long after each try of this mail, with jitter, and never long for what is urgent."""
    attempts = EmailLog.objects.values_list("attempts", flat=True).get(pk=email_id)
    wait = min(_longest(priority), FIRST_WAIT * 2 ** min(attempts, 12))
    return timedelta(seconds=wait.total_seconds() * uniform(0.5, 1))  # noqa: S311 - jitter


def _longest(priority: int) -> timedelta:
    if priority >= Priority.URGENT:
        return LONGEST_URGENT
    return timedelta(minutes=2 if priority >= Priority.CALL else 10)

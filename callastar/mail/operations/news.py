"""What becomes of a mail after it has left, as the provider tells it: in any order, more than once, or never.

What is known of a mail only grows: of two pieces of news the weightier one says how it stands, whichever came first.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.mail.models import EmailFailure, EmailLog, EmailStatus
from callastar.mail.operations.loss import tell_of_loss
from callastar.mail.operations.suppress import suppress
from callastar.providers.resend import lookup
from callastar.providers.resend.events import PERMANENT, mail_news
from callastar.providers.resend.types import MailNews

BATCH = 50
NOT_KNOWN_YET = timedelta(minutes=15)
KEEP_ASKING = timedelta(days=3)
FIRST_ASK = timedelta(minutes=15)

_STATUS = {
    "sent": EmailStatus.SENT,
    "failed": EmailStatus.FAILED,
    "suppressed": EmailStatus.FAILED,
    "delivered": EmailStatus.DELIVERED,
    "bounced": EmailStatus.BOUNCED,
    "complained": EmailStatus.COMPLAINED,
    # Nobody clicks in a mail that has not arrived.
    "opened": EmailStatus.DELIVERED,
    "clicked": EmailStatus.DELIVERED,
}
# A mail that was delivered can come back all the same, or be complained of.
_WEIGHT = {
    status: weight
    for weight, status in enumerate(
        (
            EmailStatus.PENDING,
            EmailStatus.SKIPPED,
            EmailStatus.SENT,
            EmailStatus.FAILED,
            EmailStatus.DELIVERED,
            EmailStatus.BOUNCED,
            EmailStatus.COMPLAINED,
        )
    )
}
_KEY_REFUSED = {"http_401", "http_403"}
_FAILURE = {"failed": EmailFailure.NOT_DELIVERED, "suppressed": EmailFailure.SUPPRESSED}


class MailNotKnownYetError(Exception):
    """News of a mail that nobody here knows: it may have overtaken the answer that names it."""


def note_event(*, payload: dict[str, Any], now: datetime) -> EmailLog | None:
    """As `note_news`, of an event of the provider's. Raises KeyError, TypeError or ValueError for what is none."""
    return note_news(news=mail_news(payload), now=now)


def note_news(*, news: MailNews, now: datetime) -> EmailLog | None:
    """Write down what became of a mail; None where it is none of ours, or the news says nothing of its end.

    Raises `MailNotKnownYetError` while it may become one of ours: asked again a little later, it is.
    """
    status = _STATUS.get(news.what)
    if status is None or not news.provider_id:
        return None
    with transaction.atomic():
        email = EmailLog.objects.select_for_update().filter(provider_id=news.provider_id).first()
        if email is None:
            if news.at and now - news.at < NOT_KNOWN_YET:
                raise MailNotKnownYetError(news.provider_id)
            return None
        _apply(email, news, status, now)
        return email


def _apply(email: EmailLog, news: MailNews, status: EmailStatus, now: datetime) -> None:
    if status == EmailStatus.DELIVERED and news.what == "delivered":
        email.delivered_at = email.delivered_at or news.at or now
    if status == EmailStatus.BOUNCED:
        email.bounce_type, email.bounce_message = news.bounce_type, news.bounce_message
    if _WEIGHT[status] > _WEIGHT[EmailStatus(email.status)]:
        email.status, email.ask_at = status, None
        email.failure = _FAILURE.get(news.what, "")
        if email.failure:
            email.error = news.bounce_message
        if status in {EmailStatus.FAILED, EmailStatus.BOUNCED, EmailStatus.COMPLAINED}:
            _came_to_nothing(email, news, now)
    email.save()


def _came_to_nothing(email: EmailLog, news: MailNews, now: datetime) -> None:
    record(
        type=f"EMAIL_{email.status.upper()}",
        level=Level.WARNING,
        message=f"A mail was taken by the provider, and then {news.what}",
        email=email.pk,
        template=email.template,
        bounce_type=news.bounce_type if email.status == EmailStatus.BOUNCED else "",
    )
    is_for_good = news.what in {"complained", "suppressed"} or news.bounce_type == PERMANENT
    if is_for_good and news.what != "failed":
        suppress(email=email, is_complaint=news.what == "complained", now=now)
    if news.what != "complained":
        tell_of_loss(email, now=now)


def ask_about_unheard(*, now: datetime) -> dict[str, int]:
    """Ask the provider about mails of which no news came, those first that have waited longest.

    Each is asked about less and less often, for three days. The first answer that fails ends this run.
    """
    counts = {"asked": 0, "heard": 0}
    if not lookup.is_asked_here():
        return counts
    for email in EmailLog.objects.filter(ask_at__lte=now).order_by("ask_at")[:BATCH]:
        counts["heard"] += _ask(email, now)
        counts["asked"] += 1
    return counts


def _ask(email: EmailLog, now: datetime) -> bool:
    """Whether there was news. A mail that the provider refuses to speak of is not asked about again."""
    try:
        news = lookup.mail_news(email.provider_id)
    except ProviderError as error:
        if error.is_temporary or error.code in _KEY_REFUSED:
            raise
        _ask_again(email, at=None)
        return False
    if news is None:
        _ask_again(email, at=None)
        return False
    noted = note_news(news=news, now=now)
    if noted is None or noted.status == EmailStatus.SENT:
        _ask_again(email, at=_next_ask(email, now))
        return False
    return True


def _next_ask(email: EmailLog, now: datetime) -> datetime | None:
    age = now - (email.sent_at or email.created_at)
    return now + max(FIRST_ASK, age) if age < KEEP_ASKING else None


def _ask_again(email: EmailLog, *, at: datetime | None) -> None:
    EmailLog.objects.filter(pk=email.pk, ask_at=email.ask_at).update(ask_at=at)

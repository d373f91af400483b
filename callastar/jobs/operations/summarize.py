"""The summary of a day, to every admin who wants it: once, however often and by whomever the job is started."""

from collections.abc import Collection
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from callastar.accounts.models import Role, User
from callastar.audit.operations import record
from callastar.core.timezones import platform_zone
from callastar.jobs.schedule import A_DAY, SUMMARY_AT, Daily
from callastar.jobs.summary import summary_of
from callastar.mail.models import EmailLog
from callastar.mail.summary_messages import daily_summary_admin, summary_key


def send_daily_summary(*, now: datetime, periodic: Collection[str]) -> dict[str, int]:
    """Tell each active admin, in their language, of yesterday; answers how many mails were written.

    Yesterday is a day of the platform's zone. Only the last one is told of: the mail is worth nothing any more when the
    next one is due. Whether an admin wants it is asked when it leaves. `periodic` are the names of the periodic jobs.
    """
    day = now.astimezone(ZoneInfo(platform_zone())).date() - A_DAY
    admins = _to_tell(day)
    if not admins:
        return {"written": 0}
    since, until = _bounds(day)
    summary = summary_of(since=since, until=until, periodic=periodic)
    next_one = Daily(SUMMARY_AT, platform_zone()).following(now)
    with transaction.atomic():
        for admin in admins:
            daily_summary_admin(to=admin, day=day, summary=summary, expires_at=next_one)
        record(type="SUMMARY_WRITTEN", message=f"Admins are told of {day}", day=day, admins=len(admins))
    return {"written": len(admins)}


def _to_tell(day: date) -> list[User]:
    """Active admins who have no mail about the day yet."""
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    by_key = {summary_key(day, admin): admin for admin in admins}
    told = set(EmailLog.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True))
    return [admin for key, admin in by_key.items() if key not in told]


def _bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and that of the next: 23 or 25 hours apart where clocks are changed."""
    zone = ZoneInfo(platform_zone())
    return datetime.combine(day, time.min, zone), datetime.combine(day + A_DAY, time.min, zone)

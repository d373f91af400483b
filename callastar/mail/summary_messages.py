"""The mail that tells admins of a day: as in `messages`, queued in the transaction that causes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from callastar.accounts.models import User
from callastar.core.money import Money
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """How many of a kind, and the page that shows them; `what` is one of `summary_texts.LABELS`."""

    what: str
    count: int
    path: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySummary:
    """A day in figures, and what waits for somebody when it is written.

    `money` has what the journal says, by currency: amounts by one of `summary_texts.LABELS`, as a person says them.
    """

    bookings: Sequence[Figure]
    payouts: Sequence[Figure]
    failures: Sequence[Figure]
    waiting: Sequence[Figure]
    money: Mapping[str, Mapping[str, Money]]


def summary_key(day: date, to: User) -> str:
    """What the mail of a day to an admin is known by."""
    return f"daily_summary_admin:{day.isoformat()}:{to.pk}"


def daily_summary_admin(*, to: User, day: date, summary: DaySummary, expires_at: datetime) -> EmailLog:
    """To an admin: what happened on a day of the platform's zone. One mail for each day and admin.

    Not sent any more after `expires_at`. Of failures, and of what waits, only what there is is told.
    """
    return queue_email(
        template="daily_summary_admin",
        recipient=to,
        dedupe_key=summary_key(day, to),
        context={
            "day": day.isoformat(),
            "tables": [
                {"what": "bookings", "rows": _rows(summary.bookings, to.locale)},
                {"what": "payouts", "rows": _rows(summary.payouts, to.locale)},
                {"what": "failures", "rows": _rows(_found(summary.failures), to.locale)},
                {"what": "waiting", "rows": _rows(_found(summary.waiting), to.locale)},
            ],
            "money": [
                {
                    "currency": currency,
                    "rows": [{"what": what, "amount": amount_value(sum_)} for what, sum_ in sums.items()],
                }
                for currency, sums in sorted(summary.money.items())
            ],
            "to_look_at": sum(figure.count for figure in summary.waiting),
            "admin_url": links.site_link("dashboard/admin/", to.locale),
            "journal_url": links.site_link("dashboard/admin/ledger/entry/", to.locale),
        },
        metadata={"day": day.isoformat()},
        expires_at=expires_at,
    )


def _found(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.count]


def _rows(figures: Sequence[Figure], locale: str) -> list[dict[str, Any]]:
    """None where all are zero: the mail says so in words."""
    if not _found(figures):
        return []
    return [
        {
            "what": figure.what,
            "count": figure.count,
            "url": links.site_link(figure.path, locale) if figure.path else "",
        }
        for figure in figures
    ]

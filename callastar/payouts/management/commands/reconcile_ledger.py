"""Compare the ledger with Stripe, now."""

import sys
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from callastar.core import clock
from callastar.ledger.models import Difference, ReconciliationRun, RunStatus
from callastar.payouts.operations.reconcile import LOOK_BACK, reconcile_ledger
from callastar.payouts.refusals import ReconciliationRunningError

_EXIT = {RunStatus.CLEAN: 0, RunStatus.DIFFERENT: 1, RunStatus.FAILED: 2}
_HEADINGS = ("What", "At Stripe", "Here", "Account", "Ours", "Theirs", "", "Note")


class Command(BaseCommand):
    """Prints what differs. Exit code 0: nothing; 1: something; 2: it could not be found out."""

    help = "Compare the ledger with Stripe: exit code 1 when they differ, 2 when Stripe could not be read"

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--since",
            type=_moment,
            help=f"objects made since a day or moment (ISO 8601, UTC); {LOOK_BACK.days} days back without it",
        )
        which.add_argument("--all", action="store_true", help="all objects that Stripe has")

    def handle(self, *args: Any, since: datetime | None = None, all: bool = False, **options: Any) -> None:
        """Compare and print; `CommandError` with code 2 while another comparison runs."""
        now = clock.now()
        try:
            run = reconcile_ledger(since=None if all else since or now - LOOK_BACK, now=now)
        except ReconciliationRunningError as error:
            raise CommandError(str(error.detail), returncode=2) from error
        self._print(run)
        if code := _EXIT[RunStatus(run.status)]:
            sys.exit(code)

    def _print(self, run: ReconciliationRun) -> None:
        counts = ", ".join(f"{name} {count}" for name, count in run.compared.items())
        self.stdout.write(f"{run.status} {run.error}".strip())
        self.stdout.write(f"Run {run.pk}. Compared: {counts or 'nothing'}.")
        rows = [_cells(one) for one in run.differences.all()]
        if rows:
            widths = [max(len(row[at]) for row in (_HEADINGS, *rows)) for at in range(len(_HEADINGS))]
            for row in (_HEADINGS, *rows):
                cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                self.stdout.write("  ".join(cells).rstrip())


def _cells(one: Difference) -> tuple[str, ...]:
    return (
        one.kind,
        one.stripe_id or "-",
        one.our_id or "-",
        one.account,
        _amount(one.ours),
        _amount(one.theirs),
        one.currency,
        one.note,
    )


def _amount(minor: int | None) -> str:
    return "-" if minor is None else f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def _moment(text: str) -> datetime:
    """A time for argparse, which says what is wrong with another ValueError's text."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

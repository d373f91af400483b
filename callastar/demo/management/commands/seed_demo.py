"""Fill a database with people, creators, offers, bookings and what became of their money, to look at."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.demo import money, sandbox
from callastar.demo.creators import ensure_creators, hang_pictures, open_accounts, start_drawing
from callastar.demo.history import tell_stories
from callastar.demo.offers import top_up_offers
from callastar.demo.people import ensure_people, write_people_file
from callastar.demo.stories import AFTER_PAYOUTS, BEFORE_PAYOUTS

TROUBLE = (Refusal, ProviderError, sandbox.SandboxError)


class Command(BaseCommand):
    """Makes what is missing and leaves what exists: the second run changes nothing."""

    help = "Fill in demo people, creators, offers and bookings; safe to run at every start, refused in production"
    requires_system_checks = ()  # the site that starts beside it makes them; the demo is to be ready quickly

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people-file", type=Path, help="where to write who can sign in, as JSON")

    def handle(self, *args: Any, people_file: Path | None = None, **options: Any) -> None:
        """Seed, or raise `CommandError` in production."""
        if settings.ENVIRONMENT == "production":
            raise CommandError("The demo's people have known passwords: production refuses them.")
        with _quiet():
            self._seed()
        if people_file:
            write_people_file(people_file)

    def _seed(self) -> None:
        now = clock.now()
        people = ensure_people()
        creators = ensure_creators(people=people, now=now)
        with ThreadPoolExecutor(2) as painters:
            drawn = start_drawing(creators, painters)
            stories = self._live(people, creators)
            offers = top_up_offers(creators=creators, now=now)
            hang_pictures(creators, drawn)
        self.stdout.write(
            f"{len(people)} people, {len(creators)} creators; new: {offers} offers, {stories} stories, "
            f"{len(drawn)} portraits"
        )

    def _live(self, people: Any, creators: Any) -> int:
        """What needs Stripe: only at a sandbox, and without it the demo is poorer but runs."""
        if not sandbox.is_there():
            self.stderr.write("Stripe is no sandbox: creators are not onboarded and nothing is booked.")
            return 0
        try:
            open_accounts(creators)
            everybody = {"people": people, "creators": creators}
            told = tell_stories(BEFORE_PAYOUTS, **everybody, now=clock.now())
            money.book_charges(people)
            money.make_payouts(**everybody)
            told += tell_stories(AFTER_PAYOUTS, **everybody, now=clock.now())
            money.book_charges(people)
            money.tell_troubles(**everybody)
            money.compare_once(people)
            return told
        except TROUBLE as trouble:
            self.stderr.write(
                f"Stripe's sandbox does not play along; the next start goes on from here: {trouble!r}"
            )
            return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Without hundreds of lines that tell nobody anything; what goes wrong in the stories is meant to."""
    log = logging.getLogger("callastar.audit")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)

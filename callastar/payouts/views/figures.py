"""What the pages show of a creator's standing in one currency."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from callastar.payouts.models import Payout, PayoutPolicy
from callastar.payouts.queries import Standing
from callastar.payouts.rules.eligibility import Obstacle
from callastar.payouts.rules.selection import Claim, oldest_first
from callastar.payouts.texts import Hint, hints
from callastar.payouts.views.chart import Chart


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes available on one day (minor units, of so many payments); `at` is its earliest moment."""

    at: datetime
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One currency's part of the page."""

    standing: Standing
    hints: list[Hint]
    releases: list[Release]
    active: Payout | None
    chart: Chart | None = None
    debts: list[object] = field(default_factory=list)

    @property
    def currency(self) -> str:
        """Of every amount in it."""
        return self.standing.currency

    @property
    def frozen(self) -> int:
        """What is held until a refund or a dispute is through."""
        return sum(claim.amount for claim in self.standing.claims.frozen)

    @property
    def requestable(self) -> int | None:
        """What a payout asked for now would be; None if none can be asked for."""
        if self.standing.may_request:
            return None
        return self.standing.available - self.standing.debt

    @property
    def request_hints(self) -> list[Hint]:
        """Why no payout can be asked for now."""
        return hints(self.standing.may_request)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever earned in this currency."""
        standing = self.standing
        owed = (standing.pending, standing.in_payout, standing.paid, standing.debt, standing.reserved)
        return not any((standing.available, *owed))


def figures_of(standing: Standing, *, policy: PayoutPolicy, active: Payout | None, now: datetime) -> Figures:
    """One currency's figures without chart and debts."""
    zone = policy.creator.user.zone
    return Figures(
        standing=standing,
        hints=hints(_worth_saying(standing)),
        releases=_by_day(standing.claims.coming, zone, now),
        active=active,
    )


def _worth_saying(standing: Standing) -> list[Obstacle]:
    """All obstacles, but of amounts only where there are some: an empty page explains itself."""
    return [
        obstacle
        for obstacle in standing.obstacles
        if obstacle is not Obstacle.NOTHING_PAYABLE or standing.pending or standing.debt
    ]


def _by_day(claims: list[Claim], zone: ZoneInfo, now: datetime) -> list[Release]:
    """What is released, by day of `zone`; never before now, whatever was foreseen."""
    ordered = oldest_first(claims)
    days = groupby(ordered, key=lambda claim: max(claim.released_at, now).astimezone(zone).date())
    releases = []
    for _, group in days:
        together = list(group)
        at = max(together[0].released_at, now)
        releases.append(Release(at, sum(claim.amount for claim in together), len(together)))
    return releases

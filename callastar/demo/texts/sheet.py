"""What the demo knows of a creator."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A call that a creator sells. `price` in minor units of the creator's currency."""

    title: str
    description: str
    minutes: int
    price: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A creator's public face, in their own language, and their week.

    `week` says when calls begin: the day (0 is Monday) and the hour of the creator's own zone.
    """

    slug: str
    name: str
    email: str
    timezone: str
    locale: str
    country: str
    currency: str
    category: str
    expertise: str
    bio: str
    kinds: tuple[Kind, ...]
    week: tuple[tuple[int, str], ...]
    links: dict[str, str] = field(default_factory=dict, hash=False)
    onboarded: bool = True

"""Who and what the examples of mails are about: people, a call, amounts and days that are nobody's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callastar.core.money import Currency, Money
from callastar.mail.models import EmailLog

# By its name, each example: the function that writes it, and what it is told besides its reader.
Makes = dict[str, tuple[Callable[..., EmailLog], dict[str, Any]]]

ROW = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0001")
BOOKING = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000")
CREATOR_PAGE = "zoe"
FAN_ADDRESS, CREATOR_ADDRESS, ADMIN_ADDRESS = "camille@example.com", "zoe@example.com", "alex@example.com"
WRITTEN_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
AT = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTES = 30

ALL, HALF, NOTHING = Money(10000, Currency.EUR), Money(5000, Currency.EUR), Money(0, Currency.EUR)
SHARE, HALF_SHARE = Money(8180, Currency.EUR), Money(4090, Currency.EUR)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What people have written: their names, the call's title and words of each kind."""

    fan: str
    creator: str
    admin: str
    title: str
    asked: str
    accepted: str
    declined: str
    reviewed: str
    contested: str
    decided: str
    rejected: str
    welcome: str
    signature: str
    confirmation: str
    reminder: str
    error: str = "500 Internal Server Error"
    accent: str = "#7a1f4b"
    secret_url: str = field(default="https://example.com/only-for-whoever-asked", repr=False)

    def call(self, other_name: str) -> dict[str, Any]:
        """What most mails say of a call: what, with whom and when."""
        return {
            "booking_id": BOOKING,
            "offer_title": self.title,
            "other_name": other_name,
            "starts_at": AT,
        }

    def style(self) -> dict[str, Any]:
        """The creator's own words and colour, as `creators.queries.mail_style` answers them."""
        return {
            "welcome": self.welcome,
            "accent": self.accent,
            "signature": self.signature,
            "confirmation_text": self.confirmation,
            "reminder_text": self.reminder,
            "creator_name": self.creator,
        }


def usual_scene() -> Scene:
    """What people usually write, in the language that is active."""
    return Scene(
        fan="Camille Laurent",
        creator="Zoé Martin",
        admin="Alex Robin",
        title=_("Your first song on the guitar"),
        asked=_(
            "I have played your songs since I was twelve.\nCould we go through the chords of one of them?"
        ),
        accepted=_("Gladly! Have your guitar tuned when we start."),
        declined=_("I am on tour that week. Do ask again in April!"),
        reviewed=_("Warm, patient and very precise.\nI will book another one."),
        contested=_("I was there from the start and waited for twenty minutes."),
        decided=_("We have compared what you both wrote with the records of the call."),
        rejected=_("Two of the calls are still being looked into."),
        welcome=_("Thank you for booking with me!"),
        signature=_("I look forward to it,\nZoé"),
        confirmation=_("Dear {fan_name}, have your guitar at hand and a capo if you have one."),
        reminder=_(
            "We see each other at {time}: {duration} for “{call_title}”. Your guitar is tuned, isn’t it?"
        ),
    )

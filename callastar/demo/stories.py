"""What fans and creators of the demo have been through, and what is to come."""

from dataclasses import dataclass
from enum import Enum, auto

from callastar.demo.people import LEA, MAYA, OLIVER, Person


class End(Enum):
    """How a story ends."""

    COMPLETED = auto()
    DISPUTED = auto()  # completed; then the fan's bank takes the money, and nobody has decided yet
    DISPUTE_WON = auto()  # the same, answered and decided for the creator
    FAN_ABSENT = auto()  # completed; only the creator came
    CREATOR_ABSENT = auto()  # completed; only the fan came, who got everything back
    CONTESTED = auto()  # completed and held; the fan does not agree, and nobody has decided yet
    REFUNDED_LATER = auto()  # completed and paid out; then an admin gives a part back
    FAN_CANCELLED = auto()
    CREATOR_CANCELLED = auto()
    LAPSED = auto()
    DECLINED = auto()
    GIVEN_UP = auto()
    CONFIRMED = auto()
    RESERVED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A fan and a call of a creator; one for each pair and kind.

    `days` from today on (negative: ago) at an `hour` of the creator's zone; no hour: a few minutes from now, or for
    one that its fan cancels within a day, so late that half of the price goes back.
    """

    fan: Person
    creator: str
    kind: int = 0
    days: int = 0
    hour: str = ""
    end: End

    @property
    def is_past(self) -> bool:
        """Whether its call's time has passed."""
        return self.days < 0


class PayoutEnd(Enum):
    """How a payout's story ends."""

    PAID = auto()
    FAILED = auto()
    WAITING = auto()  # for an admin


@dataclass(frozen=True, kw_only=True, slots=True)
class PayoutStory:
    """A creator's first payout, by their schedule or because they `asked`."""

    creator: str
    asked: bool = False
    end: PayoutEnd


# What is old enough to be in the payouts, and what has nothing to do with them.
BEFORE_PAYOUTS = (
    Story(fan=MAYA, creator="camille-delorme", kind=1, days=-15, hour="18:30", end=End.COMPLETED),
    Story(fan=OLIVER, creator="camille-delorme", kind=2, days=-23, hour="12:15", end=End.COMPLETED),
    Story(fan=OLIVER, creator="rosalind-achebe", kind=1, days=-20, hour="17:00", end=End.COMPLETED),
    Story(fan=LEA, creator="rosalind-achebe", days=-13, hour="10:30", end=End.COMPLETED),
    Story(fan=MAYA, creator="yanis-benali", days=-18, hour="20:00", end=End.REFUNDED_LATER),
    Story(fan=OLIVER, creator="jordan-blake", kind=2, days=-12, hour="10:30", end=End.COMPLETED),
    Story(fan=LEA, creator="marcus-reed", kind=1, days=-14, hour="12:00", end=End.COMPLETED),
    Story(fan=MAYA, creator="marcus-reed", kind=2, days=-10, hour="08:00", end=End.COMPLETED),
    Story(fan=LEA, creator="salma-haddad", kind=1, end=End.CONFIRMED),
    Story(fan=OLIVER, creator="camille-delorme", days=1, hour="17:15", end=End.CONFIRMED),
    Story(fan=LEA, creator="etienne-marchal", kind=1, days=3, hour="18:30", end=End.RESERVED),
    Story(fan=OLIVER, creator="marcus-reed", kind=1, days=5, hour="13:30", end=End.RESERVED),
    Story(fan=LEA, creator="yanis-benali", days=-7, hour="19:00", end=End.LAPSED),
    Story(fan=MAYA, creator="jordan-blake", days=-5, hour="11:00", end=End.DECLINED),
    Story(fan=OLIVER, creator="nadia-keller", kind=1, days=-8, hour="19:00", end=End.GIVEN_UP),
)
PAYOUTS = (
    PayoutStory(creator="camille-delorme", asked=True, end=PayoutEnd.PAID),
    PayoutStory(creator="rosalind-achebe", end=PayoutEnd.PAID),
    PayoutStory(creator="yanis-benali", end=PayoutEnd.PAID),
    PayoutStory(creator="jordan-blake", end=PayoutEnd.FAILED),
    PayoutStory(creator="marcus-reed", asked=True, end=PayoutEnd.WAITING),
)
AFTER_PAYOUTS = (
    Story(fan=LEA, creator="nadia-keller", days=-16, hour="18:00", end=End.COMPLETED),
    Story(fan=MAYA, creator="salma-haddad", kind=1, days=-11, hour="19:00", end=End.COMPLETED),
    Story(fan=LEA, creator="priya-nair", kind=2, days=-10, hour="13:00", end=End.DISPUTED),
    Story(fan=LEA, creator="camille-delorme", days=-9, hour="19:30", end=End.COMPLETED),
    Story(fan=MAYA, creator="elodie-favre", kind=1, days=-8, hour="10:00", end=End.DISPUTE_WON),
    Story(fan=OLIVER, creator="priya-nair", days=-6, hour="18:00", end=End.FAN_ABSENT),
    Story(fan=LEA, creator="elodie-favre", days=-4, hour="17:30", end=End.COMPLETED),
    Story(fan=MAYA, creator="maelle-kerouan", days=-3, hour="14:00", end=End.CREATOR_ABSENT),
    Story(fan=MAYA, creator="camille-delorme", days=-2, hour="18:30", end=End.CONTESTED),
    Story(fan=OLIVER, creator="maelle-kerouan", end=End.FAN_CANCELLED),
    Story(fan=OLIVER, creator="etienne-marchal", days=4, hour="11:00", end=End.CREATOR_CANCELLED),
)
STORIES = (*BEFORE_PAYOUTS, *AFTER_PAYOUTS)

"""What fans and creators of the demo have been through, and what is to come."""

from dataclasses import dataclass
from enum import Enum, auto

from callastar.demo.people import LEA, MAYA, OLIVER, Person


class End(Enum):
    """How a story ends."""

    COMPLETED = auto()
    LAPSED = auto()
    DECLINED = auto()
    GIVEN_UP = auto()
    CONFIRMED = auto()
    RESERVED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A fan and a call of a creator; one for each pair.

    `days` from today on (negative: ago) at an `hour` of the creator's zone; no hour: a few minutes from now.
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


STORIES = (
    Story(fan=LEA, creator="salma-haddad", kind=1, end=End.CONFIRMED),
    Story(fan=OLIVER, creator="camille-delorme", days=1, hour="17:15", end=End.CONFIRMED),
    Story(fan=LEA, creator="etienne-marchal", kind=1, days=3, hour="18:30", end=End.RESERVED),
    Story(fan=OLIVER, creator="marcus-reed", kind=1, days=5, hour="13:30", end=End.RESERVED),
    Story(fan=MAYA, creator="maelle-kerouan", days=-3, hour="14:00", end=End.COMPLETED),
    Story(fan=LEA, creator="elodie-favre", days=-4, hour="17:30", end=End.COMPLETED),
    Story(fan=OLIVER, creator="priya-nair", days=-6, hour="18:00", end=End.COMPLETED),
    Story(fan=LEA, creator="camille-delorme", days=-9, hour="19:30", end=End.COMPLETED),
    Story(fan=MAYA, creator="salma-haddad", kind=1, days=-11, hour="19:00", end=End.COMPLETED),
    Story(fan=OLIVER, creator="jordan-blake", kind=2, days=-12, hour="10:30", end=End.COMPLETED),
    Story(fan=LEA, creator="nadia-keller", days=-16, hour="18:00", end=End.COMPLETED),
    Story(fan=OLIVER, creator="rosalind-achebe", kind=1, days=-20, hour="17:00", end=End.COMPLETED),
    Story(fan=LEA, creator="yanis-benali", days=-7, hour="19:00", end=End.LAPSED),
    Story(fan=MAYA, creator="jordan-blake", days=-5, hour="11:00", end=End.DECLINED),
    Story(fan=OLIVER, creator="nadia-keller", kind=1, days=-8, hour="19:00", end=End.GIVEN_UP),
)

"""One API call, read and checked."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """The account acted for, ids from the path, parameters of the right types, and who calls."""

    account: str
    params: dict[str, Any]
    path: dict[str, str] = field(default_factory=dict)
    url: str = ""
    key: str = ""
    publishable: bool = False

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.path["id"]

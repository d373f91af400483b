"""What a host of video rooms must be able to do; the rest of the product knows nothing else of it."""

from collections.abc import Iterator
from typing import Protocol

from callastar.calls import builtin
from callastar.calls.models import Provider
from callastar.providers.daily import gateway as daily
from callastar.providers.rooms import HostedRoom, RoomRequest, TokenRequest


class RoomProvider(Protocol):
    """A host of private rooms for two. All methods raise `ProviderError`."""

    def create_room(self, *, request: RoomRequest) -> HostedRoom:
        """Make the room; one of that name that exists is success."""

    def get_room(self, *, name: str) -> HostedRoom | None:
        """The room, None if there is none."""

    def delete_room(self, *, name: str) -> None:
        """Make sure that the room is gone; "not found" is success."""

    def list_rooms(self) -> Iterator[HostedRoom]:
        """Every room that the host has, ours or not, the newest first."""

    def create_token(self, *, request: TokenRequest) -> str:
        """A token for one person and one room."""


PROVIDERS: dict[str, RoomProvider] = {Provider.DAILY: daily, Provider.BUILT_IN: builtin}


def provider_of(name: str) -> RoomProvider:
    """The host that a call's room is at."""
    return PROVIDERS[name]

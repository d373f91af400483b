"""CA-1: a built-in room is in the database, not in a process: two web processes, one of which is killed meanwhile."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

import httpx
import pytest

from tests.rooms import BuiltInRoom, make_built_in_room
from tests.servers import free_address, kill, product_environment, running_web

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
PATIENCE = 60


class Browser:
    """The page of a room, whose requests all go to one process."""

    def __init__(self, address: str, room: BuiltInRoom, person: Any) -> None:
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {room.token(person)}"},
            timeout=PATIENCE,
            trust_env=False,
        )
        self._rooms = f"/api/calls/rooms/{room.name}/"
        self.place: dict[str, Any] = {}
        self.read = 0

    @property
    def session(self) -> str:
        return self.place["session"]

    def join(self) -> None:
        self.place = self._client.post(self._rooms + "join", json={}).raise_for_status().json()

    def beat(self, address: str = "") -> dict[str, Any]:
        answer = self._client.post(f"{address}{self._rooms}beat", json={"session": self.session})
        return answer.raise_for_status().json()

    def send(self, other: "Browser", payload: dict[str, Any]) -> None:
        message = {"session": self.session, "to": other.session, "payload": payload}
        self._client.post(self._rooms + "signals", json=message).raise_for_status()

    def fetch(self) -> list[dict[str, Any]]:
        """The payloads that it has not read yet."""
        wanted = {"session": self.session, "after": str(self.read)}
        answer = self._client.get(self._rooms + "signals", params=wanted).raise_for_status()
        signals = answer.json()["signals"]
        self.read = signals[-1]["id"] if signals else self.read
        return [signal["payload"] for signal in signals]

    @contextmanager
    def watching(self) -> Iterator[Iterator[dict[str, Any]]]:
        """The events of its stream, from now on."""
        with self._client.stream("GET", self.place["events_url"]) as stream:
            lines = stream.iter_lines()
            while not next(lines).startswith(":"):  # a comment says that it is listening
                pass
            yield (json.loads(line[6:]) for line in lines if line.startswith("data: "))


def _next_signal(events: Iterator[dict[str, Any]], session: str) -> bool:
    """Wait until the stream says that there is something for the session."""
    return any(event["what"] == "signal" and event["to"] == session for event in events)


@contextmanager
def beating(address: str, *browsers: Browser) -> Iterator[None]:
    """Signs of life by way of another process, as a load balancer would lead them while one is down."""
    is_over = Event()

    def beat() -> None:
        while not is_over.wait(2):
            assert all(browser.beat(address)["here"] for browser in browsers)

    with ThreadPoolExecutor(1) as threads:
        beats = threads.submit(beat)
        try:
            yield
        finally:
            is_over.set()
        beats.result(PATIENCE)


def test_a_call_outlives_the_process_that_carried_it() -> None:
    """CA-1: signals cross from one process to the other, also after a kill; who is inside stays inside."""
    room = make_built_in_room()
    one, two = free_address(), free_address()
    environment = product_environment(site=one, STUN_URLS="")
    with ExitStack() as processes, ThreadPoolExecutor(1) as threads:
        first, _ = processes.enter_context(running_web(environment, one, two))
        fan, creator = Browser(one, room, room.fan), Browser(two, room, room.creator)
        fan.join()
        creator.join()
        assert creator.place["other"]["session"] == fan.session
        with creator.watching() as events:
            woken = threads.submit(_next_signal, events, creator.session)
            fan.send(creator, {"n": 1})
            assert woken.result(PATIENCE)
            assert creator.fetch() == [{"n": 1}]
            creator.send(fan, {"n": 2})
            assert fan.fetch() == [{"n": 2}]

            kill(first)
            with pytest.raises(httpx.TransportError):
                fan.beat()
            creator.send(fan, {"n": 3})
            with beating(two, fan, creator):
                processes.enter_context(running_web(environment, one))

            assert fan.fetch() == [{"n": 3}]
            assert fan.beat()["here"]
            woken = threads.submit(_next_signal, events, creator.session)
            fan.send(creator, {"n": 4})
            assert woken.result(PATIENCE)
            assert creator.fetch() == [{"n": 4}]

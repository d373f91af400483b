"""Deliveries: signed, retried with the same event, disturbed on demand (SB-2, SB-4)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Store
from sandboxes.kit.webhooks import Attempt, Deliveries, Result
from tests.contract.sandbox_program import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class Post:
    """A queue of its own with one endpoint, run until something has happened."""

    def __init__(self, folder: Path, url: str) -> None:
        self.results: list[Result] = []
        self.clock = Clock(store := Store(folder / "state.sqlite3"))
        self._make = lambda: Deliveries(store, self.clock, self._sign, self.results.append)
        self.endpoint = {"id": "we_1", "url": url}
        self.waiting = lambda: store.all("delivery")

    def run(self, act: Callable[[Deliveries], object], until: Callable[[], object]) -> None:
        """Start a queue, act on it, stop it once ``until()`` holds."""
        asyncio.run(self._run(act, until))

    def send(self, deliveries: Deliveries, *types: str) -> None:
        for type in types:
            deliveries.enqueue(self.endpoint, {"id": f"evt_{type}", "type": type})

    async def _run(self, act: Callable[[Deliveries], object], until: Callable[[], object]) -> None:
        deliveries = self._make()
        deliveries.loop.start()
        act(deliveries)
        async with asyncio.timeout(8):
            while not until():
                await asyncio.sleep(0.02)
        await deliveries.stop()

    @staticmethod
    def _sign(endpoint: dict, body: bytes, attempt: Attempt) -> dict[str, str]:
        return {"X-Signature": f"{endpoint['id']}.{attempt.number}", "X-Delivery": attempt.delivery_id}


@pytest.fixture
def post(tmp_path: Path, receiver: Receiver) -> Post:
    return Post(tmp_path, receiver.url)


def _types(receiver: Receiver) -> list[str]:
    return [each.json["type"] for each in receiver.received]


def test_events_arrive_in_order_compact_and_signed(post: Post, receiver: Receiver) -> None:
    post.run(lambda queue: post.send(queue, "a", "b"), lambda: len(post.results) == 2)
    assert _types(receiver) == ["a", "b"]
    assert receiver.received[0].body == b'{"id":"evt_a","type":"a"}'
    assert receiver.received[0].headers["x-signature"] == "we_1.1"
    assert post.waiting() == []


def test_a_refused_event_is_sent_again_with_the_same_id(post: Post, receiver: Receiver) -> None:
    """SB-4: 1, 2, 4 … seconds."""
    receiver.answer_next(500, 302)
    post.run(lambda queue: post.send(queue, "a"), lambda: len(post.results) == 3)
    first, second, third = receiver.received
    assert [result.ok for result in post.results] == [False, False, True]
    assert len({each.headers["x-delivery"] for each in receiver.received}) == 1
    assert second.at - first.at == pytest.approx(1, abs=0.5)
    assert third.at - second.at == pytest.approx(2, abs=0.5)


def test_an_absent_receiver_is_tried_until_the_end(post: Post, receiver: Receiver) -> None:
    post.endpoint["url"] = "http://127.0.0.1:1/nobody"

    def advance() -> bool:
        post.clock.advance(60)
        return bool(post.results) and not post.results[-1].will_retry

    post.run(lambda queue: post.send(queue, "a"), advance)
    assert len(post.results) == 12
    assert post.results[-1].status is None
    assert post.waiting() == []


def test_what_waits_survives_a_restart(post: Post, receiver: Receiver) -> None:
    """SB-1."""

    def hold(queue: Deliveries) -> None:
        queue.set_mode("hold")
        post.send(queue, "a")

    post.run(hold, lambda: True)
    post.run(lambda queue: queue.release(), lambda: post.results)
    assert _types(receiver) == ["a"]


def test_held_events_leave_when_released_and_by_type(post: Post, receiver: Receiver) -> None:
    def act(queue: Deliveries) -> None:
        queue.set_mode("hold")
        post.send(queue, "a", "b")
        assert queue.release(["b"]) == 1

    post.run(act, lambda: post.results)
    assert _types(receiver) == ["b"]
    post.run(lambda queue: queue.set_mode("normal"), lambda: len(post.results) == 2)
    assert _types(receiver) == ["b", "a"]


def test_dropped_events_never_arrive(post: Post, receiver: Receiver) -> None:
    def act(queue: Deliveries) -> None:
        queue.set_mode("drop")
        post.send(queue, "lost")
        queue.set_mode("normal")
        post.send(queue, "kept")

    post.run(act, lambda: post.results)
    assert _types(receiver) == ["kept"]


def test_duplicates_come_twice_with_one_id(post: Post, receiver: Receiver) -> None:
    def act(queue: Deliveries) -> None:
        queue.set_mode("duplicate")
        post.send(queue, "a")

    post.run(act, lambda: post.results)
    assert _types(receiver) == ["a", "a"]
    assert len({each.headers["x-delivery"] for each in receiver.received}) == 1


def test_shuffled_events_come_out_of_order(post: Post, receiver: Receiver) -> None:
    def act(queue: Deliveries) -> None:
        queue.set_mode("shuffle")
        post.send(queue, "a", "b", "c")

    post.run(act, lambda: len(post.results) == 3)
    assert sorted(_types(receiver)) == ["a", "b", "c"]
    assert _types(receiver) != ["a", "b", "c"]


def test_a_cancelled_endpoint_hears_nothing_more(post: Post, receiver: Receiver) -> None:
    def act(queue: Deliveries) -> None:
        post.send(queue, "a")
        queue.cancel("we_1")
        queue.enqueue({**post.endpoint, "id": "we_2"}, {"type": "b"})

    post.run(act, lambda: post.results)
    assert _types(receiver) == ["b"]


def test_an_unknown_mode_is_refused(post: Post) -> None:
    def act(queue: Deliveries) -> None:
        with pytest.raises(ValueError, match="mode must be"):
            queue.set_mode("chaos")

    post.run(act, lambda: True)


def test_on_result_may_be_async(post: Post) -> None:
    """A circuit breaker may need to write what it learnt."""
    heard: list[int | None] = []

    async def listen(result: Result) -> None:
        heard.append(result.status)

    listener: Callable[[Result], Awaitable[None]] = listen
    store = Store(":memory:")
    make = lambda: Deliveries(store, Clock(store), lambda *_: {}, listener)  # noqa: E731
    post._make = make
    post.run(lambda queue: post.send(queue, "a"), lambda: heard)
    assert heard == [200]

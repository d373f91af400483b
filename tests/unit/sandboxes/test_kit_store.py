"""The kit's documents and clock (SB-1: state survives a restart)."""

import time
from pathlib import Path

import pytest

from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "state.sqlite3")


def test_documents_keep_their_order_and_place(store: Store) -> None:
    for id in ("b", "a", "c"):
        store.put("thing", id, {"id": id, "n": 1})
    store.put("thing", "a", {"id": "a", "n": 2})
    store.delete("thing", "c")
    assert store.all("thing") == [{"id": "b", "n": 1}, {"id": "a", "n": 2}]
    assert store.get("thing", "a") == {"id": "a", "n": 2}
    assert store.get("thing", "c") is None
    assert store.kinds() == ["thing"]


def test_what_is_stored_is_there_for_the_next_start(store: Store, tmp_path: Path) -> None:
    """SB-1."""
    store.put("thing", "a", {"euro": "€"})
    store.set_setting("mode", ["x"])
    again = Store(tmp_path / "deep" / "state.sqlite3")
    assert again.get("thing", "a") == {"euro": "€"}
    assert again.setting("mode") == ["x"]
    assert again.setting("other", 7) == 7


def _put_and_fail(store: Store, *, id: str) -> None:
    with store.transaction():
        store.put("thing", id, {})
        raise ZeroDivisionError


def _fail_inside(store: Store, *, id: str) -> None:
    with pytest.raises(ZeroDivisionError):
        _put_and_fail(store, id=id)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    _fail_inside(store, id="a")
    assert store.all("thing") == []


def test_an_inner_failure_takes_only_its_own_writes_back(store: Store) -> None:
    with store.transaction():
        store.put("thing", "kept", {"kept": True})
        _fail_inside(store, id="lost")
        with store.transaction():
            store.put("thing", "also", {"kept": True})
    assert len(store.all("thing")) == 2
    assert store.get("thing", "lost") is None


def test_reset_forgets_everything(store: Store) -> None:
    """SB-2."""
    store.put("thing", "a", {})
    store.set_setting("mode", "x")
    store.reset()
    assert (store.all("thing"), store.setting("mode")) == ([], None)


def test_the_clock_moves_forward_and_stays_there(store: Store) -> None:
    """SB-2: clock."""
    Clock(store).advance(3600)
    assert Clock(store).now() == pytest.approx(time.time() + 3600, abs=1)
    with pytest.raises(ValueError, match="forward"):
        Clock(store).advance(-1)

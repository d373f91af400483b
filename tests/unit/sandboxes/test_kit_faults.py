"""Which requests a fault hits, and how often (SB-2)."""

from pathlib import Path

import pytest

from sandboxes.kit.clock import Clock
from sandboxes.kit.faults import Faults, matches
from sandboxes.kit.store import Store


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    store = Store(tmp_path / "state.sqlite3")
    return Faults(store, Clock(store))


@pytest.mark.parametrize(
    ("match", "method", "path", "hit"),
    [
        ("POST /v1/refunds", "POST", "/v1/refunds", True),
        ("POST /v1/refunds", "POST", "/v1/refunds/re_1", True),
        ("POST /v1/refunds", "POST", "/v1/refundsx", False),
        ("POST /v1/refunds", "GET", "/v1/refunds", False),
        ("* /v1/refunds", "GET", "/v1/refunds", True),
        ("POST /v1/payment_intents/*/confirm", "POST", "/v1/payment_intents/pi_1/confirm", True),
        ("POST /v1/payment_intents/*/confirm", "POST", "/v1/payment_intents/pi_1/cancel", False),
        ("* /", "DELETE", "/anything/at/all", True),
        ("GET /v1/a.b", "GET", "/v1/aXb", False),
    ],
)
def test_a_match_covers_its_path_and_what_is_below(match: str, method: str, path: str, hit: bool) -> None:
    assert matches(match, method, path) is hit


def test_a_fault_is_counted_down(faults: Faults) -> None:
    faults.add(match="POST /emails", kind="500", times=2)
    taken = [faults.take("POST", "/emails") for _ in range(3)]
    assert taken == ["500", "500", None]


def test_the_oldest_fault_comes_first_and_others_wait(faults: Faults) -> None:
    faults.add(match="POST /emails", kind="slow")
    faults.add(match="* /", kind="429")
    assert faults.take("GET", "/emails") == "429"
    assert faults.take("POST", "/emails") == "slow"
    assert faults.waiting() == []


def test_clear_forgets_them(faults: Faults) -> None:
    faults.add(match="* /", kind="drop_after", times=5)
    faults.clear()
    assert faults.take("GET", "/") is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {"match": "/emails", "kind": "500"},
        {"match": "POST emails", "kind": "500"},
        {"match": "POST /emails", "kind": "503"},
        {"match": "POST /emails", "kind": "500", "times": 0},
    ],
)
def test_nonsense_is_refused_and_changes_nothing(faults: Faults, nonsense: dict) -> None:
    with pytest.raises(ValueError, match=r"must"):
        faults.add(**nonsense)
    assert faults.waiting() == []

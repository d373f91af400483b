"""How much picture a built-in room sends on a bad line (CA-1): the browser's own pure module, run by Node.js."""

import json
import subprocess
from typing import Any

import pytest

from tools import node

MODULE = node.ROOT / "assets" / "js" / "room" / "quality.js"
GOOD, SO_SO, BAD, AWFUL = (
    {"loss": 0, "rtt": 0.05},
    {"loss": 0.03, "rtt": 0.1},
    {"loss": 0.06, "rtt": 0.1},
    {"loss": 0.3, "rtt": 0.1},
)
SLOW = {"loss": 0, "rtt": 0.7}


def run(script: str, value: Any) -> Any:
    """What a line of JavaScript makes of a value, with the module's functions at hand."""
    program = f"""
        import {{ LEVELS, SOUND_ONLY, START, isHeard, next, sampleOf }} from {json.dumps(MODULE.as_uri())};
        const value = {json.dumps(value)};
        console.log(JSON.stringify({script}));
    """
    command = [str(node.folder() / "bin" / "node"), "--input-type=module", "--no-warnings", "-e", program]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def levels(*samples: dict[str, float]) -> list[int]:
    """The level after each sample."""
    return [state["level"] for state in states(*samples)]


def states(*samples: dict[str, float]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(
        "value.reduce((all, one) => [...all, next(all.at(-1) ?? START, one)], [])", samples
    )
    return found


def test_a_good_line_sends_all() -> None:
    assert set(levels(*[GOOD] * 10)) == {0}


@pytest.mark.parametrize("sample", [BAD, SLOW])
def test_two_bad_samples_send_less_and_one_does_not(sample: dict[str, float]) -> None:
    assert levels(sample, GOOD, sample, sample, GOOD) == [0, 0, 0, 1, 1]


def test_an_awful_line_keeps_the_sound() -> None:
    """CA-1: the picture gives way, at once and in the end altogether; it comes back step by step."""
    assert levels(*[AWFUL] * 4) == [2, 4, 5, 5]
    last = run("[LEVELS[SOUND_ONLY].active, LEVELS.filter((one) => !one.active).length, LEVELS.length]", None)
    assert last == [False, 1, 6]
    assert levels(*[AWFUL] * 3, *[GOOD] * 20)[-1] == 0


def test_so_so_neither_lowers_nor_raises() -> None:
    assert levels(BAD, BAD, *[SO_SO] * 20) == [0, *[1] * 21]


def test_trying_in_vain_is_tried_less_often() -> None:
    """Each raise that goes wrong doubles the patience, so that the picture does not swing for the whole call."""
    swing = [*[GOOD] * 4, BAD, BAD]
    found = levels(BAD, BAD, *swing, *[GOOD] * 7, GOOD)
    assert found[5:8] == [0, 0, 1]
    assert found[-2:] == [1, 0]


def test_the_notice_stays_until_the_line_is_good_again() -> None:
    notices = [state["isPoor"] for state in states(GOOD, BAD, BAD, SO_SO, GOOD, GOOD)]
    assert notices == [False, False, True, True, True, False]


def test_a_sample_is_what_changed_between_two_reports() -> None:
    """Lost packets are counted since the last look; a report that has not moved says nothing new."""

    def report(lost: int, received: int, at: int) -> list[Any]:
        return [
            ["in", {"type": "inbound-rtp", "packetsLost": lost, "packetsReceived": received}],
            [
                "far",
                {"type": "remote-inbound-rtp", "timestamp": at, "fractionLost": 0.2, "roundTripTime": 0.4},
            ],
            ["way", {"type": "candidate-pair", "nominated": True, "currentRoundTripTime": 0.1}],
        ]

    pairs = [[report(50, 950, 1), report(60, 1040, 2)], [report(50, 950, 1), report(50, 1050, 1)], [None, []]]
    found = run("value.map(([before, now]) => sampleOf(before, now))", pairs)
    assert found[0] == {"loss": 0.2, "rtt": 0.4, "received": 0.1}
    assert found[1] == {"loss": 0, "rtt": 0.4, "received": 0}
    assert found[2] == {"loss": 0, "rtt": 0, "received": 0}
    assert run("value.map(isHeard)", [0.01, 0.1]) == [False, True]

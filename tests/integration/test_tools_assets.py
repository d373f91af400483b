"""What the build of style sheet and scripts promises: small files, and no work when nothing changed."""

import random
from pathlib import Path

import pytest

from tools import stamps
from tools.asset_sizes import SCRIPT_LIMIT, sizes


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for name, content in {"css/app.css": b"a{}", "js/app.js": b"1", "js/pay.js": b"2"}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_a_page_is_weighed_with_the_script_that_all_pages_load(static: Path) -> None:
    """UI-8: the limit holds for what a page needs, not for a file."""
    (static / "js" / "app.js").write_bytes(random.Random(1).randbytes(60_000))
    (static / "js" / "pay.js").write_bytes(random.Random(2).randbytes(60_000))
    found = sizes(static)
    assert found["js/app.js"][0] < SCRIPT_LIMIT < found["js/app.js + pay.js"][0]
    assert found["css/app.css"][0] < 100


def test_what_we_ship_is_small_enough() -> None:
    """UI-8: under 100 kB of scripts and 40 kB of style sheet, compressed."""
    assert [name for name, (size, limit) in sizes().items() if size >= limit] == []


def test_work_is_done_again_only_when_its_inputs_change(tmp_path: Path) -> None:
    """OP-1: a second start installs and builds nothing."""
    source, made, done = tmp_path / "source", tmp_path / "made", []
    source.mkdir()
    (source / "a.css").write_text("a")

    def make() -> bool:
        return stamps.make(made, stamps.digest([source]), lambda: done.append(1))

    assert [make(), make()] == [True, False]
    (source / "a.css").write_text("b")
    assert [make(), make()] == [True, False]
    (source / "a.css").rename(source / "b.css")
    assert make()
    assert len(done) == 3


def test_interrupted_work_is_done_again(tmp_path: Path) -> None:
    """OP-1: an installation that failed half-way does not count as done."""

    def fail() -> None:
        raise RuntimeError("interrupted")

    stamps.make(tmp_path / "made", "first", lambda: None)
    with pytest.raises(RuntimeError):
        stamps.make(tmp_path / "made", "second", fail)
    assert stamps.make(tmp_path / "made", "second", lambda: None)

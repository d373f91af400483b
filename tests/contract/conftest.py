"""The sandboxes as running programs: one for the whole run, emptied before each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.contract.daily_api import DailyApi
from tests.contract.daily_people import LAUNCH, People, Person
from tests.contract.sandbox_program import Receiver, SandboxProgram


def _run(name: str, folder: Path) -> Iterator[SandboxProgram]:
    program = SandboxProgram(name, folder)
    yield program
    program.kill()


def _fresh(program: SandboxProgram) -> SandboxProgram:
    program.ensure_running()
    program.control("POST", "reset")
    return program


@pytest.fixture(scope="session")
def stripe_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("stripe", tmp_path_factory.mktemp("stripe"))


@pytest.fixture(scope="session")
def daily_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("daily", tmp_path_factory.mktemp("daily"))


@pytest.fixture(scope="session")
def resend_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProgram]:
    yield from _run("resend", tmp_path_factory.mktemp("resend"))


@pytest.fixture
def stripe_sandbox(stripe_program: SandboxProgram) -> SandboxProgram:
    """Stripe's sandbox, empty: .url, .keys, .control(method, path, json), .restart(), .kill(), .start()."""
    return _fresh(stripe_program)


@pytest.fixture
def daily_sandbox(daily_program: SandboxProgram) -> SandboxProgram:
    """Daily's sandbox, empty."""
    return _fresh(daily_program)


@pytest.fixture
def daily(daily_sandbox: SandboxProgram) -> DailyApi:
    """The REST API of Daily's sandbox, empty."""
    return DailyApi(daily_sandbox)


@pytest.fixture
def resend_sandbox(resend_program: SandboxProgram) -> SandboxProgram:
    """Resend's sandbox, empty."""
    return _fresh(resend_program)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of the test's own: .url, .received, .answer_next(500), .wait_for_types("a.b")."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def chromium_with_camera(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose camera and microphone are made up."""
    browser = playwright.chromium.launch(**LAUNCH)
    yield browser
    browser.close()


@pytest.fixture
def person(chromium_with_camera: Browser) -> Iterator[People]:
    """Makes people with a window of their own; none of them may have met an error in a page's scripts."""
    everyone: list[Person] = []

    def new(**options: Any) -> Person:
        everyone.append(Person(chromium_with_camera, **options))
        return everyone[-1]

    yield new
    for one in everyone:
        one.go()
    assert [one.errors for one in everyone if one.errors] == []

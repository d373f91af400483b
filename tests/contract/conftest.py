"""What contract tests need beside the sandboxes: their APIs, a receiver of webhooks, a browser with a camera."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.contract.daily_api import DailyApi
from tests.contract.daily_people import LAUNCH, People, Person
from tests.contract.sandbox_program import Receiver, SandboxProgram


@pytest.fixture
def daily(daily_sandbox: SandboxProgram) -> DailyApi:
    """The REST API of Daily's sandbox, empty."""
    return DailyApi(daily_sandbox)


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

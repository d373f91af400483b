"""A real browser for the journeys: the machine's Chromium, with a camera and microphone that exist in software only."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tools.bootstrap import ROOT
from tools.browser import find

FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
]
# Playwright's loop runs in the test's thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find(), "args": FLAGS}


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/Paris", "service_workers": "block"}


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Finds what WCAG 2.2 AA forbids on a page: one line for each element (UI-7)."""
    source = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def violations(page: Page) -> list[str]:
        page.evaluate(source)  # evaluated, not added as a script: the page's content policy would refuse that
        found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)["violations"]
        return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    return violations

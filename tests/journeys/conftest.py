"""A real browser for the journeys: the machine's Chromium, with a camera and microphone that exist in software only."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from callastar.accounts.models import User
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_user
from tests.journeys.crawler import Axe, Crawler
from tests.journeys.site import running_site
from tests.stripe_people import make_onboarded_creator
from tests.world import BIO, World
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
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/Paris",
        "service_workers": "block",
    }


@pytest.fixture
def axe() -> Axe:
    """Finds what WCAG 2.2 AA forbids on a page, `but` in some parts of it: one line for each element (UI-7)."""
    source = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # Only what is wrong travels: the rest of the report is half a megabyte a page.
    run = """async ([runOnly, exclude]) =>
      (await axe.run({ exclude }, { runOnly, resultTypes: ["violations"] })).violations"""

    ready: set[Page] = set()

    def violations(page: Page, but: Sequence[str] = ()) -> list[str]:
        if page not in ready:
            # By the browser, not as a script of the page's, which its content policy would refuse.
            page.add_init_script(source)
            page.evaluate(source)
            ready.add(page)
        found = page.evaluate(run, [tags, list(but)])
        return [
            f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]
        ]

    return violations


@pytest.fixture(scope="session")
def running_address(
    django_db_setup: None,
    stripe_program: SandboxProgram,
    daily_program: SandboxProgram,
    resend_program: SandboxProgram,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    media = tmp_path_factory.mktemp("media")
    with running_site(
        stripe=stripe_program, daily=daily_program, resend=resend_program, media=media
    ) as address:
        yield address


@pytest.fixture
def site(
    running_address: str, transactional_db: None, at_stripe: SandboxProgram, at_daily: SandboxProgram
) -> str:
    """The address of the running site; its database and sandboxes are empty."""
    return running_address


@pytest.fixture
def visit(site: str, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens a window of its own for somebody: `visit("/en/…", user, color_scheme="dark")`."""

    def open_window(path: str, user: User | None = None, **options: Any) -> Page:
        context = new_context(**options)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
            )
        page = context.new_page()
        page.goto(site + path)
        return page

    return open_window


@pytest.fixture
def world(site: str, at_stripe: SandboxProgram) -> World:
    user = make_user(name="Zoé Amadou", role="CREATOR")
    links = {"instagram": "https://www.instagram.com/zoe"}
    star = make_onboarded_creator(at_stripe, user=user, bio=BIO, expertise="Oud", social_links=links)
    return World(star)


@pytest.fixture
def crawl(
    site: str, world: World, axe: Axe, new_context: Callable[..., BrowserContext]
) -> Callable[..., list[str]]:
    """Looks at every page of the world; answers what is wrong, a line each."""

    def look_at_all(*, locale: str, theme: str, viewport: dict[str, int]) -> list[str]:
        context = new_context(color_scheme=theme, viewport=viewport, reduced_motion="reduce")
        crawler = Crawler(site, world, context, locale)
        problems = [problem for sight in crawler.sights for problem in crawler.look(sight, axe)]
        return [*problems, *crawler.dead_links()]

    return look_at_all

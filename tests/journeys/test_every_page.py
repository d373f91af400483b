"""Every page in English, on a desktop in the light; and what the crawl would find wrong."""

import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Route

from tests.journeys.crawler import DESKTOP, Axe, Crawler
from tests.world import Sight, World


def test_in_english_on_a_desktop_in_the_light(crawl: Callable[..., list[str]]) -> None:
    """UI-1, UI-2, UI-6, UI-7, UI-8."""
    problems = crawl(locale="en", theme="light", viewport=DESKTOP)
    assert not problems, "\n".join(problems)


BROKEN = """<!doctype html><html lang="fr"><title></title><body onload="moved()"><h1>Creators</h1><h1>Mes appels</h1>
  <p style="width: 60rem; color: #ddd">Free times</p><a href="/en/nowhere">12</a>
  <img src="/static/img/nothing.svg"><img src="/slow.svg" alt="" width="9" height="9"></body>
  <script>setTimeout(() => document.body.style.paddingTop = "20rem", 300)</script>"""


def answer_late(route: Route) -> None:
    """A page has loaded when all of it has: late enough to have been seen moving."""
    time.sleep(1)
    route.abort()


def test_the_crawl_finds_what_is_wrong(
    site: str, world: World, axe: Axe, new_context: Callable[..., BrowserContext]
) -> None:
    """The control: a page with a fault of each kind."""
    crawler = Crawler(site, world, new_context(viewport=DESKTOP, color_scheme="light"), "en")
    crawler.page.route("**/en/creators", lambda route: route.fulfill(body=BROKEN, content_type="text/html"))
    crawler.page.route("**/slow.svg", answer_late)
    crawler.sights = [Sight("guest", "creators")]
    found = "\n".join([*crawler.look(crawler.sights[0], axe), *crawler.dead_links()])
    for fault in (
        "lang is 'fr'",
        "title is ''",
        "headings of the first level: ['Creators', 'Mes appels']",
        "while loading: [",
        "in the other language: 'Free times'",
        "hreflang: {}",
        "script: moved is not defined",
        "404 from",
        "image-alt",
        "color-contrast",
        "wider than a phone",
        "/en/nowhere (guest): answers 404",
    ):
        assert fault in found

"""A crawl of every page, in a real browser, on the site as it runs in production.

UI-1, UI-2, UI-6, UI-7 and UI-8 are the same for all pages: what is found wrong is listed with the page it was found on.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Response

from callastar.accounts.models import User
from callastar.core.formats import zone_text
from tests.factories import PASSWORD
from tests.journeys.language import OTHER, foreign_texts
from tests.world import Sight, World

READ_PAGE = (Path(__file__).parent / "read_page.js").read_text(encoding="utf-8")
SCRIPT_LIMIT, STYLE_LIMIT = 100_000, 40_000  # bytes, compressed
SHIFT_LIMIT = 0.005
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
WIDER_THAN_WINDOW = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const sticksOut = (element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1;
  const all = [...document.querySelectorAll("body *")].filter(sticksOut);
  return all.filter((one) => ![...one.children].some(sticksOut)).map((one) => one.outerHTML.slice(0, 120));
}"""
MEASURE_SHIFTS = """
  window.layoutShift = 0, window.shifted = [];
  const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  const about = ({ node, previousRect, currentRect }) =>
    `${(node?.outerHTML ?? node?.data ?? "gone").slice(0, 90)} (${place(previousRect)} → ${place(currentRect)})`;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
      window.layoutShift += entry.value;
      window.shifted.push(...entry.sources.map(about));
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


Axe = Callable[..., list[str]]
FRAME = ("body > header", "body > footer")  # the same on all pages of one person


class Crawler:
    """Walks through the site in one browser window, as one person after the other."""

    def __init__(self, site: str, world: World, context: BrowserContext, locale: str) -> None:
        self.site, self.world, self.locale = site, world, locale
        self.sights = [*world.sights(), Sight("halfway", "account/2fa/authenticate/")]
        self._context, self._sessions = context, {who: session_of(user) for who, user in world.people.items()}
        self._sessions["halfway"] = self._halfway()
        self._complaints: list[str] = []
        self._links: set[tuple[str, str]] = set()
        self._framed: set[tuple[str, bool]] = set()
        context.add_init_script(MEASURE_SHIFTS)
        self.page = context.new_page()
        self._size = dict(self.page.viewport_size or DESKTOP)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._complaints.append(f"script: {error}"))
        self.page.on("response", self._receive)

    def look(self, sight: Sight, axe: Axe) -> Iterator[str]:
        """Open a page and list what is wrong with it."""
        self._complaints.clear()
        self._become(sight.who)
        response = self.page.goto(f"{self.site}/{self.locale}/{sight.path}")
        seen = self.page.evaluate(READ_PAGE)
        if seen["shift"] > SHIFT_LIMIT:
            # A busy machine paints what it has read so far. What a page does, it does again.
            self.page.reload()
            seen = self.page.evaluate(READ_PAGE)
        if sight.status == 200:
            self._links |= {(sight.who, link.split("#")[0]) for link in seen["links"]}
        problems = [
            *self._complaints,
            *self._about_answer(sight, response),
            *self._about_content(sight, seen),
        ]
        problems += [*about_weight(seen), *axe(self.page, but=self._known_frame(sight)), *self._about_width()]
        for problem in problems:
            yield f"/{self.locale}/{sight.path} ({sight.who}): {problem}"

    def _known_frame(self, sight: Sight) -> tuple[str, ...]:
        """What a person has around every page is looked through once, in the site and in the back office."""
        place = (sight.who, sight.path.startswith("dashboard/admin"))
        known = FRAME if place in self._framed else ()
        self._framed.add(place)
        return known

    def dead_links(self) -> Iterator[str]:
        """Addresses of the site that the pages lead to and that do not answer; each language's crawl sees its own."""
        seen = {(sight.who, f"{self.site}/{code}/{sight.path}") for code in OTHER for sight in self.sights}
        with httpx.Client(follow_redirects=True, trust_env=False, verify=False) as client:
            for who, link in sorted(self._links - seen):
                if link.startswith(self.site) and "/logout/" not in link:
                    client.cookies = httpx.Cookies({"sessionid": self._sessions[who]})
                    answer = client.get(link)
                    if not answer.is_success:
                        yield f"{link} ({who}): answers {answer.status_code}"

    def _about_answer(self, sight: Sight, response: Response | None) -> Iterator[str]:
        assert response
        if response.status != sight.status:
            yield f"answers {response.status}"
        wanted = f"{self.site}/{self.locale}/{sight.path}"
        if response.url != wanted and "/reset/key/" not in wanted:
            yield f"leads to {response.url}"

    def _about_content(self, sight: Sight, seen: dict[str, Any]) -> Iterator[str]:
        if seen["lang"] != self.locale:
            yield f"lang is {seen['lang']!r}"
        if not seen["title"].removesuffix("– Call a Star").strip(" –"):
            yield f"title is {seen['title']!r}"
        if len(seen["headings"]) != 1:
            yield f"headings of the first level: {seen['headings']}"
        if seen["shift"] > SHIFT_LIMIT:
            yield f"moves by {seen['shift']:.3f} while loading: {seen['shifted']}"
        yield from (
            f"in the other language: {text!r}" for text in sorted(foreign_texts(map(tuple, seen["texts"])))
        )
        yield from self._about_languages(sight, seen)
        yield from self._about_times(sight, seen)

    def _about_languages(self, sight: Sight, seen: dict[str, Any]) -> Iterator[str]:
        """The same page, query included, is one click away in the other language."""
        path = self.page.url.removeprefix(f"{self.site}/{self.locale}")
        here = {locale: f"/{locale}{path}" for locale in OTHER}
        if sight.status == 200:
            wrong = {
                code: link for code, link in seen["alternates"].items() if link != self.site + here[code]
            }
            if wrong or set(seen["alternates"]) != set(here):
                yield f"hreflang: {seen['alternates']}"
            if wrong := [link for code, link in seen["switchers"] if link != here[code]]:
                yield f"language switcher leads to {wrong}"

    def _about_times(self, sight: Sight, seen: dict[str, Any]) -> Iterator[str]:
        """Times come with the name of the zone they are in."""
        user = self.world.people.get(sight.who)
        zone = zone_text(user.zone if user else ZoneInfo("Europe/Paris"), self.locale)
        if seen["hasTimes"] and zone not in seen["main"]:
            yield f"shows times and does not say {zone!r}"

    def _about_width(self) -> Iterator[str]:
        """Nothing is wider than a phone."""
        if self._size != PHONE:
            self.page.set_viewport_size(PHONE)
        wide = self.page.evaluate(WIDER_THAN_WINDOW)
        if self._size != PHONE:
            self.page.set_viewport_size(self._size)
        if wide:
            yield f"wider than a phone: {wide}"

    def _become(self, who: str) -> None:
        self._context.clear_cookies(name="sessionid")
        if session := self._sessions[who]:
            self._context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])

    def _hear(self, message: ConsoleMessage) -> None:
        # Our own scripts are kept out of frames where nothing may act.
        expected = ("status of 40", "the document's frame is sandboxed")
        if message.type in {"error", "warning"} and not any(text in message.text for text in expected):
            self._complaints.append(f"console: {message.text}")

    def _receive(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self._complaints.append(f"{response.status} from {response.url}")

    def _halfway(self) -> str:
        """Somebody who gave the password and is asked for the second factor."""
        client, person = Client(), self.world.people["careful"]
        assert person
        client.post("/en/account/login/", {"login": person.email, "password": PASSWORD})
        return client.cookies["sessionid"].value


def about_weight(seen: dict[str, Any]) -> Iterator[str]:
    """UI-8: what travels for a page."""
    if seen["script"] >= SCRIPT_LIMIT or seen["style"] >= STYLE_LIMIT:
        yield f"too heavy: {seen['script']} bytes of JavaScript, {seen['style']} of CSS"


def session_of(user: User | None) -> str:
    """The session of somebody who signed in just now, with their password and their second factor if they have one."""
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, method="password", reauthenticated=True)
    if is_mfa_enabled(user):
        record_authentication(request, user, method="mfa", reauthenticated=True)
    request.session.save()
    return client.cookies["sessionid"].value

"""What belongs to no page in particular: the theme, the menus, the pages of failures, the API's document."""

from collections.abc import Callable
from functools import partial

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page, Route, expect

from tests.factories import make_user

Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]
PHONE = {"viewport": {"width": 360, "height": 740}}
NOTE_FIRST_THEME = """
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    window.firstTheme = document.documentElement.classList.contains("dark") ? "dark" : "light";
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
"""
FAILURES = ("400.html", "500.html", "503.html")


def test_the_theme_is_remembered_without_a_flash(visit: Visit) -> None:
    """UI-6: dark from the first node of the body on, whatever the system prefers, and on the next page too."""
    page = visit("/en/", color_scheme="light")
    page.context.add_init_script(NOTE_FIRST_THEME)
    page.get_by_role("button", name="Switch to the dark theme").first.click()
    expect(page.locator("html")).to_have_class("dark")
    page.get_by_role("link", name="Creators", exact=True).first.click()
    expect(page.get_by_role("heading", level=1, name="Creators")).to_be_visible()
    assert page.evaluate("window.firstTheme") == "dark"
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_class("dark")


def test_the_system_decides_unless_one_chooses(visit: Visit) -> None:
    """UI-6."""
    page = visit("/fr/", color_scheme="dark")
    expect(page.locator("html")).to_have_class("dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark")


def test_switching_language_keeps_the_page_and_is_remembered(visit: Visit) -> None:
    """UI-1: with its query; the root leads there afterwards."""
    page = visit("/fr/creators?q=jazz&sort=price")
    page.locator("summary", has_text="FR").click()
    page.get_by_role("link", name="English").first.click()
    page.wait_for_url("**/en/creators?q=jazz&sort=price")
    page.goto(page.url.split("/en/")[0] + "/")
    page.wait_for_url("**/en/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_menus_are_accessible(visit: Visit, axe: Axe, theme: str) -> None:
    """UI-7: on a desktop and on a phone."""
    user = make_user(name="Noa Quill")
    page = visit("/en/creators", user, color_scheme=theme, reduced_motion="reduce")
    for summary in ("Your account", "Language"):
        page.locator("summary", has_text=summary).or_(page.get_by_label(summary)).first.click()
        assert axe(page) == []
    page.set_viewport_size(PHONE["viewport"])
    page.get_by_label("Menu").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_failures_look_like_the_site(visit: Visit, axe: Axe, theme: str) -> None:
    """UI-3: what stands alone, in both languages, needs no database; and the refusal of a forged form."""
    forged = Client(enforce_csrf_checks=True).post("/fr/account/login/")
    bodies = {name: render_to_string(name) for name in FAILURES} | {"403.html": forged.content.decode()}
    page = visit("/fr/", color_scheme=theme, **PHONE)
    for name, body in bodies.items():
        page.route(f"**/{name}", partial(_answer, body))
        page.goto(page.url.split("/fr/")[0] + f"/fr/{name}")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


def _answer(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="text/html")


def test_the_apis_document_opens(visit: Visit) -> None:
    """AP-1: nothing of it is refused by the content policy."""
    complaints: list[str] = []
    page = visit("/en/")
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(page.url.replace("/en/", "/api/docs"))
    expect(page.get_by_role("heading", name="Call a Star")).to_be_visible()
    assert complaints == []

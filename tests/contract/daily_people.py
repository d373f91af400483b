"""People in front of a browser, for the tests of the room page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LAUNCH = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--allow-loopback-in-peer-connection",
    ],
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
#: Frames of the other person that were really shown so far.
FRAMES = """() => document.querySelector("#tiles .person video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0"""
SOUND = """() => document.querySelector("#tiles .person video").srcObject.getAudioTracks()
    .some((track) => track.readyState === "live" && !track.muted)"""


class Person:
    """Somebody with a browser window of their own."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(**{"locale": "en-US", **options})
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, url: str, token: str | None = None, **query: str) -> "Person":
        """Go to a room's address."""
        parts = {**({"t": token} if token else {}), **query}
        self.page.goto(url + "?" + "&".join(f"{name}={value}" for name, value in parts.items()))
        return self

    def join(self, name: str | None = None) -> "Person":
        """Go through the screen before the call."""
        if name:
            self.page.fill("#name", name)
        self.page.click("#join")
        expect(self.page.locator("#call")).to_be_visible()
        return self

    def sees_moving_pictures(self, frames: int = 10) -> None:
        """Wait until so many more frames of the other one have been shown."""
        self.page.wait_for_function(f"() => ({FRAMES})() > 0", timeout=15_000)
        start = self.page.evaluate(FRAMES)
        self.page.wait_for_function(f"() => ({FRAMES})() >= {start + frames}", timeout=15_000)

    def says(self, line: str) -> None:
        """Write into the chat."""
        if not self.page.locator("#chat-panel").is_visible():
            self.page.click("#chat")
        self.page.fill("#chat-text", line)
        self.page.keyboard.press("Enter")

    def accessibility_problems(self) -> list[str]:
        """What axe finds on the page as it is now."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("async () => (await axe.run()).violations")
        return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]

    def go(self) -> None:
        """Close the window."""
        self.context.close()


People = Callable[..., Person]

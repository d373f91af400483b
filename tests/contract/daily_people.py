"""People in front of a browser, for the tests of the room page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.contract.daily_api import wait_until

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
#: The tests look at what the page's connections receive; the page itself does not tell.
WATCH = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) { super(...options); connections.push(this); }
};
"""
#: Decoded frames, their height, and the energy of the sound that arrived, over all connections.
RECEIVED = """async () => {
    const received = { frames: 0, height: 0, energy: 0 };
    for (const connection of connections.filter((each) => each.connectionState === "connected")) {
        for (const report of (await connection.getStats()).values()) {
            if (report.type !== "inbound-rtp") continue;
            received.frames += report.framesDecoded ?? 0;
            received.height = Math.max(received.height, report.frameHeight ?? 0);
            received.energy += report.totalAudioEnergy ?? 0;
        }
    }
    return received;
}"""
SHOWN = (
    "() => document.querySelector('#tiles .person video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0"
)
PATIENCE_SECONDS = 20

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


class Person:
    """Somebody with a browser window of their own."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(**{"locale": "en-US", **options})
        self.context.add_init_script(WATCH)
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
        """Wait until so many more frames of the other one have been decoded and shown."""
        decoded, shown = self.received()["frames"], self.page.evaluate(SHOWN)
        wait_until(lambda: self.received()["frames"] >= decoded + frames, PATIENCE_SECONDS)
        wait_until(lambda: self.page.evaluate(SHOWN) > shown, PATIENCE_SECONDS)
        assert self.received()["height"] > 0

    def hears(self) -> None:
        """Wait until sound of the other one arrives."""
        energy = self.received()["energy"]
        wait_until(lambda: self.received()["energy"] > energy, PATIENCE_SECONDS)

    def received(self) -> dict[str, float]:
        """What the page's connections have received so far."""
        received: dict[str, float] = self.page.evaluate(RECEIVED)
        return received

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

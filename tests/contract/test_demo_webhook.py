"""The demo has Daily's sandbox post its events to the site, however it was left (CA-5, OP-1)."""

from tests.contract.daily_api import DailyApi
from tests.contract.sandbox_program import Receiver, SandboxProgram
from tools.demo.providers import DAILY_EVENTS, DAILY_PATH, register_daily_webhook

SECRET, OTHER = "cHJlc2VudA==", "b3RoZXI="


def start(sandbox: SandboxProgram, receiver: Receiver, secret: str = SECRET) -> None:
    """What the demo does once its site is up."""
    site = receiver.url.removesuffix("/hook")
    register_daily_webhook(daily=sandbox.url, api_key=sandbox.keys["api_key"], site=site, secret=secret)


def test_daily_posts_to_the_site_that_is_up(
    daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
) -> None:
    """Made once, changed at the next start; a first answer that comes too late is no reason to give up."""
    receiver.answer_next(500)
    start(daily_sandbox, receiver)
    (made,) = daily.ok("GET", "/webhooks")
    assert (made["url"], made["state"]) == (receiver.url.removesuffix("/hook") + DAILY_PATH, "ACTIVE")
    assert (made["hmac"], made["eventTypes"]) == (SECRET, DAILY_EVENTS)
    assert [each.body for each in receiver.received] == [b'{"test":"test"}'] * 2

    elsewhere = Receiver()
    try:
        start(daily_sandbox, elsewhere, OTHER)
    finally:
        elsewhere.close()
    (changed,) = daily.ok("GET", "/webhooks")
    assert (changed["uuid"], changed["hmac"]) == (made["uuid"], OTHER)
    assert changed["url"].startswith(elsewhere.url.removesuffix("/hook"))

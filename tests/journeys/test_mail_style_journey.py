"""A creator writes their mails and sees them while they do (EM-4)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import make_creator

PAGE = "/en/dashboard/creator/mails"
PHONE = {"width": 375, "height": 740}


def test_the_mail_follows_what_is_being_written(visit: Callable[..., Page]) -> None:
    """EM-4, UI-6: what is typed, what was refused, and what is saved; on a phone the place in the studio is seen."""
    creator = make_creator()
    page = visit(PAGE, creator.user, viewport=PHONE)
    mail = page.frame_locator("iframe[name=mail-preview]").locator("body")
    expect(page.get_by_role("link", name="My mails")).to_be_in_viewport(ratio=0.9)
    expect(mail).to_contain_text("The Call a Star team")
    welcome = page.get_by_label("Your welcome sentence")
    welcome.fill("Hi {fan_name}, at last!")
    expect(mail).to_contain_text("Hi Camille, at last!")
    page.get_by_label("Mail", exact=True).select_option("booking_cancelled_fan")
    expect(mail).to_contain_text("Your call cannot take place")

    welcome.fill("Hi {nobody}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("{nobody} cannot be filled in here.")).to_be_visible()
    expect(mail).to_contain_text("Hi {nobody}")
    expect(mail).to_contain_text("Your call cannot take place")

    welcome.fill("Hi {fan_name}, at last!")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-toast-text]")).to_have_text("Your mails are saved.")
    expect(mail).to_contain_text("Hi Camille, at last!")
    assert creator.mail_style.welcome == "Hi {fan_name}, at last!"

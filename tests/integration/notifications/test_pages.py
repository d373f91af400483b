"""NO-1: the bell and the list, as a browser without scripts sees them."""

import pytest
from django.test import Client
from django.utils.html import escape

from callastar.core import clock
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.operations import mark_all_read
from callastar.notifications.views import PER_PAGE
from tests.factories import make_user
from tests.notifications import TITLE, tell

pytestmark = pytest.mark.django_db
LIST = "/en/notifications"


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def browser(user):
    client = Client()
    client.force_login(user)
    return client


def page(client, path=LIST):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def tell_many(user, count):
    for number in range(count):
        tell(user, f"number {number}")


def test_the_list_says_what_happened_and_leads_there(browser, user):
    """NO-1: escaped, in the page's language."""
    told = tell(user)
    shown = page(browser)
    assert "Your call with Zoé Amadou is confirmed" in shown
    assert escape(f"“{TITLE}”, Tuesday 3 March 2026 at 18:00 (Paris time).") in shown
    assert f'href="/en/notifications/{told.pk}"' in shown
    assert "Your call with" not in page(browser, "/fr/notifications")


def test_following_one_reads_it(browser, user):
    """NO-1."""
    told, other = tell(user, link="bookings"), tell(user, "other")
    answer = browser.get(f"/fr/notifications/{told.pk}")
    assert (answer.status_code, answer["Location"]) == (302, "/fr/bookings")
    told.refresh_from_db(), other.refresh_from_db()
    assert (told.is_read, other.is_read) == (True, False)


def test_one_that_leads_nowhere_leads_to_the_list(browser, user):
    told = tell(user, link="")
    assert f'href="/en/notifications/{told.pk}"' not in page(browser)
    assert browser.get(f"/en/notifications/{told.pk}")["Location"] == LIST


def test_asking_what_is_behind_a_link_reads_nothing(browser, user):
    told = tell(user)
    assert browser.head(f"/en/notifications/{told.pk}").status_code == 405
    told.refresh_from_db()
    assert not told.is_read


def test_one_is_marked_as_read_and_the_list_stays_where_it_was(browser, user):
    """NO-1."""
    told = tell(user)
    answer = browser.post(f"/en/notifications/{told.pk}/read", {"page": "2"})
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?page=2")
    assert browser.post(f"/en/notifications/{told.pk}/read", {"page": "//x"})["Location"] == LIST
    told.refresh_from_db()
    assert told.is_read
    assert "Mark as read" not in page(browser)


def test_all_are_marked_as_read(browser, user):
    """NO-1."""
    tell(user), tell(user, "other")
    stranger = tell(make_user())
    assert "Mark all as read" in page(browser)
    assert browser.post("/en/notifications/read-all")["Location"] == LIST
    assert "Mark all as read" not in page(browser)
    assert list(Notification.objects.filter(read_at=None)) == [stranger]


@pytest.mark.parametrize("step", ["", "/read"])
def test_anothers_is_not_there(browser, step):
    """PE-3: 404, and it stays unread."""
    told = tell(make_user())
    address = f"/en/notifications/{told.pk}{step}"
    answer = browser.post(address) if step else browser.get(address)
    assert answer.status_code == 404
    told.refresh_from_db()
    assert not told.is_read


@pytest.mark.parametrize("path", ["", "/read-all"])
def test_guests_are_asked_to_sign_in(path):
    address = f"{LIST}{path}"
    answer = Client().post(address) if path else Client().get(address)
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


def test_reading_is_not_done_by_links(browser, user):
    told = tell(user)
    assert browser.get("/en/notifications/read-all").status_code == 405
    assert browser.get(f"/en/notifications/{told.pk}/read").status_code == 405
    told.refresh_from_db()
    assert not told.is_read


def test_the_list_is_paged(browser, user):
    """Newest first."""
    tell_many(user, PER_PAGE)
    newest = tell(
        user, "newest", type=NotificationType.SYSTEM, params={"variant": "reconciliation_unfinished"}
    )
    title = "The ledger was not compared with Stripe"
    assert page(browser).index(title) < page(browser).index("is confirmed")
    assert page(browser).count("<article") == PER_PAGE
    second = page(browser, f"{LIST}?page=2")
    assert second.count("<article") == 1
    assert str(newest.pk) not in second


def test_an_empty_list_says_so(browser):
    assert "Nothing new" in page(browser)


@pytest.mark.parametrize(("unread", "said"), [(1, "1"), (99, "99"), (100, "99+"), (130, "99+")])
def test_the_bell_counts_what_is_unread(browser, user, unread, said):
    """NO-1: on every page."""
    tell_many(user, unread)
    tell(make_user())
    assert f"Notifications, unread: {said}<" in page(browser, "/en/creators")


def test_the_bell_is_quiet_when_all_is_read(browser, user):
    tell(user)
    mark_all_read(user=user, now=clock.now())
    shown = page(browser, "/en/creators")
    assert "unread:" not in shown
    assert f'href="{LIST}"' in shown


def test_guests_have_no_bell():
    assert "notifications" not in page(Client(), "/en/creators")

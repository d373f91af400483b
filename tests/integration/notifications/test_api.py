"""NO-1, AP-1: notifications over the API."""

import json

import pytest

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.notifications.operations import mark_read
from tests.factories import make_user
from tests.integration.api.conftest import Api
from tests.notifications import tell

pytestmark = pytest.mark.django_db


def answered(answer, status=200):
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_ones_own_in_ones_own_language():
    """NO-1: texts follow the asker, types and parameters do not."""
    user = make_user()
    told = tell(user)
    tell(make_user())
    english = answered(Api(user, "en").get("notifications"))
    [line] = english["data"]
    assert (english["unread_count"], english["next_cursor"]) == (1, "")
    assert (line["id"], line["type"], line["is_read"]) == (str(told.pk), "BOOKING_CONFIRMED", False)
    assert line["title"] == "Your call with Zoé Amadou is confirmed"
    assert line["link"] == "/en/bookings"
    assert line["params"]["starts_at"] == "2026-03-03T17:00:00+00:00"
    french = answered(Api(user, "fr").get("notifications"))["data"][0]
    assert (french["link"], french["params"]) == ("/fr/bookings", line["params"])
    assert french["title"] != line["title"]


def test_pages_follow_one_another_newest_first():
    user = make_user()
    told = [str(tell(user, f"number {number}").pk) for number in range(3)]
    api = Api(user)
    first = answered(api.get("notifications?limit=2"))
    second = answered(api.get(f"notifications?limit=2&cursor={first['next_cursor']}"))
    assert [line["id"] for page in (first, second) for line in page["data"]] == told[::-1]
    assert second["next_cursor"] == ""
    assert answered(api.get("notifications?cursor=nonsense"), 422)["code"] == "cursor_invalid"


def test_the_number_of_the_bell():
    """NO-1: as a number, as it is shown and as it is called in the asker's language; where its changes are told."""
    user = make_user()
    tell(make_user())
    empty = answered(Api(user, "en").get("notifications/unread"))
    assert (empty["count"], empty["shown"], empty["label"]) == (0, "", "Notifications")
    assert empty["events_url"].startswith("/api/notifications/events?token=")
    tell(user)
    assert answered(Api(user, "en").get("notifications/unread"))["label"] == "Notifications, unread: 1"
    assert (
        answered(Api(user, "fr").get("notifications/unread"))["label"] == "Notifications, non lues\u00a0: 1"
    )
    for number in range(120):
        tell(user, f"number {number}")
    many = answered(Api(user).get("notifications/unread"))
    assert (many["count"], many["shown"]) == (100, "99+")


def test_only_what_is_unread():
    user = make_user()
    read, unread = tell(user), tell(user, "other")
    mark_read(user=user, notification_id=read.pk, now=clock.now())
    page = answered(Api(user).get("notifications?unread=true"))
    assert [line["id"] for line in page["data"]] == [str(unread.pk)]


def test_marking_one_and_all():
    """NO-1."""
    user = make_user()
    told, api = tell(user), Api(user)
    tell(user, "second"), tell(user, "third")
    first = answered(api.post(f"notifications/{told.pk}/read"))
    assert (first["id"], first["is_read"]) == (str(told.pk), True)
    assert answered(api.post(f"notifications/{told.pk}/read"))["read_at"] == first["read_at"]
    assert answered(api.post("notifications/read-all")) == {"marked": 2}
    assert answered(api.get("notifications"))["unread_count"] == 0


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_what_is_not_ones_own_is_not_there(whose):
    """PE-3."""
    told = tell(make_user())
    wanted = told.pk if whose == "another's" else new_id()
    problem = answered(Api(make_user()).post(f"notifications/{wanted}/read"), 404)
    assert problem["code"] == "notification_not_found"
    told.refresh_from_db()
    assert not told.is_read


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/unread"), ("POST", "/read-all"), ("POST", "/{id}/read")]
)
def test_nobody_is_told_nothing(method, path):
    path = path.format(id=new_id())
    assert Api().ask(method, f"notifications{path}").status_code == 401

"""NO-1: telling people once, in the transaction that causes it, and noting what they have read."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.operations import mark_all_read, mark_read, notify, notify_admins
from callastar.notifications.queries import unread_count
from callastar.notifications.refusals import NotificationNotFoundError
from tests.factories import make_admin, make_user
from tests.notifications import AMOUNT, tell

pytestmark = pytest.mark.django_db
PAYOUT = {"creator_name": "Zoé", "amount": AMOUNT}
ASKED = {"type": NotificationType.PAYOUT_REQUEST, "params": PAYOUT, "link": "dashboard/admin"}


def test_a_key_is_told_once():
    """NO-1: whoever runs again tells nobody again, and changes nothing of what was told."""
    user, now = make_user(), clock.now()
    first = notify(to=user, dedupe_key="payout:1", now=now, **ASKED)
    again = notify(to=user, dedupe_key="payout:1", now=now + timedelta(hours=1), **{**ASKED, "link": ""})
    assert (first.type, first.params, first.created_at) == ("PAYOUT_REQUEST", PAYOUT, now)
    assert again is None
    assert list(Notification.objects.values_list("pk", "link", "created_at")) == [
        (first.pk, "dashboard/admin", now)
    ]


@pytest.mark.django_db(transaction=True)
def test_what_rolls_back_was_told_to_nobody():
    """NO-1."""
    user = make_user()
    with transaction.atomic():
        assert notify(to=user, dedupe_key="x", now=clock.now(), **ASKED)
        assert Notification.objects.exists()
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_told():
    """NO-1: as with mails."""
    with pytest.raises(TransactionManagementError):
        notify(to=make_user(), dedupe_key="x", now=clock.now(), **ASKED)
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"params": {"creator_name": "Zoé"}},
        {"params": {**PAYOUT, "variant": "made up"}},
        {"link": "/en/bookings"},
        {"link": "https://example.com"},
    ],
)
def test_what_could_not_be_shown_is_not_written(wrong):
    """NO-1: a mistake of the caller shows when it is made and not when somebody reads."""
    with pytest.raises(ValueError, match=r".+"):
        notify(to=make_user(), dedupe_key="x", now=clock.now(), **{**ASKED, **wrong})
    assert not Notification.objects.exists()


def test_admins_are_told_each_once():
    """NO-1, PO-4: all who work here now, and nobody else; one who comes later is told by the next run."""
    first, second = make_admin(), make_admin()
    make_admin(is_active=False)
    make_user()
    told = notify_admins(dedupe_key="payout:1", now=clock.now(), **ASKED)
    assert {each.recipient_id for each in told} == {first.pk, second.pk}
    late = make_admin()
    again = notify_admins(dedupe_key="payout:1", now=clock.now(), **ASKED)
    assert [each.recipient_id for each in again] == [late.pk]
    assert Notification.objects.count() == 3


def test_the_first_reading_counts():
    """NO-1."""
    user, now = make_user(), clock.now()
    told, other = tell(user), tell(user, "other")
    assert mark_read(user=user, notification_id=told.pk, now=now).read_at == now
    assert mark_read(user=user, notification_id=told.pk, now=now + timedelta(hours=1)).read_at == now
    other.refresh_from_db()
    assert not other.is_read
    assert unread_count(user) == 1


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_nobody_reads_what_is_not_theirs(whose):
    """PE-3."""
    told = tell(make_user())
    wanted = told.pk if whose == "another's" else new_id()
    with pytest.raises(NotificationNotFoundError):
        mark_read(user=make_user(), notification_id=wanted, now=clock.now())
    told.refresh_from_db()
    assert not told.is_read


def test_all_of_ones_own_are_read_at_once():
    """NO-1, PE-3: and nobody else's."""
    user, stranger, now = make_user(), make_user(), clock.now()
    read_before = mark_read(user=user, notification_id=tell(user).pk, now=now - timedelta(days=1))
    tell(user, "second"), tell(user, "third"), tell(stranger)
    assert mark_all_read(user=user, now=now) == 2
    assert (unread_count(user), unread_count(stranger)) == (0, 1)
    assert Notification.objects.get(pk=read_before.pk).read_at == now - timedelta(days=1)

"""EM-4: every address in every mail leads to a page that answers to the mail's reader."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve
from django.utils import translation

from callastar.accounts.models import User
from callastar.mail.examples import Reader, usual_examples
from callastar.mail.examples.scene import BOOKING, CREATOR_PAGE, ROW
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.integration.backoffice.conftest import signed_in

LOCALES = ("fr", "en")


def _links() -> Iterator[tuple[Reader, str]]:
    """Whose mail, and where it leads: below the site's address, each once; links with a secret are masked here."""
    found = set()
    for locale in LOCALES:
        for example in usual_examples(locale).values():
            email = example.rendered(locale=locale, time_zone="Europe/Paris")
            addresses = [*re.findall(r'href="([^"]*)"', email.html), *re.findall(r"https?://\S+", email.text)]
            found |= {(example.reader, unescape(link).removeprefix(settings.SITE_URL)) for link in addresses}
    return (link for link in sorted(found) if link[1].startswith("/") and "#hidden" not in link[1])


def _answers(client: Client, path: str) -> bool:
    return client.get(path, follow=True).status_code == 200


@pytest.mark.django_db
def test_every_link_leads_somewhere() -> None:
    """A call that took place, an offer, and a creator stand for those of the examples; rows of the back office that
    are nobody's need only an address that exists."""
    creator, fan = make_creator(slug=CREATOR_PAGE), make_user()
    booking = bookings.took_place(make_offer(creator=creator), fan)
    offer = make_offer(creator=creator)
    people: dict[Reader, User] = {
        Reader.ANYBODY: fan,
        Reader.FAN: fan,
        Reader.CREATOR: creator.user,
        Reader.ADMIN: make_admin(),
    }
    clients = {reader: signed_in(user) for reader, user in people.items()}
    seen, dead = 0, []
    for reader, link in _links():
        seen += 1
        if re.search(rf"/dashboard/admin/.*({BOOKING}|{ROW})", link):
            with translation.override(link[1:3]):
                assert resolve(link.split("?")[0]).url_name, link
            continue
        path = link.replace(str(BOOKING), str(booking.pk)).replace(str(ROW), str(offer.pk))
        if not _answers(clients[reader], path):
            dead.append(f"{link} ({reader})")
    assert dead == []
    assert seen > 50


@pytest.mark.django_db
def test_a_dead_link_is_noticed() -> None:
    """The control of the test above."""
    assert not _answers(signed_in(make_user()), "/en/creators/nobody")

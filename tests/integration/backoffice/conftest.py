"""Admins at work in the back office, at Stripe's sandbox."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client

from callastar.accounts.models import User
from callastar.creators.models import Creator
from tests.factories import make_admin
from tests.stripe_people import make_onboarded_creator


def signed_in(user: User, *, method: str = "mfa") -> Client:
    """A browser of somebody who signed in by that method (allauth's word)."""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, method=method)
    request.session.save()
    return client


@pytest.fixture
def creator(db, at_stripe) -> Creator:
    """A creator whose account takes money."""
    return make_onboarded_creator(at_stripe)


@pytest.fixture
def admin(db) -> User:
    """Somebody who decides about money."""
    return make_admin(name="Oda Rhys")


@pytest.fixture
def office(admin) -> "Office":
    """The back office, as the admin sees it in English."""
    return Office(signed_in(admin))


class Office:
    """The back office in a browser: pages and steps by their names."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @staticmethod
    def address(path: str, locale: str = "en") -> str:
        """Below the back office."""
        return f"/{locale}/dashboard/admin/{path}"

    def get(self, path: str, **params: Any) -> Any:
        """A page."""
        return self.client.get(self.address(path), params)

    def page(self, path: str, **params: Any) -> str:
        """The text of a page that answers."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form, and look at the page that follows."""
        return self.client.post(self.address(path), fields, follow=True)

    def said(self, answer: Any) -> list[str]:
        """The messages of a page that was followed to."""
        return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def step() -> Callable[..., str]:
    """The address of a step with a row, or of its page."""

    def address(row: Any, step: str = "change") -> str:
        meta = row._meta
        return f"{meta.app_label}/{meta.model_name}/{row.pk}/{step}/"

    return address

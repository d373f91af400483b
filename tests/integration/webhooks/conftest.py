"""Stripe's deliveries: signed as Stripe's own library signs them."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from callastar.core.ids import new_id

SECRET, NEXT_SECRET, CONNECT_SECRET = "whsec_now", "whsec_next", "whsec_connect"


def event(type: str = "customer.created", object_id: str = "cus_1", **more: Any) -> dict[str, Any]:
    """An event as Stripe sends it."""
    return {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": type,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {"id": object_id}},
        **more,
    }


def signed(sent: bytes, *, secret: str = SECRET, age: int = 0) -> str:
    """The header that goes with a body."""
    at = int(time.time()) - age
    header: str = stripe.WebhookSignature.generate_signature_header(sent.decode(), secret, at)
    return header


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = (SECRET, NEXT_SECRET, CONNECT_SECRET)


@pytest.fixture
def deliver(db) -> Callable[..., HttpResponse]:
    """`deliver(event)` posts it with a good signature; secret, age, header or body may be others."""

    def post(
        event: dict[str, Any],
        *,
        secret: str = SECRET,
        age: int = 0,
        header: str | None = None,
        body: bytes | None = None,
        **options: Any,
    ) -> HttpResponse:
        sent = json.dumps(event).encode()
        good = signed(sent, secret=secret, age=age)
        return Client().post(
            reverse("stripe-webhook"),
            body or sent,
            content_type="application/json",
            headers={"Stripe-Signature": good if header is None else header},
            **options,
        )

    return post

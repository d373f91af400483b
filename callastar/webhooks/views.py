"""Where providers deliver their events: verify, store, defer, answer at once."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callastar.core import clock
from callastar.core.network import client_address, is_within
from callastar.providers.daily import events as daily
from callastar.providers.daily import signature as daily_signature
from callastar.providers.daily.types import DailyEvent
from callastar.providers.resend import events as resend
from callastar.providers.resend import signature as resend_signature
from callastar.providers.resend.types import ResendEvent
from callastar.providers.stripe import signature as stripe_signature
from callastar.providers.stripe.gateway import parse_event as parse_stripe_event
from callastar.providers.stripe.types import StripeEvent
from callastar.webhooks.operations.inbox import (
    DAILY,
    RESEND,
    STRIPE,
    store_daily_event,
    store_resend_event,
    store_stripe_event,
)
from callastar.webhooks.operations.refused import note_refusal

_log = structlog.get_logger(__name__)


_Event = TypeVar("_Event", StripeEvent, DailyEvent, ResendEvent)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Stripe's events, of the platform and of connected accounts."""
    if not _may_deliver(request, settings.STRIPE_WEBHOOK_ADDRESSES):
        return _refuse(request, STRIPE, "address")
    header = request.headers.get("Stripe-Signature", "")
    secrets = settings.STRIPE_WEBHOOK_SECRETS
    if not stripe_signature.is_genuine(body=request.body, header=header, secrets=secrets):
        return _refuse(request, STRIPE, "signature")
    return _take(
        request,
        STRIPE,
        parse=parse_stripe_event,
        store=lambda event: store_stripe_event(event=event, now=clock.now()),
    )


@csrf_exempt
@require_POST
def daily_webhook(request: HttpRequest) -> HttpResponse:
    """Daily's events, and the unsigned try that it makes of an address before it accepts it."""
    if not _may_deliver(request, settings.DAILY_WEBHOOK_ADDRESSES):
        return _refuse(request, DAILY, "address")
    if daily.is_ping(request.body):
        return HttpResponse(status=200)
    is_genuine = daily_signature.is_genuine(
        body=request.body,
        timestamp=request.headers.get("X-Webhook-Timestamp", ""),
        signature=request.headers.get("X-Webhook-Signature", ""),
        secrets=settings.DAILY_WEBHOOK_SECRETS,
    )
    if not is_genuine:
        return _refuse(request, DAILY, "signature")
    return _take(
        request,
        DAILY,
        parse=daily.parse_event,
        store=lambda event: store_daily_event(event=event, now=clock.now()),
    )


@csrf_exempt
@require_POST
def resend_webhook(request: HttpRequest) -> HttpResponse:
    """Resend's events: what became of mails."""
    if not _may_deliver(request, settings.RESEND_WEBHOOK_ADDRESSES):
        return _refuse(request, RESEND, "address")
    secrets = settings.RESEND_WEBHOOK_SECRETS
    if not resend_signature.is_genuine(body=request.body, headers=request.headers, secrets=secrets):
        return _refuse(request, RESEND, "signature")
    return _take(
        request,
        RESEND,
        parse=lambda body: resend.parse_event(body, event_id=request.headers["svix-id"]),
        store=lambda event: store_resend_event(event=event, now=clock.now()),
    )


def _may_deliver(request: HttpRequest, networks: Sequence[str]) -> bool:
    return not networks or is_within(client_address(request), networks)


def _take(
    request: HttpRequest,
    provider: str,
    *,
    parse: Callable[[dict[str, Any]], _Event],
    store: Callable[[_Event], bool],
) -> HttpResponse:
    """Store what is genuine."""
    try:
        event = parse(json.loads(request.body))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, RecursionError):
        return _refuse(request, provider, "shape")
    is_new = store(event)
    _log.info("webhook received", provider=provider, type=event.type, event_id=event.id, new=is_new)
    return HttpResponse(status=200)


def _refuse(request: HttpRequest, provider: str, why: str) -> HttpResponse:
    note_refusal(provider=provider, why=why, address=client_address(request), now=clock.now())
    return HttpResponseBadRequest()

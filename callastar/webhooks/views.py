"""Where providers deliver their events: verify, store, defer, answer at once."""

import json

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core import clock
from callastar.core.network import client_address, is_within
from callastar.providers.stripe.gateway import parse_event
from callastar.providers.stripe.signature import is_genuine
from callastar.webhooks.operations.inbox import store_stripe_event

_log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Stripe's events, of the platform and of connected accounts."""
    header = request.headers.get("Stripe-Signature", "")
    allowed = settings.STRIPE_WEBHOOK_ADDRESSES
    if allowed and not is_within(client_address(request), allowed):
        return _refuse("address")
    if not is_genuine(body=request.body, header=header, secrets=settings.STRIPE_WEBHOOK_SECRETS):
        return _refuse("signature")
    try:
        event = parse_event(json.loads(request.body))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return _refuse("shape")
    is_new = store_stripe_event(event=event, now=clock.now())
    _log.info("webhook received", provider="stripe", type=event.type, event_id=event.id, new=is_new)
    return HttpResponse(status=200)


def _refuse(why: str) -> HttpResponse:
    record(
        type="WEBHOOK_REFUSED",
        level=Level.WARNING,
        message=f"A webhook was refused: {why}",
        provider="stripe",
    )
    return HttpResponseBadRequest()

"""The way to Stripe's own pages, where a creator changes their bank account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from callastar.core.errors import ProviderError, Refusal
from callastar.creators.models import Creator
from callastar.creators.operations import start_onboarding
from callastar.payouts.models import PayoutPolicy
from callastar.payouts.views.access import for_payees
from callastar.providers.stripe.accounts import create_login_link


@for_payees
@require_POST
def bank(request: HttpRequest, policy: PayoutPolicy) -> HttpResponse:
    """Send a creator to their dashboard at Stripe; to its onboarding where Stripe has none for them yet."""
    creator = policy.creator
    if not creator.stripe_account_id:
        return _to_onboarding(request, creator)
    try:
        return redirect(create_login_link(account_id=creator.stripe_account_id))
    except ProviderError as error:
        if not error.is_temporary:
            return _to_onboarding(request, creator)
    messages.error(request, gettext("Stripe does not answer at the moment. Please try again soon."))
    return redirect("payouts:earnings")


def _to_onboarding(request: HttpRequest, creator: Creator) -> HttpResponse:
    try:
        address = start_onboarding(
            creator=creator,
            return_url=request.build_absolute_uri(reverse("creators:onboarding_return")),
            refresh_url=request.build_absolute_uri(reverse("creators:onboarding_refresh")),
        )
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("payouts:earnings")
    return redirect(address)

"""Who may see earnings: creators, and only theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from callastar.core import clock
from callastar.creators.models import Creator
from callastar.payouts.models import PayoutPolicy
from callastar.payouts.operations.policy import policy_of

EarningsView = Callable[Concatenate[HttpRequest, PayoutPolicy, ...], HttpResponse]


def for_payees(view: EarningsView) -> Callable[..., HttpResponse]:
    """Call a view with the policy of the signed-in creator (`policy.creator`); others are shown how to become one."""

    @wraps(view)
    @never_cache
    @login_required
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = Creator.objects.select_related("user", "payout_policy").filter(user=request.user.pk)
        creator = mine.first()
        if creator is None:
            return redirect("creators:become")
        return view(request, _policy(creator), *args, **kwargs)

    return checked


def _policy(creator: Creator) -> PayoutPolicy:
    policy: PayoutPolicy | None = getattr(creator, "payout_policy", None)
    if policy is None:
        return policy_of(creator, now=clock.now())
    policy.creator = creator
    return policy

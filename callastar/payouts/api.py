"""`/api/payouts`: a creator's payouts, asking for one, taking it back, and what there is to pay out."""

from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Body, Query, Router, Status
from ninja.security import django_auth

from callastar.accounts.people import person
from callastar.core import clock
from callastar.core.api.fields import ProblemOut
from callastar.core.api.pages import PageIn, page_of
from callastar.creators.models import Creator
from callastar.payouts.operations.decide import cancel_payout
from callastar.payouts.operations.plan import request_payout
from callastar.payouts.operations.policy import policy_of
from callastar.payouts.queries import FALLBACK, payout_of, payouts_of, standings
from callastar.payouts.schemas import (
    BalancesOut,
    PayoutDetailOut,
    PayoutIn,
    PayoutOut,
    PayoutPage,
    balance_out,
    payout_detail_out,
    payout_out,
)

router = Router(tags=["payouts"], auth=django_auth)
_WHOLE_BODY = Body(PayoutIn())


@router.get("", response={200: PayoutPage, (401, 404, 422): ProblemOut}, summary="My payouts, newest first")
def list_payouts(request: HttpRequest, page: Query[PageIn]) -> PayoutPage:
    """The signed-in creator's payouts, whatever became of them."""
    found = page_of(payouts_of(_creator(request).pk), by="-created_at", page=page)
    return PayoutPage(data=[payout_out(payout) for payout in found.rows], next_cursor=found.next_cursor)


@router.post(
    "",
    response={201: PayoutOut, (401, 404, 409, 422): ProblemOut},
    summary="Ask for a payout of all that is available",
)
def create_payout(request: HttpRequest, payload: PayoutIn = _WHOLE_BODY) -> Status:
    """201 with the payout, `REQUESTED` where our team must approve it; or a problem whose code is the obstacle's."""
    creator = _creator(request)
    currency = payload.currency or creator.currency or FALLBACK
    payout = request_payout(creator=creator, currency=str(currency), now=clock.now())
    return Status(201, payout_out(payout))


@router.get(
    "/balance", response={200: BalancesOut, (401, 404): ProblemOut}, summary="What there is to pay out"
)
def get_balance(request: HttpRequest) -> BalancesOut:
    """The signed-in creator's money by currency, when the next payout comes, and what stands in its way."""
    now = clock.now()
    policy = policy_of(_creator(request), now=now)
    return BalancesOut(data=[balance_out(standing) for standing in standings(policy=policy, now=now)])


@router.get(
    "/{uuid:payout_id}", response={200: PayoutDetailOut, (401, 404): ProblemOut}, summary="One payout"
)
def get_payout(request: HttpRequest, payout_id: UUID) -> PayoutDetailOut:
    """One of the signed-in creator's payouts, with what it covers and its changes."""
    return payout_detail_out(payout_of(creator_id=_creator(request).pk, payout_id=payout_id))


@router.delete(
    "/{uuid:payout_id}",
    response={200: PayoutOut, (401, 404, 409): ProblemOut},
    summary="Take back a request that nobody has decided yet",
)
def delete_payout(request: HttpRequest, payout_id: UUID) -> PayoutOut:
    """The payout, `CANCELED`; `payout_decided` once it is approved, rejected or over."""
    _creator(request)
    return payout_out(cancel_payout(payout_id=payout_id, user=person(request), now=clock.now()))


def _creator(request: HttpRequest) -> Creator:
    """The signed-in creator; for everybody else there is nothing here."""
    creator = Creator.objects.select_related("user").filter(user=person(request)).first()
    if creator is None:
        raise Http404
    return creator

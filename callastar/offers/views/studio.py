"""The creator's studio: today, and their offers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.fees import FeeSplit, split_fees
from callastar.core.forms import add_refusal
from callastar.creators.access import for_creators
from callastar.creators.models import Creator
from callastar.creators.operations import creator_currency
from callastar.creators.requirements import required_texts
from callastar.offers.forms import OfferForm, new_offer_initial, offer_initial
from callastar.offers.models import CallOffer, OfferStatus
from callastar.offers.operations import cancel_offer, create_offer, fee_percent_of, update_offer
from callastar.offers.queries import coming_offers, past_offers

PER_PAGE = 20
SOON = 5


@dataclass(frozen=True, slots=True)
class StudioRow:
    """An offer and how its price is split."""

    offer: CallOffer
    split: FeeSplit

    @property
    def is_free(self) -> bool:
        """Whether nobody holds it."""
        return self.offer.status == OfferStatus.AVAILABLE


@for_creators
@require_safe
def home(request: HttpRequest, creator: Creator) -> HttpResponse:
    """Today: what is booked next, and what still stands between the creator and their fans."""
    now = clock.now()
    booked = coming_offers(creator=creator, now=now).filter(status=OfferStatus.BOOKED)
    context = {
        "creator": creator,
        "booked": list(booked[:SOON]),
        "booked_today": booked.filter(starts_at__lt=_end_of_today(creator, now)).count(),
        "free_count": coming_offers(creator=creator, now=now).filter(status=OfferStatus.AVAILABLE).count(),
        "required": required_texts(creator.stripe_requirements),
    }
    return render(request, "offers/studio_home.html", context)


@for_creators
@require_safe
def offers(request: HttpRequest, creator: Creator) -> HttpResponse:
    """The creator's offers: coming ones, or those that are over."""
    view = "past" if request.GET.get("view") == "past" else "coming"
    read = past_offers if view == "past" else coming_offers
    page = Paginator(read(creator=creator, now=clock.now()), PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(creator, offer) for offer in page]
    context = {"creator": creator, "page": page, "rows": rows, "view": view}
    return render(request, "offers/studio_offers.html", context)


@for_creators
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, creator: Creator) -> HttpResponse:
    """Make an offer."""
    initial = new_offer_initial(_asked_day(request))
    form = _form(request, creator, creator_currency(creator).value, initial)
    if not form.is_valid():
        return _form_page(request, creator, form)
    try:
        create_offer(creator=creator, data=form.offer(), now=clock.now())
    except Refusal as refusal:
        return _form_page(request, creator, form, refusal=refusal)
    messages.success(request, gettext("Your offer is online."))
    return redirect("offers:studio")


@for_creators
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, creator: Creator, offer_id: UUID) -> HttpResponse:
    """Change an offer."""
    offer = get_object_or_404(CallOffer, pk=offer_id, creator=creator)
    form = _form(request, creator, offer.currency, offer_initial(offer, creator.user.zone))
    if not form.is_valid():
        return _form_page(request, creator, form, offer)
    try:
        update_offer(offer_id=offer.pk, creator=creator, data=form.offer(), now=clock.now())
    except Refusal as refusal:
        return _form_page(request, creator, form, offer, refusal)
    messages.success(request, gettext("Your offer is saved."))
    return redirect("offers:studio")


@for_creators
@require_POST
def cancel(request: HttpRequest, creator: Creator, offer_id: UUID) -> HttpResponse:
    """Withdraw an offer that nobody holds."""
    offer = get_object_or_404(CallOffer, pk=offer_id, creator=creator)
    try:
        cancel_offer(offer_id=offer.pk, creator=creator, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, gettext("The offer is withdrawn."))
    return redirect("offers:studio")


def _form(request: HttpRequest, creator: Creator, currency: str, initial: dict[str, object]) -> OfferForm:
    return OfferForm(request.POST or None, initial=initial, zone=creator.user.zone, currency=currency)


def _form_page(
    request: HttpRequest,
    creator: Creator,
    form: OfferForm,
    offer: CallOffer | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    if refusal:
        add_refusal(form, refusal)
    context = {"form": form, "offer": offer, "creator": creator, "fee_percent": fee_percent_of(creator)}
    status = 422 if form.is_bound else 200
    return render(request, "offers/offer_form.html", context, status=status)


def _asked_day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:  # well-formed, but no day of the calendar
        return None


def _row(creator: Creator, offer: CallOffer) -> StudioRow:
    return StudioRow(offer, split_fees(offer.amount, fee_percent_of(creator), settings.PROCESSING_RATES))


def _end_of_today(creator: Creator, now: datetime) -> datetime:
    midnight = now.astimezone(creator.user.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)

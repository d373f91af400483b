"""The landing page, the list of creators and each creator's page."""

from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from callastar.accounts.models import User
from callastar.core import clock
from callastar.core.policy import cancellation_policy
from callastar.creators.models import Creator
from callastar.creators.rules import Network
from callastar.offers.browse import CreatorCard, Wishes, browse_creators
from callastar.offers.forms import BrowseForm
from callastar.offers.queries import shown_offers

CREATORS_PER_PAGE = 24
OFFERS_PER_PAGE = 30
FEATURED = 8
NETWORK_NAMES = {Network.INSTAGRAM: "Instagram", Network.TIKTOK: "TikTok", Network.X: "X"}


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The first page: what this is, and some creators who have time soon."""
    found = browse_creators(wishes=Wishes(has_time=True), zone=_zone(), now=clock.now())[:FEATURED]
    cards = [CreatorCard.of(creator) for creator in found]
    context = {"featured_creators": cards, "policy": cancellation_policy()}
    return render(request, "core/landing.html", context)


@require_safe
def creators(request: HttpRequest) -> HttpResponse:
    """Creators, searched, filtered and sorted by an address that can be shared."""
    form = BrowseForm(request.GET)
    found = browse_creators(wishes=form.wishes(), zone=_zone(), now=clock.now())
    page = Paginator(found, CREATORS_PER_PAGE).get_page(request.GET.get("page"))
    cards = [CreatorCard.of(creator) for creator in page]
    return render(request, "creators/list.html", {"form": form, "page": page, "cards": cards})


@require_safe
def creator(request: HttpRequest, slug: str) -> HttpResponse:
    """A creator's public page. Fans see it once the creator can be paid; before, only the creator does."""
    viewer = request.user if request.user.is_authenticated else None
    shown = Creator.objects.select_related("user").filter(slug=slug, user__is_active=True).first()
    if shown is None or not (shown.charges_enabled or _owns(viewer, shown)):
        raise Http404
    offers = shown_offers(creator=shown, viewer=viewer, now=clock.now())
    page = Paginator(offers, OFFERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"creator": shown, "page": page, "links": _links(shown), "is_owner": _owns(viewer, shown)}
    return render(request, "creators/detail.html", context)


def _owns(viewer: User | None, creator: Creator) -> bool:
    return viewer is not None and creator.user_id == viewer.pk


def _links(creator: Creator) -> list[tuple[str, str]]:
    links = creator.social_links
    return [(NETWORK_NAMES.get(n, _host(links[n])), links[n]) for n in Network if n in links]


def _host(url: str) -> str:
    return url.removeprefix("https://").split("/")[0].removeprefix("www.")


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())

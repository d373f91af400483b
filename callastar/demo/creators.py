"""The creators of the demo: their pages, their pictures, their accounts at Stripe."""

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse

from callastar.accounts.models import User
from callastar.creators.images import BANNER, PORTRAIT, reencode
from callastar.creators.models import Creator
from callastar.creators.operations import (
    ProfileData,
    become_creator,
    refresh_account,
    start_onboarding,
    update_profile,
)
from callastar.demo import sandbox
from callastar.demo.pictures.banners import draw_banner
from callastar.demo.pictures.looks import LOOKS
from callastar.demo.pictures.portraits import draw_portrait
from callastar.demo.texts import CREATORS, Sheet

Pictures: TypeAlias = "tuple[ContentFile[bytes], ContentFile[bytes]]"
SHEETS: Mapping[str, Sheet] = {sheet.slug: sheet for sheet in CREATORS}
OLDEST, APART = timedelta(days=190), timedelta(days=11)  # when they joined, one after the other


def ensure_creators(*, people: Mapping[str, User], now: datetime) -> dict[str, Creator]:
    """The creators by slug; those who are missing are made, without pictures yet."""
    found = _find()
    for number, sheet in enumerate(CREATORS):
        if sheet.slug not in found:
            become_creator(
                user=people[sheet.email],
                profile=_profile(sheet),
                country=sheet.country,
                currency=sheet.currency,
                now=now - OLDEST + number * APART,
            )
    return found if len(found) == len(CREATORS) else _find()


def start_drawing(creators: Mapping[str, Creator], workers: Executor) -> dict[str, "Future[Pictures]"]:
    """Have the pictures drawn of those who have none."""
    plain = [slug for slug, creator in creators.items() if not creator.profile_image]
    return {slug: workers.submit(_draw, slug) for slug in plain}


def hang_pictures(creators: Mapping[str, Creator], drawn: Mapping[str, "Future[Pictures]"]) -> None:
    """Put the pictures on the creators' pages as they become ready."""
    for slug, pictures in drawn.items():
        portrait, banner = pictures.result()
        profile = replace(_profile(SHEETS[slug]), profile_image=portrait, banner_image=banner)
        update_profile(creator=creators[slug], profile=profile)


def open_accounts(creators: Mapping[str, Creator]) -> None:
    """Open and complete the accounts at Stripe that are missing.

    Raises a `Refusal`, `ProviderError` or `SandboxError` when the sandbox is not up to it; starting again goes on.
    """
    for slug, creator in creators.items():
        if SHEETS[slug].onboarded and not creator.details_submitted:
            _open_account(creator)


def _open_account(creator: Creator) -> None:
    pages = {f"{name}_url": _page(f"creators:onboarding_{name}") for name in ("return", "refresh")}
    start_onboarding(creator=creator, **pages)
    sandbox.finish_onboarding(creator.stripe_account_id)
    refresh_account(creator=creator)


def _page(name: str) -> str:
    return settings.SITE_URL + reverse(name)


def _find() -> dict[str, Creator]:
    return {
        creator.slug: creator for creator in Creator.objects.filter(slug__in=SHEETS).select_related("user")
    }


def _profile(sheet: Sheet) -> ProfileData:
    return ProfileData(
        slug=sheet.slug,
        bio=sheet.bio,
        expertise=sheet.expertise,
        category=sheet.category,
        social_links=sheet.links,
    )


def _draw(slug: str) -> Pictures:
    look = LOOKS[slug]
    portrait = reencode(draw_portrait(look).png(), PORTRAIT)
    return portrait, reencode(draw_banner(slug, look).png(), BANNER)

"""Becoming a creator, and what creators say about themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from callastar.accounts.models import Role, User
from callastar.audit.operations import Actor, record
from callastar.core.constraints import violated
from callastar.creators.models import Creator
from callastar.creators.refusals import AlreadyCreatorError, SlugTakenError

Image: TypeAlias = "ContentFile[bytes] | None"  # None: leave it as it is
_TEXTS = ("slug", "bio", "expertise", "category", "social_links")
_IMAGES = ("profile_image", "banner_image")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileData:
    """A creator's public face, checked. Images are re-encoded ones."""

    slug: str
    bio: str
    expertise: str
    category: str
    social_links: Mapping[str, str] = field(default_factory=dict)
    profile_image: Image = None
    banner_image: Image = None


def become_creator(
    *, user: User, profile: ProfileData, country: str, currency: str, now: datetime
) -> Creator:
    """Make a person a creator; fans see their offers once Stripe says that they may be paid.

    `country` (ISO 3166) and `currency` are those that the account at Stripe will be opened with. Raises
    `AlreadyCreatorError`, `SlugTakenError`.
    """
    creator = Creator(user=user, stripe_country=country, currency=currency, created_at=now)
    with transaction.atomic():
        _save(creator, profile)
        User.objects.filter(pk=user.pk, role=Role.USER).update(role=Role.CREATOR)
        user.refresh_from_db(fields=["role"])
        record(type="CREATOR_CREATED", message="A person became a creator", actor=Actor.of(user))
    return creator


def update_profile(*, creator: Creator, profile: ProfileData) -> None:
    """Change a creator's public face. Raises `SlugTakenError`; images that were replaced are deleted."""
    before = {name: getattr(creator, name).name for name in _IMAGES}
    with transaction.atomic():
        _save(creator, profile)
        record(
            type="CREATOR_UPDATED",
            message="A creator changed their profile",
            actor=Actor.of(creator.user),
        )
    for name, file in before.items():
        if file and file != getattr(creator, name).name:
            default_storage.delete(file)


def set_terms(*, creator: Creator, country: str, currency: str) -> None:
    """Change country and currency, which is possible until the account at Stripe is being opened."""
    Creator.objects.filter(pk=creator.pk, stripe_account_id="", account_claim={}).update(
        stripe_country=country, currency=currency
    )
    creator.refresh_from_db(fields=["stripe_country", "currency"])


def _save(creator: Creator, profile: ProfileData) -> None:
    for name in _TEXTS:
        setattr(creator, name, getattr(profile, name))
    creator.social_links = dict(profile.social_links)
    for name in _IMAGES:
        if (image := getattr(profile, name)) is not None:
            getattr(creator, name).save(image.name, image, save=False)
    try:
        with transaction.atomic():
            creator.save()
    except IntegrityError as error:
        raise _refusal(error) from error


def _refusal(error: IntegrityError) -> Exception:
    constraint = violated(error)
    if "slug" in constraint:
        return SlugTakenError()
    return AlreadyCreatorError() if "user_id" in constraint else error

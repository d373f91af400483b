"""Becoming a creator, the profile, and the way to Stripe and back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from callastar.accounts.people import person
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.core.forms import add_refusal
from callastar.creators.access import for_creators
from callastar.creators.forms import (
    BecomeForm,
    EditForm,
    EditWithTermsForm,
    ProfileForm,
    become_initial,
    profile_initial,
)
from callastar.creators.models import Creator
from callastar.creators.operations import (
    become_creator,
    refresh_account,
    set_terms,
    start_onboarding,
    update_profile,
)


@login_required
@require_http_methods(["GET", "POST"])
def become(request: HttpRequest) -> HttpResponse:
    """The form that makes a person a creator."""
    user = person(request)
    if Creator.objects.filter(user=user).exists():
        return redirect("creators:studio")
    form = BecomeForm(request.POST or None, request.FILES or None, initial=become_initial(user.name))
    if not form.is_valid():
        return _form_page(request, "creators/become.html", form)
    try:
        become_creator(user=user, profile=form.profile(), now=clock.now(), **form.terms())
    except Refusal as refusal:
        return _form_page(request, "creators/become.html", form, refusal)
    messages.success(
        request, gettext("Welcome! One step is left: Stripe must know where to send your money.")
    )
    return redirect("creators:studio")


@for_creators
@require_http_methods(["GET", "POST"])
def edit_profile(request: HttpRequest, creator: Creator) -> HttpResponse:
    """A creator's public face."""
    kind = EditForm if creator.has_account else EditWithTermsForm
    form = kind(request.POST or None, request.FILES or None, initial=profile_initial(creator))
    if not form.is_valid():
        return _form_page(request, "creators/profile.html", form, creator=creator)
    try:
        _save_profile(creator, form)
    except Refusal as refusal:
        return _form_page(request, "creators/profile.html", form, refusal, creator=creator)
    messages.success(request, gettext("Your page is saved."))
    return redirect("creators:edit_profile")


@for_creators
@require_POST
def start(request: HttpRequest, creator: Creator) -> HttpResponse:
    """Send a creator to Stripe's pages."""
    return _to_stripe(request, creator)


@for_creators
@require_GET
def refresh(request: HttpRequest, creator: Creator) -> HttpResponse:
    """Stripe's link was used up or too old: a new one."""
    return _to_stripe(request, creator)


@for_creators
@require_GET
def returned(request: HttpRequest, creator: Creator) -> HttpResponse:
    """A creator comes back from Stripe, finished or not: Stripe is asked which."""
    try:
        refresh_account(creator=creator)
    except ProviderError:
        messages.warning(request, gettext("Stripe does not answer yet. We will look again by ourselves."))
        return redirect("creators:studio")
    if creator.is_stripe_onboarded:
        messages.success(request, gettext("Everything is ready: fans can book you now."))
    else:
        messages.warning(request, gettext("Stripe still needs something before fans can book you."))
    return redirect("creators:studio")


def _to_stripe(request: HttpRequest, creator: Creator) -> HttpResponse:
    try:
        url = start_onboarding(
            creator=creator,
            return_url=request.build_absolute_uri(reverse("creators:onboarding_return")),
            refresh_url=request.build_absolute_uri(reverse("creators:onboarding_refresh")),
        )
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("creators:studio")
    return redirect(url)


def _save_profile(creator: Creator, form: ProfileForm) -> None:
    update_profile(creator=creator, profile=form.profile())
    if isinstance(form, EditWithTermsForm):
        set_terms(creator=creator, **form.terms())


def _form_page(
    request: HttpRequest,
    template: str,
    form: ProfileForm,
    refusal: Refusal | None = None,
    creator: Creator | None = None,
) -> HttpResponse:
    if refusal:
        add_refusal(form, refusal)
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, "creator": creator}, status=status)

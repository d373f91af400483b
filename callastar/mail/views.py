"""Pages about what one gets by email: the settings, and the link in a mail that stops its kind."""

from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from callastar.accounts.people import person
from callastar.core import clock
from callastar.mail.choices import choices_of, is_wanted, suppression_of
from callastar.mail.forms import ChoicesForm
from callastar.mail.operations import Way, choose_emails
from callastar.mail.refusals import UnsubscribeLinkError
from callastar.mail.unsubscribe import Subscription, read_token


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Which mails one gets, of those that one may do without."""
    user = person(request)
    form = ChoicesForm(request.POST or None, choices=choices_of(user))
    if form.is_valid():
        choose_emails(user=user, wanted=form.wanted(), way=Way.SETTINGS, now=clock.now())
        messages.success(request, gettext("Your email settings are saved."))
        return redirect("mail:choices")
    about = {
        "form": form,
        "suppression": suppression_of(user.email),
        "support_email": settings.SUPPORT_EMAIL,
    }
    return render(request, "mail_pages/choices.html", about)


@csrf_exempt  # what the link carries is the proof; mail programs send neither cookie nor token (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Stop one kind of mail, for whoever holds the link. Looking at the page changes nothing, as scanners do that.

    RFC 8058 asks for an answer without redirection.
    """
    try:
        subscription = read_token(request.GET.get("token", ""))
    except UnsubscribeLinkError as refusal:
        return render(request, "mail_pages/bad_link.html", {"reason": refusal.detail}, status=refusal.status)
    if request.method != "POST":
        return _show(request, subscription)
    wanted = _wish(request.POST)
    if wanted is None:
        return _show(request, subscription, status=HTTPStatus.BAD_REQUEST)
    choose_emails(user=subscription.user, wanted={subscription.kind: wanted}, way=Way.LINK, now=clock.now())
    return _show(request, subscription)


def _wish(sent: Mapping[str, str]) -> bool | None:
    """Whether the mails are wanted: the body that RFC 8058 names says no, our own button takes that back."""
    if sent.get("List-Unsubscribe") == "One-Click":
        return False
    return True if sent.get("wanted") == "yes" else None


def _show(
    request: HttpRequest, subscription: Subscription, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """How it stands now; the page does not say whose mails they are."""
    about = {
        "kind": subscription.kind,
        "wanted": is_wanted(user_id=subscription.user.pk, kind=subscription.kind),
        "changed": request.method == "POST" and status == HTTPStatus.OK,
    }
    return render(request, "mail_pages/unsubscribe.html", about, status=status)

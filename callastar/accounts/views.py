"""Pages about one's account; allauth has the others."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from callastar.accounts.forms import ProfileForm
from callastar.accounts.models import User
from callastar.accounts.operations import update_profile
from callastar.accounts.people import person


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone and language; a new language shows at once."""
    user = person(request)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        return render(request, "accounts/profile.html", {"form": form}, status=422 if form.is_bound else 200)
    update_profile(user=user, **form.cleaned_data)
    with translation.override(form.cleaned_data["locale"]):
        messages.success(request, gettext("Your profile is saved."))
        return redirect(reverse("accounts:profile"))

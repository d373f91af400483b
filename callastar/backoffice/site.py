"""The back office: Django's admin behind our own door, in the look of the site."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from callastar.accounts.people import person
from callastar.backoffice import mail_previews
from callastar.backoffice.access import has_second_factor, is_staff, way_to_second_factor
from callastar.backoffice.alert_texts import banners
from callastar.backoffice.overview import overview
from callastar.core import clock

# Sign-in, sign-out and passwords are the site's own; these pages of Django's admin are not there.
_NOT_OURS = {"login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site"}
_NOT_OURS |= {"app_list", "jsi18n"}


class BackOffice(AdminSite):
    """An admin site for staff with a second factor; for everybody else it does not exist."""

    index_template = "backoffice/index.html"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who have shown a second factor in this session."""
        return request.user.is_authenticated and is_staff(request.user) and has_second_factor(request)

    def admin_view(  # type: ignore[override]  # the stubs want one and the same type in and out
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Let staff in; guests sign in first, others find nothing here."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not is_staff(person(request)):
                raise Http404
            if not has_second_factor(request):
                return _ask_for_second_factor(request)
            return guarded(request, *args, **kwargs)

        return inner

    def get_urls(self) -> list[URLPattern | URLResolver]:
        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in _NOT_OURS]
        return [*urls, *mail_previews.urls(self), path("<path:rest>", self.admin_view(_nothing))]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits for somebody."""
        now = clock.now()
        shown = {
            "title": _("Back office"),
            "overview": overview(now=now),
            "alerts": list(banners(now=now)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.index_template, {**self.each_context(request), **shown})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"sections": self._sections(request)}

    def _sections(self, request: HttpRequest) -> list[tuple[str | Promise, str, bool]]:
        """Title and address of every list, and whether the page belongs to it."""
        found = []
        for model, model_admin in self._registry.items():
            if getattr(model_admin, "in_navigation", True):
                meta = model._meta
                url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
                found.append((model_admin.title, url, request.path.startswith(url)))  # type: ignore[attr-defined]
        previews = reverse("admin:mail_previews")
        return [*found, (mail_previews.TITLE, previews, request.path.startswith(previews))]


def _ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    way, has_one = way_to_second_factor(request)
    return render(request, "backoffice/second_factor.html", {"way": way, "has_one": has_one}, status=403)


def _nothing(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


site = BackOffice(name="admin")

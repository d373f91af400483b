"""Every mail as its readers get it, with invented people: in each language, in light and in dark (EM-3, EM-4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import quote

from csp.decorators import csp
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from callastar.accounts.people import person
from callastar.backoffice.cells import NOTHING, Text, locale
from callastar.backoffice.tables import Facts
from callastar.core.timezones import platform_zone
from callastar.mail.examples import Example, Group, usual_examples
from callastar.mail.frames import IN_A_FRAME, framed
from callastar.mail.kinds import Priority, about
from callastar.mail.models import EmailLog
from callastar.mail.rendering import subject_line

TITLE = gettext_lazy("Mails to look at")
LANGUAGES = dict(settings.LANGUAGES)
GROUNDS: Mapping[str, Text] = {"light": gettext_lazy("In light"), "dark": gettext_lazy("In dark")}
_PRIORITIES: Mapping[int, Text] = {
    Priority.URGENT: gettext_lazy("At once"),
    Priority.CALL: gettext_lazy("Soon: it is about a call"),
    Priority.NORMAL: gettext_lazy("After what is more urgent"),
    Priority.SUMMARY: gettext_lazy("When nothing else waits"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One mail in one language, in light or in dark."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An example in a list: what the viewer reads of it."""

    example: Example
    subject: str
    url: str
    frames: tuple[Frame, ...]


class Previews:
    """The pages, below the site that lets staff in."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def contents(self, request: HttpRequest) -> HttpResponse:
        """All mails by their groups."""
        return self._page(request, "mails.html", groups=_groups(), title=TITLE)

    def side_by_side(self, request: HttpRequest, group: str = "") -> HttpResponse:
        """The mails of a group, or all of them, in each language and on each ground."""
        if group and group not in Group.values:
            raise Http404
        wanted = [Group(group)] if group else list(Group)
        title = Group(group).label if group else _("All side by side")
        return self._page(request, "mails_side_by_side.html", groups=_groups(wanted), title=title)

    def one(self, request: HttpRequest, slug: str) -> HttpResponse:
        """One mail with everything that is sent of it."""
        example = _example(slug, locale())
        mails = {code: _mail(slug, code, person(request).timezone) for code in LANGUAGES}
        return self._page(
            request,
            "mail.html",
            title=mails[locale()].subject,
            example=example,
            facts=[_facts(example, mails[locale()])],
            frames=_frames(example),
            mails=[(code, LANGUAGES[code], mail) for code, mail in mails.items()],
        )

    def frame(self, request: HttpRequest, slug: str, language: str, ground: str) -> HttpResponse:
        """The mail itself."""
        if ground not in GROUNDS:
            raise Http404
        email = _mail(slug, language, person(request).timezone)
        return HttpResponse(framed(email.html, dark=ground == "dark"))

    def file(self, request: HttpRequest, slug: str, language: str) -> HttpResponse:
        """The calendar file that comes with it."""
        email = _mail(slug, language, person(request).timezone)
        if not email.attachments:
            raise Http404
        (file,) = email.attachments
        name = f"attachment; filename*=UTF-8''{quote(file['name'])}"
        headers = {"Content-Disposition": name}
        return HttpResponse(file["content"], content_type=file["content_type"], headers=headers)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        above = [] if template == "mails.html" else [(TITLE, reverse("admin:mail_previews"))]
        shown = {**self.site.each_context(request), "above": above, **context}
        return TemplateResponse(request, f"backoffice/{template}", shown)


def urls(site: AdminSite) -> list[URLPattern]:
    """The addresses of the pages, for staff only."""
    pages, wrap = Previews(site), site.admin_view
    # The library's types know views without arguments only.
    frame = wrap(cast(Any, csp(IN_A_FRAME))(xframe_options_sameorigin(pages.frame)))
    return [
        path("mails/", wrap(pages.contents), name="mail_previews"),
        path("mails/all/", wrap(pages.side_by_side), name="mail_previews_all"),
        path("mails/group/<slug:group>/", wrap(pages.side_by_side), name="mail_previews_group"),
        path("mails/<slug:slug>/", wrap(pages.one), name="mail_preview"),
        path("mails/<slug:slug>/<slug:language>/invite.ics", wrap(pages.file), name="mail_preview_file"),
        path("mails/<slug:slug>/<slug:language>/<slug:ground>/", frame, name="mail_preview_frame"),
    ]


@cache
def _examples(language: str) -> dict[str, Example]:
    """By what they are called in addresses; they never change."""
    return {example.slug: example for example in usual_examples(language).values()}


def _example(slug: str, language: str) -> Example:
    if language not in LANGUAGES or slug not in _examples(language):
        raise Http404
    return _examples(language)[slug]


def _mail(slug: str, language: str, time_zone: str) -> EmailLog:
    return _example(slug, language).rendered(locale=language, time_zone=time_zone)


def _groups(wanted: list[Group] | None = None) -> list[tuple[Group, str, list[Shown]]]:
    """Each group with the address of its own page and its mails."""
    examples = _examples(locale()).values()
    return [
        (
            group,
            reverse("admin:mail_previews_group", args=[group]),
            [_shown(example) for example in examples if example.group is group],
        )
        for group in wanted or Group
    ]


def _shown(example: Example) -> Shown:
    email = example.written(to=example.recipient(locale=locale(), time_zone=platform_zone()))
    url = reverse("admin:mail_preview", args=[example.slug])
    return Shown(example=example, subject=subject_line(email), url=url, frames=_frames(example))


def _frames(example: Example) -> tuple[Frame, ...]:
    return tuple(
        Frame(
            title=f"{name}, {ground_name}",
            url=reverse("admin:mail_preview_frame", args=[example.slug, code, ground]),
        )
        for ground, ground_name in GROUNDS.items()
        for code, name in LANGUAGES.items()
    )


def _facts(example: Example, email: EmailLog) -> Facts:
    kind, file = about(example.template).kind, email.attachments[0]["name"] if email.attachments else NOTHING
    return Facts(
        _("What is sent with it"),
        [
            (_("To"), example.reader.label),
            (_("From"), email.sender),
            (_("Answers go to"), email.reply_to),
            (_("Leaves"), _PRIORITIES[email.priority]),
            (_("Can be stopped with one click"), kind.label if kind else _("No: nobody may do without it")),
            (_("Attachment"), file),
        ],
    )

"""Mails: what was written to whom, what became of it, what was lost and is sent again; addresses left alone."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from csp.decorators import csp
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from callastar.backoffice import cells, filters
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Table, table
from callastar.core import clock
from callastar.mail.frames import IN_A_FRAME
from callastar.mail.models import EmailFailure, EmailLog, EmailStatus, Suppression
from callastar.mail.operations import lift, send_again
from callastar.mail.operations.again import LOST

_STATUSES = {
    EmailStatus.PENDING: gettext_lazy("Waiting"),
    EmailStatus.SENT: gettext_lazy("Sent"),
    EmailStatus.DELIVERED: gettext_lazy("Delivered"),
    EmailStatus.BOUNCED: gettext_lazy("Came back"),
    EmailStatus.COMPLAINED: gettext_lazy("Marked as spam"),
    EmailStatus.FAILED: gettext_lazy("Failed"),
    EmailStatus.SKIPPED: gettext_lazy("Not needed any more"),
}
_FAILURES = {
    EmailFailure.ADDRESS_REFUSED: gettext_lazy("The address is not accepted"),
    EmailFailure.NOT_AUTHORIZED: gettext_lazy("Our key or our sender is not accepted"),
    EmailFailure.KEY_CONFLICT: gettext_lazy("Another mail had the same key"),
    EmailFailure.NOT_WRITTEN: gettext_lazy("It could not be written: a mistake of ours"),
    EmailFailure.REFUSED: gettext_lazy("Refused"),
    EmailFailure.GAVE_UP: gettext_lazy("The provider could not be reached for a day"),
    EmailFailure.SUPPRESSED: gettext_lazy("The provider keeps the address on a list of its own"),
    EmailFailure.NOT_DELIVERED: gettext_lazy("The provider took it, and could not send it"),
}
_STATUS = cells.status(gettext_lazy("Status"), texts={key.value: text for key, text in _STATUSES.items()})


@admin.display(description=gettext_lazy("As sent"))
def _body(email: EmailLog) -> str:
    if not email.html:
        return cells.NOTHING
    frame = (
        '<iframe class="h-[36rem] w-full rounded-lg border border-border bg-card" title="{}" src="../html/"'
        ' sandbox loading="lazy"></iframe>'
    )
    return format_html(frame, _("The mail as its reader sees it"))


@admin.display(description=gettext_lazy("As plain text"))
def _text(email: EmailLog) -> str:
    if not email.text:
        return cells.NOTHING
    shown = '<pre lang="{}" class="text-[0.85em] whitespace-pre-wrap break-words">{}</pre>'
    return format_html(shown, email.locale, email.text)


@admin.display(description=gettext_lazy("Subject"))
def _subject(email: EmailLog) -> str:
    return (
        format_html('<span lang="{}">{}</span>', email.locale, email.subject)
        if email.subject
        else cells.NOTHING
    )


@admin.register(EmailLog, site=site)
class EmailAdmin(ReadOnlyAdmin):
    """Mails, the last one first."""

    title = gettext_lazy("Emails")
    title_of_one = gettext_lazy("Email")
    list_display = (
        cells.moment(gettext_lazy("Written"), "created_at", ordering="created_at"),
        _STATUS,
        cells.code(gettext_lazy("Template"), "template"),
        cells.text(gettext_lazy("To"), "to"),
        cells.text(gettext_lazy("Tries"), "attempts"),
    )
    list_filter = (
        filters.coded("status", gettext_lazy("Status"), _STATUSES),
        filters.coded(
            "locale", gettext_lazy("Language"), {"fr": gettext_lazy("French"), "en": gettext_lazy("English")}
        ),
        filters.date("created_at", gettext_lazy("Written")),
    )
    ordering = ("-created_at",)
    search_fields = ("to",)
    search_help_text = gettext_lazy("Address, template, or id of a mail or booking")
    shown = (
        (
            gettext_lazy("Email"),
            (
                _STATUS,
                cells.code(gettext_lazy("Template"), "template"),
                cells.text(gettext_lazy("To"), "to"),
                _subject,
                cells.text(gettext_lazy("Language"), "locale"),
                cells.text(gettext_lazy("Time zone"), "time_zone"),
                cells.moment(gettext_lazy("Written"), "created_at"),
                cells.moment(gettext_lazy("Sent"), "sent_at"),
                cells.moment(gettext_lazy("Delivered"), "delivered_at"),
                cells.moment(gettext_lazy("Worth sending until"), "expires_at"),
                cells.text(gettext_lazy("Tries"), "attempts"),
            ),
        ),
        (
            gettext_lazy("What became of it"),
            (
                cells.words(
                    gettext_lazy("Why it failed"),
                    "failure",
                    {key.value: text for key, text in _FAILURES.items()},
                ),
                cells.log_line(gettext_lazy("Why it was not sent"), "skip_reason"),
                cells.log_line(gettext_lazy("Error"), "error"),
                cells.log_line(gettext_lazy("How it came back"), "bounce_type"),
                cells.log_line(gettext_lazy("Why it came back"), "bounce_message"),
                cells.code(gettext_lazy("Id at the provider"), "provider_id"),
                cells.text(gettext_lazy("Importance"), "priority"),
                cells.code(gettext_lazy("Sent once for"), "dedupe_key"),
                cells.document(gettext_lazy("About"), "metadata"),
            ),
        ),
        (gettext_lazy("What it says"), (_body,)),
        (gettext_lazy("What it says, as text"), (_text,)),
    )
    posted = ("again",)

    def more_urls(self) -> list[URLPattern]:
        """The mail itself, for the frame that shows it."""
        return [
            path("<path:object_id>/html/", self.admin_site.admin_view(self.framed), name=f"{self._name}_html")
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.keys(term, "pk") | filters.ids(
                term, "to__iexact", "template", "provider_id", "metadata__booking"
            )
            queryset = queryset.filter(found)
        return queryset, False

    def _framed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was sent, links that carry a secret masked, and nothing of it may act."""
        return HttpResponse(self.row(request, object_id).html)

    # The library's types know views without arguments only.
    framed = method_decorator([cast(Any, csp(IN_A_FRAME)), xframe_options_sameorigin])(_framed)

    def alerts(self, row: EmailLog) -> Iterator[tuple[str, cells.Text]]:
        """Why it does not arrive."""
        if row.bodies_forgotten_at:
            yield "info", _("What mails said is kept for 90 days.")
        if Suppression.objects.filter(address=row.to.lower()).exists():
            yield "warning", _("Mails to this address came back: it gets only what is essential.")

    def acts(self, row: EmailLog) -> Iterator[Act]:
        """What was lost can be sent once more."""
        if row.status in LOST:
            yield Act(_("Send again"), self.url("again", row), is_post=True, variant="primary")

    def tables(self, row: EmailLog) -> Sequence[Table]:
        """The mail that was sent in its place."""
        copies = EmailLog.objects.filter(dedupe_key=f"again:{row.pk}")
        return [table(_("Sent again"), copies, _COPIES)] if copies else ()

    def again(self, request: HttpRequest, row: EmailLog) -> HttpResponse:
        """Send it once more."""
        return self.carry_out(
            request,
            row,
            lambda: send_again(email_id=row.pk, actor=actor(request), now=clock.now()),
            done=_("The mail is sent once more in a moment."),
        )


_COPIES: Sequence[cells.Cell] = (
    cells.link(gettext_lazy("Written"), "mail_emaillog", "pk", cells.moment("", "created_at")),
    _STATUS,
    cells.text(gettext_lazy("To"), "to"),
)


@admin.register(Suppression, site=site)
class SuppressionAdmin(ReadOnlyAdmin):
    """Addresses that get only essential mail."""

    title = gettext_lazy("Suppressed addresses")
    title_of_one = gettext_lazy("Suppressed address")
    list_display = (
        cells.text(gettext_lazy("Address"), "address"),
        cells.text(gettext_lazy("Why"), "get_reason_display"),
        cells.moment(gettext_lazy("Since"), "created_at", ordering="created_at"),
    )
    ordering = ("-created_at",)
    search_fields = ("address",)
    search_help_text = gettext_lazy("Address")
    shown = (
        (
            gettext_lazy("Suppressed address"),
            (
                cells.text(gettext_lazy("Address"), "address"),
                cells.text(gettext_lazy("Why"), "get_reason_display"),
                cells.moment(gettext_lazy("Since"), "created_at"),
                cells.link(gettext_lazy("Email"), "mail_emaillog", "email_id", "email.template"),
            ),
        ),
    )
    posted = ("lift",)

    def acts(self, row: Suppression) -> Iterator[Act]:
        """Staff may know better."""
        yield Act(
            _("Send it all mail again"),
            self.url("lift", row),
            is_post=True,
            variant="primary",
            question=_("Send all mail to this address again?"),
        )

    def lift(self, request: HttpRequest, row: Suppression) -> HttpResponse:
        """Take it off the list."""
        self.carry_out(
            request,
            row,
            lambda: lift(suppression_id=row.pk, actor=actor(request)),
            done=_("The address gets all mail again."),
        )
        return redirect("admin:mail_suppression_changelist")

"""What the pages of all kinds of rows share: all is shown, nothing is edited, what can be done has buttons."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from django.contrib import admin, messages
from django.db.models import Model
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callastar.accounts.people import person
from callastar.audit.operations import Actor
from callastar.backoffice.cells import Cell, Text
from callastar.backoffice.refusals import ChangedMeanwhileError
from callastar.backoffice.tables import Act, Facts, Table, facts
from callastar.core.errors import ProviderError, Refusal
from callastar.core.forms import add_refusal

Step = Callable[[HttpRequest, Any], HttpResponse]


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to be looked at. History is never changed here: what an admin does goes through operations.

    Each kind names its `title` and the title of one, its `facts`, and the names of its steps: methods that
    take the request and the row, below addresses of the same name. Those in `posted` are buttons without a page.
    """

    title: Text = ""
    title_of_one: Text = ""
    shown: Sequence[tuple[Text, Sequence[Cell]]] = ()
    steps: Sequence[str] = ()
    posted: Sequence[str] = ()
    in_navigation = True
    actions = None
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "backoffice/list.html"
    change_form_template = "backoffice/detail.html"
    search_help_text: ClassVar[Text] = ""

    def get_urls(self) -> list[URLPattern]:
        """A list, a page for each row, and what can be done with it."""
        wrap, name = self.admin_site.admin_view, self._name
        steps = [
            path(f"<path:object_id>/{step}/", wrap(self._step(step)), name=f"{name}_{step}")
            for step in (*self.steps, *self.posted)
        ]
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            *self.more_urls(),
            *steps,
            path("<path:object_id>/change/", wrap(self.change_view), name=f"{name}_change"),
        ]

    def more_urls(self) -> list[URLPattern]:
        """Addresses beside the list."""
        return []

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _step(self, step: str) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return getattr(self, step)(request, self.row(request, object_id))

        return require_POST(view) if step in self.posted else view

    def row(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an address, or 404."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # the site lets in only those who may

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list; without filters where they ask for what PostgreSQL does not take as text."""
        if "\0" in unquote(request.META["QUERY_STRING"]):
            return redirect(request.path)
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """All about one row."""
        row = self.row(request, object_id)
        shown = {
            "facts": [facts(title, row, cells) for title, cells in self.shown],
            "tables": self.tables(row),
            "acts": list(self.acts(row)),
            "alerts": list(self.alerts(row)),
            **(extra_context or {}),
        }
        return self.page(request, row, self.change_form_template, **shown)

    def tables(self, row: Any) -> Sequence[Table]:
        """What belongs to the row."""
        return ()

    def acts(self, row: Any) -> Iterable[Act]:
        """What can be done with the row now."""
        return ()

    def alerts(self, row: Any) -> Iterable[tuple[str, Text]]:
        """What somebody must know of the row: variant and text of each."""
        return ()

    def url(self, step: str, row: Any) -> str:
        """The address of a step, or of the page (`change`)."""
        return reverse(f"admin:{self._name}_{step}", args=[row.pk])

    def page(self, request: HttpRequest, row: Any, template: str, **context: Any) -> HttpResponse:
        """A page about one row, below its list."""
        above = [(self.title, reverse(f"admin:{self._name}_changelist"))]
        if template != self.change_form_template:
            above.append((self.title_of_one, self.url("change", row)))
        shown = {"title": self.title_of_one, "row": row, "above": above, **context}
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **shown})

    def ask(
        self,
        request: HttpRequest,
        row: Any,
        *,
        title: Text,
        submit: Text,
        form: Form | None = None,
        intro: Text = "",
        facts: Sequence[Facts] = (),
        tables: Sequence[Table] = (),
        **context: Any,
    ) -> HttpResponse:
        """A page that asks before something is done."""
        return self.page(
            request,
            row,
            "backoffice/ask.html",
            title=title,
            submit=submit,
            form=form,
            intro=intro,
            facts=facts,
            tables=tables,
            back=self.url("change", row),
            **context,
        )

    def back(self, row: Any) -> HttpResponse:
        """To the row's page."""
        return redirect(self.url("change", row))

    def carry_out(
        self, request: HttpRequest, row: Any, do: Callable[[], Any], *, done: Text | Callable[[Any], Text]
    ) -> HttpResponse:
        """Do something and say on the row's page how it went; `done` may depend on what came of it."""
        try:
            result = do()
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        except ProviderError as error:
            messages.error(request, provider_text(error))
        else:
            messages.success(request, done(result) if callable(done) else done)
        return self.back(row)

    def submitted(
        self, request: HttpRequest, row: Any, form: Form, do: Callable[[], object], *, done: Text
    ) -> HttpResponse | None:
        """Do what a valid form asks for; None when it is to be shown again, with what was refused."""
        if not form.is_valid():
            return None
        try:
            do()
        except ChangedMeanwhileError as refusal:
            messages.error(request, refusal.detail)  # the form was about something else
            return self.back(row)
        except Refusal as refusal:
            add_refusal(form, refusal)
            return None
        messages.success(request, done)
        return self.back(row)


def actor(request: HttpRequest) -> Actor:
    """Who does it."""
    return Actor.of(person(request))


def provider_text(error: ProviderError) -> str:
    """What a provider's error means for an admin."""
    if error.is_temporary:
        return _("Stripe does not answer. Please try again in a moment.")
    return _("Stripe refuses: %(reason)s") % {"reason": error.code or error.message}

"""Hosted onboarding: the pages behind an account link."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandboxes.kit.pages import Pages
from sandboxes.stripe import account_links, accounts
from sandboxes.stripe.account_links import Visit
from sandboxes.stripe.context import Context
from sandboxes.stripe.people import wizard
from sandboxes.stripe.people.texts import language_of, texts_of
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError


def routes(ctx: Context, pages: Pages) -> list[BaseRoute]:
    """`/onboarding/<token>`: opening it uses the link up; its steps are posted to the same address."""
    onboarding = Onboarding(ctx, pages)
    return [
        Route("/onboarding/{token}", onboarding.open),
        Route("/onboarding/{token}", onboarding.step, methods=["POST"]),
    ]


class Onboarding:
    """The wizard over one account; nothing is kept until the last page is submitted."""

    def __init__(self, ctx: Context, pages: Pages) -> None:
        self._ctx = ctx
        self._pages = pages

    async def open(self, request: Request) -> Response:
        """The first page; a used or old link leads to the merchant's refresh address."""
        try:
            visit = account_links.open_link(self._ctx, request.path_params["token"])
        except (LookupError, ApiError):
            return self._unknown(request)
        if not visit.usable:
            return RedirectResponse(visit.refresh_url, 303)
        return self._page(request, visit, wizard.STEPS[0], wizard.answers_of({}))

    async def step(self, request: Request) -> Response:
        """What a button of a page does: next, back, fill, leave, submit."""
        try:
            visit = account_links.visit(self._ctx, request.path_params["token"])
        except (LookupError, ApiError):
            return self._unknown(request)
        form = await request.form()
        step = str(form.get("step", ""))
        step = step if step in wizard.STEPS else wizard.STEPS[0]
        action = form.get("action")
        if action == "leave":
            return RedirectResponse(visit.return_url, 303)
        return self._go_on(request, visit, step, action, wizard.answers_of(form))

    def _go_on(
        self, request: Request, visit: Visit, step: str, action: object, answers: dict[str, str]
    ) -> Response:
        if action == "fill":
            return self._page(
                request, visit, step, answers | wizard.sample_answers(step, visit.account["country"])
            )
        if action == "back":
            return self._page(request, visit, wizard.previous_step(step), answers)
        if action == "submit":
            return self._submit(request, visit, answers)
        problems = wizard.problems(step, answers, self._today())
        return self._page(request, visit, step if problems else wizard.next_step(step), answers, problems)

    def _submit(self, request: Request, visit: Visit, answers: dict[str, str]) -> Response:
        unfinished = wizard.first_unfinished(answers, self._today())
        if unfinished:
            problems = wizard.problems(unfinished, answers, self._today())
            return self._page(request, visit, unfinished, answers, problems)
        params = wizard.account_params(answers, visit.account["default_currency"])
        call = Call(account=self._ctx.platform, params=params, path={"id": visit.account["id"]})
        with self._ctx.store.transaction():
            accounts.update(self._ctx, call)
            address = account_links.finish(self._ctx, request.path_params["token"])
        return RedirectResponse(address, 303)

    def _page(
        self,
        request: Request,
        visit: Visit,
        step: str,
        answers: dict[str, str],
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        shown = {question.name for question in wizard.QUESTIONS[step]}
        shown |= {"business_type"} if step == "business" else set()
        return self._render(
            request,
            "step",
            account_id=visit.account["id"],
            steps=wizard.STEPS,
            position=wizard.STEPS.index(step),
            step=step,
            fields=wizard.QUESTIONS[step],
            values=answers,
            carried={name: value for name, value in answers.items() if name not in shown},
            summary=self._summary(request, answers),
            errors=errors or {},
        )

    def _summary(self, request: Request, answers: dict[str, str]) -> list[tuple[str, str]]:
        kinds = texts_of("onboarding", language_of(request))["kinds"]
        return list((answers | {"business_type": kinds[answers["business_type"]]}).items())

    def _unknown(self, request: Request) -> Response:
        return self._render(request, "unknown", status_code=404)

    def _render(self, request: Request, template: str, **context: Any) -> Response:
        language = language_of(request)
        texts = texts_of("onboarding", language)
        title = texts["unknown"] if template == "unknown" else texts["title"]
        return self._pages.render(
            f"onboarding/{template}.html", title=title, t=texts, language=language, **context
        )

    def _today(self) -> date:
        return datetime.fromtimestamp(self._ctx.now(), UTC).date()

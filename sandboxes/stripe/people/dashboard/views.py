"""The pages of the dashboard: lists, and one page for any object."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandboxes.kit.pages import Pages
from sandboxes.stripe import render
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people import formats
from sandboxes.stripe.people.dashboard import sections
from sandboxes.stripe.people.dashboard.actions import Refusal, offered, run
from sandboxes.stripe.people.dashboard.deliveries import deliveries_of
from sandboxes.stripe.people.dashboard.sections import Entry, Section, Snapshot
from sandboxes.stripe.people.texts import language_of, texts_of

PAGE_SIZE = 25
_MOST_EVENTS = 30


class Dashboard:
    """Draws what the sandbox holds."""

    def __init__(self, ctx: Context, pages: Pages) -> None:
        self._ctx = ctx
        self._pages = pages
        pages.filters.update(
            {"money": formats.money, "moment": formats.moment, "iso": formats.iso, "tone": formats.tone}
        )

    async def show_list(self, request: Request) -> Response:
        """One section, searched by `q`, 25 to a page."""
        section = sections.BY_NAME[request.url.path.strip("/") or "payments"]
        query = request.query_params.get("q", "").strip()
        found = self._found(section, query)
        count = max(1, -(-len(found) // PAGE_SIZE))
        page = min(max(1, _number(request.query_params.get("page"))), count)
        shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        rows = [[column.value(entry) for column in section.columns] for entry in shown]
        title = texts_of("dashboard", language_of(request))["sections"][section.name]
        return self._page(
            request, "list", section.name, title=title, columns=section.columns, rows=rows, query=query, page=page,
            pages=count,
        )  # fmt: skip

    async def show_object(self, request: Request) -> Response:
        """Any object by its id."""
        entry = sections.lookup(self._ctx, request.path_params["id"])
        return self._unknown(request) if entry is None else self._detail(request, entry)

    async def act(self, request: Request) -> Response:
        """Press one of an object's buttons, then show the object."""
        entry = sections.lookup(self._ctx, request.path_params["id"])
        if entry is None:
            return self._unknown(request)
        name = request.path_params["action"]
        try:
            with self._ctx.store.transaction():
                run(self._ctx, entry, name, await request.form())
        except Refusal as refusal:
            return self._detail(request, entry, refusal=refusal)
        return RedirectResponse(f"/objects/{entry.document['id']}?done={name}", 303)

    def _found(self, section: Section, query: str) -> list[Entry]:
        every = sections.entries(Snapshot(self._ctx), section.kind)
        return [entry for entry in every if sections.matches(entry.document, query)] if query else every

    def _detail(self, request: Request, entry: Entry, refusal: Refusal | None = None) -> Response:
        document = render.shown(self._ctx, entry.document)
        is_event = document["object"] == "event"
        return self._page(
            request,
            "detail",
            sections.SECTION_OF_KIND.get(document["object"]),
            title=document["id"],
            heading=_heading(document, language_of(request)),
            document=document,
            status=sections.status_in_full(entry),
            actions=offered(self._ctx, entry),
            related=[*_related(document), *self._consequences(entry)],
            history=[] if is_event else self._history(entry),
            deliveries=deliveries_of(self._ctx, document["id"]) if is_event else None,
            json=json.dumps(document, indent=2, ensure_ascii=False),
            refusal=refusal,
            status_code=400 if refusal else 200,
        )

    def _history(self, entry: Entry) -> list[Json]:
        """The events about the object, newest first."""
        id = entry.document["id"]
        events = (each.document for each in sections.entries(entry.seen, "event"))
        return [event for event in events if event["data"]["object"].get("id") == id][:_MOST_EVENTS]

    def _consequences(self, entry: Entry) -> list[tuple[str, str]]:
        """Refunds and disputes of a payment, reversals of a transfer, refunds of a fee."""
        about = entry.document["id"]
        found = [each.document for kind in _CONSEQUENCES for each in sections.entries(entry.seen, kind)]
        return [
            (each["object"], each["id"])
            for each in found
            if about in [each.get(name) for name in _CONSEQUENCES[each["object"]]]
        ]

    def _unknown(self, request: Request) -> Response:
        title = texts_of("dashboard", language_of(request))["unknown"]
        return self._page(
            request, "unknown", None, title=title, id=request.path_params["id"], status_code=404
        )

    def _page(
        self,
        request: Request,
        template: str,
        section: str | None,
        *,
        refusal: Refusal | None = None,
        **context: Any,
    ) -> Response:
        language = language_of(request)
        texts = texts_of("dashboard", language)
        done = texts["done"].get(request.query_params.get("done"))
        return self._pages.render(
            f"dashboard/{template}.html",
            t=texts,
            language=language,
            section=section,
            sections=list(sections.BY_NAME),
            notice=refusal.text(texts) if refusal else done,
            refused=refusal is not None,
            **context,
        )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1


def _heading(document: Json, language: str) -> str:
    if "amount" in document and "currency" in document:
        return formats.money((document["amount"], document["currency"]), language)
    return str(
        document.get("type") if document["object"] == "event" else document.get("email") or document["id"]
    )


def _related(document: Json) -> list[tuple[str, str]]:
    """The ids of other objects among the fields, by the field's name."""
    inner = {"destination": (document.get("transfer_data") or {}).get("destination")}
    if document["object"] == "event":
        inner = {"about": document["data"]["object"].get("id")}
    fields = {**document, **{name: value for name, value in inner.items() if value}}
    return [
        (name, value)
        for name, value in fields.items()
        if name in _REFERENCES and isinstance(value, str) and value
    ]


_CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "refund": ("payment_intent", "charge"),
    "dispute": ("payment_intent", "charge"),
    "transfer_reversal": ("transfer",),
    "fee_refund": ("fee",),
}
_REFERENCES = (
    "about",
    "account",
    "application_fee",
    "balance_transaction",
    "charge",
    "destination",
    "destination_payment",
    "failure_balance_transaction",
    "fee",
    "latest_charge",
    "payment_intent",
    "payment_method",
    "source",
    "source_refund",
    "source_transaction",
    "transfer",
    "transfer_reversal",
)

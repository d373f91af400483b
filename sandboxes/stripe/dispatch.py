"""From a request to an answer: key, parameters, use case, expansion, replay; one store transaction a call."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.stripe import render
from sandboxes.stripe.context import API_VERSION, NO_ORIGIN, Context, Json
from sandboxes.stripe.params.checkers import Hash
from sandboxes.stripe.wire import forms, idempotency
from sandboxes.stripe.wire.auth import Caller, identify
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, provider_failure
from sandboxes.stripe.wire.expand import expanded
from sandboxes.stripe.wire.ids import new_id

Handler = Callable[[Context, Call], Json]
SchemaOf = Callable[[], Hash]
log = logging.getLogger("sandbox")

LATENCY_SETTING = "latency_seconds"
_LATENCY_SECONDS = 0.003


@dataclass(frozen=True)
class Endpoint:
    """One method and path of the API; ``browser`` is what it takes with the publishable key, if at all."""

    method: str
    path: str
    handler: Handler
    schema: SchemaOf
    browser: SchemaOf | None = None


class Dispatcher:
    """Serves the endpoints."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._in_progress = idempotency.InProgress()

    async def serve(self, endpoint: Endpoint, request: Request) -> Response:
        """Answer one request."""
        request_id = "req_" + new_id("x")[3:17]
        try:
            form = forms.decode(await _text(request))
            caller = identify(
                self._ctx, request.headers, form, publishable_allowed=endpoint.browser is not None
            )
            return await self._once(endpoint, request, form, caller, request_id)
        except ApiError as error:
            return answer(error.status, _dump(error.body(request_id)), request_id)
        except Exception:
            log.exception("%s %s failed", endpoint.method, endpoint.path)
            return answer(500, _dump(provider_failure(500).body(request_id)), request_id)

    async def _once(
        self, endpoint: Endpoint, request: Request, form: Json, caller: Caller, request_id: str
    ) -> Response:
        """Serve, or give the kept answer of the first request with the same idempotency key."""
        key = request.headers.get("idempotency-key")
        if not key or request.method != "POST":
            return self._run(endpoint, request, form, caller, request_id, None)
        slot = idempotency.slot_of(caller.account, key)
        mark = idempotency.fingerprint(request.method, request.url.path, form)
        self._in_progress.start(slot)
        try:
            await asyncio.sleep(self._ctx.store.setting(LATENCY_SETTING, _LATENCY_SECONDS))
            if (kept := idempotency.replay(self._ctx, slot, mark)) is not None:
                return answer(kept["status"], kept["body"], request_id, original=kept["request_id"])
            return self._run(endpoint, request, form, caller, request_id, (slot, mark))
        finally:
            self._in_progress.end(slot)

    def _run(
        self,
        endpoint: Endpoint,
        request: Request,
        form: Json,
        caller: Caller,
        request_id: str,
        keep: tuple[str, str] | None,
    ) -> Response:
        call = _read(endpoint, request, form, caller)
        origin = {"id": request_id, "idempotency_key": request.headers.get("idempotency-key")}
        store = self._ctx.store
        with store.transaction():
            try:
                with store.transaction():
                    status, body = self._execute(endpoint, call, origin, request_id)
            except ApiError as error:
                status, body = error.status, _dump(error.body(request_id))
            if keep is not None:
                idempotency.keep(self._ctx, *keep, status=status, body=body, request_id=request_id)
        return answer(status, body, request_id)

    def _execute(self, endpoint: Endpoint, call: Call, origin: Json, request_id: str) -> tuple[int, str]:
        """The answer; an error that keeps its effect does not leave through the transaction."""
        self._ctx.origin = origin
        try:
            return 200, _dump(self._shown(call, endpoint.handler(self._ctx, call)))
        except ApiError as error:
            if "payment_intent" in error.error:
                error.error["payment_intent"] = self._intent(call, error.error["payment_intent"])
            if not error.keeps_effect:
                raise
            return error.status, _dump(error.body(request_id))
        finally:
            self._ctx.origin = NO_ORIGIN

    def _shown(self, call: Call, document: Json) -> Json:
        paths = call.params.get("expand", [])
        public = expanded(self._ctx, call.account, render.shown(self._ctx, document), paths)
        is_intent = public.get("object") == "payment_intent"
        return render.for_browser(public) if call.publishable and is_intent else public

    def _intent(self, call: Call, intent: Json) -> Json:
        """The intent inside an error, without what the caller may not see."""
        public = render.shown(self._ctx, intent)
        return render.for_browser(public) if call.publishable else public


def answer(status: int, body: str, request_id: str, *, original: str | None = None) -> Response:
    """An answer with Stripe's headers; ``original`` is the request whose kept answer this is."""
    headers = {
        "Request-Id": request_id,
        "Stripe-Version": API_VERSION,
        "Cache-Control": "no-cache, no-store",
    }
    if original is not None:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": original}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Stripe"'
    if status in (409, 429) or status >= 500:
        headers["Stripe-Should-Retry"] = "true"
    return Response(body, status, headers=headers, media_type="application/json")


def failure(status: int) -> Response:
    """Stripe's own 500 and 429."""
    request_id = new_id("req")
    return answer(status, _dump(provider_failure(status).body(request_id)), request_id)


def not_found(request: Request) -> Response:
    """404 for an address Stripe does not know."""
    message = (
        f"Unrecognized request URL ({request.method}: {request.url.path}). Please see https://stripe.com/docs or "
        "we can help at https://support.stripe.com/."
    )
    request_id = new_id("req")
    return answer(404, _dump(ApiError(404, message).body(request_id)), request_id)


def _read(endpoint: Endpoint, request: Request, form: Json, caller: Caller) -> Call:
    """The call, its parameters checked; raises ApiError."""
    schema = endpoint.browser if caller.publishable and endpoint.browser else endpoint.schema
    return Call(
        account=caller.account,
        params=schema().read(form),
        path=dict(request.path_params),
        url=request.url.path,
        key=caller.key,
        publishable=caller.publishable,
    )


async def _text(request: Request) -> str:
    body = (await request.body()).decode(errors="replace")
    return "&".join(each for each in (request.url.query, body) if each)


def _dump(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)

"""The application: Daily's API, the room pages, the signalling and the controls."""

from __future__ import annotations

from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp

from sandboxes.daily import api, control, pages, recordings
from sandboxes.daily.events import sign
from sandboxes.daily.meetings import mark_all_away, set_timers
from sandboxes.daily.service import Service
from sandboxes.daily.signalling import Hub
from sandboxes.daily.webhooks import record_result
from sandboxes.kit.app import Kit
from sandboxes.kit.options import Options


def create_app(options: Options) -> ASGIApp:
    """Open the state and put everything together; browsers of the last run may come back."""
    kit = Kit.open(
        options,
        sign=sign,
        error_response=api.error_response,
        on_result=lambda result: record_result(service, result),
    )
    service = Service(
        store=kit.store,
        clock=kit.clock,
        timers=kit.timers,
        deliveries=kit.deliveries,
        api_key=options.keys["api_key"],
        domain=options.args.domain,
        domain_id=options.keys["domain_id"],
        public_url=options.public_url,
    )
    hub = Hub(service)
    service.on_left = hub.dismiss
    service.on_recording = hub.show_recording
    kit.on_reset.append(hub.disconnect_all)
    set_timers(service)
    recordings.set_timers(service)
    mark_all_away(service)
    routes = [*api.routes(service), WebSocketRoute("/_rtc/ws", hub.endpoint), *pages.routes(service)]
    return kit.app(routes, control.controls(service, hub))

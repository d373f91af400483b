"""The JSON API: its routers, its documentation at `/api/docs`."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from callastar.accounts.api import router as auth_router
from callastar.bookings.api import bookings_router, daily_router, payments_router
from callastar.bookings.recording_api import recording_router
from callastar.calls.api import router as calls_router
from callastar.core.api.problems import handle_problems
from callastar.jobs.api import router as cron_router
from callastar.live.openapi import STREAM_PATHS
from callastar.mail.api import router as mail_router
from callastar.notifications.api import router as notifications_router
from callastar.offers.api import router as offers_router
from callastar.offers.creators_api import router as creators_router
from callastar.payouts.api import router as payouts_router


class SiteApi(NinjaAPI):
    """The API with its streams described among its routes."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI 3.1 description."""
        schema = super().get_openapi_schema(**options)
        schema["paths"].update(STREAM_PATHS)
        return schema


api = SiteApi(
    title="Call a Star",
    version="1",
    description=(
        "Times are ISO 8601 in UTC; amounts are integers in minor units with their currency. Sign in with"
        " `auth/login`: the session is a cookie, and calls that change something carry its `csrf_token` in the"
        " `X-CSRFToken` header. Errors are RFC 9457 problem details with a stable `code`; `detail` follows"
        " `Accept-Language`. An `Idempotency-Key` header makes a repeated call give the first answer again."
    ),
)
api.add_router("/auth", auth_router)
api.add_router("/creators", creators_router)
api.add_router("/call-offers", offers_router)
api.add_router("/bookings", bookings_router)
api.add_router("/payments", payments_router)
api.add_router("/payouts", payouts_router)
api.add_router("/daily", daily_router)
api.add_router("/daily", recording_router)
api.add_router("/calls", calls_router)
api.add_router("/notifications", notifications_router)
api.add_router("/mail", mail_router)
api.add_router("/cron", cron_router)
handle_problems(api)

"""The human side of the sandbox: Payment Element, 3-D Secure, hosted onboarding, the dashboards."""

from pathlib import Path

from starlette.routing import BaseRoute

from sandboxes.kit.pages import Pages
from sandboxes.stripe.context import Context
from sandboxes.stripe.people import assets, challenge, dashboard, express, frames, onboarding


def routes(ctx: Context) -> list[BaseRoute]:
    """Everything that a person meets in a browser."""
    pages = Pages("stripe", Path(__file__).parent / "templates")
    return [
        *assets.routes(),
        *frames.routes(pages),
        *challenge.routes(ctx, pages),
        *onboarding.routes(ctx, pages),
        *express.routes(ctx, pages),
        *dashboard.routes(ctx, pages),
    ]

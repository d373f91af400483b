"""The human side of the sandbox: Payment Element, 3-D Secure, hosted onboarding and the dashboard."""

from pathlib import Path

from starlette.routing import BaseRoute

from sandboxes.kit.pages import Pages
from sandboxes.stripe.context import Context
from sandboxes.stripe.people import assets, challenge, dashboard, frames, onboarding


def routes(ctx: Context) -> list[BaseRoute]:
    """Everything that a person meets in a browser."""
    pages = Pages("stripe", Path(__file__).parent / "templates")
    return [
        *assets.routes(),
        *frames.routes(pages),
        *challenge.routes(ctx, pages),
        *onboarding.routes(ctx, pages),
        *dashboard.routes(ctx, pages),
    ]

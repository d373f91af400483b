"""Resend's sandbox, put together."""

import argparse
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from sandboxes.kit.app import Kit
from sandboxes.kit.control import Control
from sandboxes.kit.options import Options
from sandboxes.resend.emails import Emails
from sandboxes.resend.errors import ApiError, fault_response, on_api_error, on_defect, on_http_error
from sandboxes.resend.gate import Gate, RateLimit
from sandboxes.resend.mailbox import Mailbox
from sandboxes.resend.outbox import Outbox
from sandboxes.resend.signature import sign
from sandboxes.resend.webhooks import Webhooks

DEFAULT_RATE = 5  # requests a second, https://resend.com/docs/api-reference/rate-limit

_OUTCOMES = {
    "deliver": ("email.delivered", "The recipient's server has taken the email."),
    "bounce": ("email.bounced", "The recipient's server refuses the email for good."),
    "complain": ("email.complained", "The recipient marks the email as spam."),
    "delay": ("email.delivery_delayed", "The recipient's server asks to come back later."),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What this sandbox can be told besides the shared options."""
    parser.add_argument(
        "--rate-limit", type=int, default=DEFAULT_RATE, help="requests a second (default %(default)s)"
    )
    parser.add_argument(
        "--domain", action="append", default=[], help="a verified domain (default: any of one's own)"
    )
    parser.add_argument("--webhook-url", help="an endpoint that hears of every email from the start")


def create_app(options: Options) -> ASGIApp:
    """The application with its state."""
    kit = Kit.open(options, sign=sign, error_response=fault_response)
    outbox, webhooks = Outbox(kit), Webhooks(kit)
    mailbox = Mailbox(outbox)
    rate_limit = RateLimit(kit.store, options.args.rate_limit)
    gate = Gate(options.keys["api_key"], rate_limit)
    emails = Emails(kit, outbox, frozenset(domain.lower() for domain in options.args.domain))
    _seed(kit, webhooks)
    return kit.app(
        [
            *emails.routes(gate, list_page=mailbox.home, mail_page=mailbox.mail),
            *webhooks.routes(gate),
            *mailbox.routes(),
        ],
        [*_outcome_controls(outbox), _rate_control(rate_limit)],
        {ApiError: on_api_error, HTTPException: on_http_error, Exception: on_defect},
    )


def _seed(kit: Kit, webhooks: Webhooks) -> None:
    """Know the endpoint of --webhook-url from the start, and again after a reset."""
    url = kit.options.args.webhook_url
    if url is not None:

        def seed() -> None:
            webhooks.seed(url, kit.options.keys["webhook_secret"])

        seed()
        kit.on_reset.append(seed)


def _outcome_controls(outbox: Outbox) -> list[Control]:
    def control(name: str, event: str, summary: str) -> Control:
        def happen(request: Request, _: dict[str, Any]) -> dict[str, Any]:
            mail = outbox.record(request.path_params["id"], event)
            return {"id": mail["id"], "last_event": mail["last_event"]}

        return Control("POST", f"emails/{{id}}/{name}", happen, summary)

    return [control(name, event, summary) for name, (event, summary) in _OUTCOMES.items()]


def _rate_control(rate_limit: RateLimit) -> Control:
    def change(_: Request, body: dict[str, Any]) -> dict[str, Any]:
        rate_limit.change(int(body.get("per_second", 0)))
        return {"per_second": rate_limit.limit}

    summary = "Allow so many requests a second, until the next reset."
    return Control("POST", "rate", change, summary, {"per_second": 100})

"""The three providers: a sandbox each, unless the environment names a real account.

A key in the environment without an address means the real service. An address in the environment wins for the
product's calls, and the sandbox still runs: the address may be that of a proxy in front of it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.demo.folder import State

PAYOUT_EVENTS = ["payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled"]
PLATFORM_EVENTS = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "charge.updated",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "transfer.reversed",
    *PAYOUT_EVENTS,
]
CONNECT_EVENTS = [
    "account.updated",
    "account.application.deauthorized",
    *PAYOUT_EVENTS,
]


DAILY_EVENTS = [
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
]
DAILY_PATH = "/api/daily/webhook"
RESEND_PATH = "/api/email/webhook"
REACHED_AFTER = 3  # tries: on a busy machine the first answer of a web process may come too late for Daily


@dataclass(frozen=True)
class Provider:
    """How the product is told of a provider."""

    name: str
    address_variable: str
    key_variable: str
    key_name: str
    path: str
    real_address: str

    def is_real(self, environment: Mapping[str, str]) -> bool:
        """Whether the environment means the real service: its key is given and no address."""
        return bool(environment.get(self.key_variable)) and not environment.get(self.address_variable)


PROVIDERS = {
    "stripe": Provider(
        "stripe", "STRIPE_API_BASE", "STRIPE_SECRET_KEY", "secret_key", "", "https://api.stripe.com"
    ),
    "daily": Provider("daily", "DAILY_API_URL", "DAILY_API_KEY", "api_key", "/v1", "https://api.daily.co/v1"),
    "resend": Provider("resend", "RESEND_API_URL", "RESEND_API_KEY", "api_key", "", "https://api.resend.com"),
}


def sandboxes(environment: Mapping[str, str]) -> list[Provider]:
    """The providers that a sandbox stands in for."""
    return [provider for provider in PROVIDERS.values() if not provider.is_real(environment)]


def command(provider: Provider, *, python: str, port: int, data: Path, more: Sequence[str] = ()) -> list[str]:
    """The command line of a sandbox; a key from the environment becomes the sandbox's."""
    given = os.environ.get(provider.key_variable)
    keys = [f"--{provider.key_name.replace('_', '-')}", given] if given else []
    if provider.name == "stripe" and os.environ.get("STRIPE_PUBLISHABLE_KEY"):
        keys += ["--publishable-key", os.environ["STRIPE_PUBLISHABLE_KEY"]]
    return [
        python,
        "-m",
        f"sandboxes.{provider.name}",
        "--port",
        str(port),
        "--data",
        str(data),
        *keys,
        *more,
    ]


def resend_options(*, site: str, secret: str) -> list[str]:
    """Resend's sandbox posts its events to the site from its start on, signed with a secret of ours."""
    return ["--webhook-url", site + RESEND_PATH, "--webhook-secret", secret]


def keys(data: Path) -> dict[str, str]:
    """The keys that a running sandbox accepts."""
    found: dict[str, str] = json.loads((data / "keys.json").read_text())
    return found


def register_stripe_endpoints(state: State, *, stripe: str, secret_key: str, site: str) -> dict[str, str]:
    """Make sure Stripe posts its events to the site: one endpoint for the platform, one for connected accounts.

    Returns the signing secrets by kind. Stripe shows a secret only when an endpoint is made, so they are kept; an
    endpoint of an earlier start with another address or other events is replaced.
    """
    address = f"{site}/api/payments/webhook"
    with httpx.Client(base_url=stripe, auth=(secret_key, ""), timeout=10, trust_env=False) as client:
        for kind, events in (("platform", PLATFORM_EVENTS), ("connect", CONNECT_EVENTS)):
            known = state["endpoints"].get(kind)
            if known is None or not _is_still_there(client, known["id"], address, events):
                state["endpoints"][kind] = _create(client, address, events, connect=kind == "connect")
        return {kind: endpoint["secret"] for kind, endpoint in state["endpoints"].items()}


def _is_still_there(client: httpx.Client, endpoint_id: str, address: str, events: list[str]) -> bool:
    answer = client.get(f"/v1/webhook_endpoints/{endpoint_id}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return False
    answer.raise_for_status()
    endpoint = answer.json()
    if endpoint["url"] == address and set(endpoint["enabled_events"]) == set(events):
        return True
    client.delete(f"/v1/webhook_endpoints/{endpoint_id}").raise_for_status()
    return False


def _create(client: httpx.Client, address: str, events: list[str], *, connect: bool) -> dict[str, str]:
    form = {"url": address, "enabled_events[]": events, "connect": "true" if connect else "false"}
    answer = client.post("/v1/webhook_endpoints", data=form)
    answer.raise_for_status()
    made = answer.json()
    return {"id": made["id"], "secret": made["secret"]}


def register_daily_webhook(*, daily: str, api_key: str, site: str, secret: str) -> None:
    """Make sure Daily posts its events to the site, which must be up: Daily tries the address first.

    The one of an earlier start is changed: its port may have been another, and it may have failed since.
    """
    wanted = {"url": site + DAILY_PATH, "eventTypes": DAILY_EVENTS, "hmac": secret}
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx.Client(base_url=f"{daily}/v1", headers=headers, timeout=10, trust_env=False) as client:
        found = client.get("/webhooks").raise_for_status().json()
        known = [each["uuid"] for each in found if each["url"].endswith(DAILY_PATH)]
        path = f"/webhooks/{known[0]}" if known else "/webhooks"
        for _ in range(REACHED_AFTER):
            answer = client.post(path, json=wanted)
            if answer.is_success:
                return
        answer.raise_for_status()

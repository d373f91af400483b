"""From the state of a demo to the environment of its processes and the content of demo.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.demo.folder import Folder, State
from tools.demo.providers import PROVIDERS


@dataclass
class Running:
    """What is known about a starting demo; filled step by step."""

    folder: Folder
    state: State
    ports: dict[str, int]
    given: Mapping[str, str]
    database_url: str = ""
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    stripe_secrets: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> str:
        """Public address of the site: a name, because a passkey belongs to a name and never to a number."""
        return self.given.get("SITE_URL") or f"http://localhost:{self.ports['site']}"

    def sandbox(self, name: str) -> str:
        """Address of a sandbox, without the path of its API."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def address(self, name: str) -> str:
        """Where the product finds a provider's API: where it was told, at the sandbox, or at the real service."""
        provider = PROVIDERS[name]
        usual = provider.real_address if provider.is_real(self.given) else self.sandbox(name) + provider.path
        return self.given.get(provider.address_variable) or usual

    def secret(self, name: str) -> str:
        """A secret of the site that the environment may give, else the one made on the first start."""
        return self.given.get(name.upper()) or str(self.state[name])

    def key(self, provider: str, name: str) -> str:
        """A key of a provider's sandbox; empty when the real service is used."""
        return self.keys.get(provider, {}).get(name, "")


def product_environment(running: Running) -> dict[str, str]:
    """Environment of web, worker and management commands; what the caller's environment says wins."""
    settings = {
        "ENVIRONMENT": "development",
        "LOG_FORMAT": "console",
        "SITE_URL": running.site,
        "SECRET_KEY": running.secret("secret_key"),
        "MEDIA_ROOT": str(running.folder.path / "media"),
        "CRON_SECRET": running.secret("cron_secret"),
        "DAILY_WEBHOOK_SECRET": running.secret("daily_webhook_secret"),
        "RESEND_WEBHOOK_SECRET": running.secret("resend_webhook_secret"),
        "STUN_URLS": "",  # both browsers are on this machine; nobody outside is asked
        "RECORDING_ENABLED": "true",
        "PYTHONUNBUFFERED": "1",
        **_sandbox_settings(running),
    }
    given = {name: value for name, value in running.given.items() if value}
    return {**settings, **given, "DATABASE_URL": running.database_url}


def _sandbox_settings(running: Running) -> dict[str, str]:
    settings: dict[str, str] = {}
    for name, provider in PROVIDERS.items():
        if not provider.is_real(running.given):
            settings[provider.address_variable] = running.address(name)
            settings[provider.key_variable] = running.key(name, provider.key_name)
    if "STRIPE_API_BASE" in settings:
        settings["STRIPE_PUBLISHABLE_KEY"] = running.key("stripe", "publishable_key")
        settings["STRIPE_WEBHOOK_SECRET"] = running.stripe_secrets.get("platform", "")
        settings["STRIPE_CONNECT_WEBHOOK_SECRET"] = running.stripe_secrets.get("connect", "")
        # Pages for people are the sandbox's own, also when the calls of the product go through a proxy.
        settings["STRIPE_JS_URL"] = running.sandbox("stripe") + "/v3/"
        settings["STRIPE_CONNECT_ORIGIN"] = running.sandbox("stripe")
    if "DAILY_API_URL" in settings:
        settings["DAILY_ROOM_ORIGIN"] = running.sandbox("daily")
    return settings


def demo_file(running: Running) -> dict[str, Any]:
    """What demo.json says: addresses and keys as the processes use them, and who can sign in."""
    settings = product_environment(running)
    return {
        "site": running.site,
        "database_url": running.database_url,
        "cron_secret": running.secret("cron_secret"),
        "stripe": {
            "url": running.address("stripe"),
            "secret_key": settings.get("STRIPE_SECRET_KEY", ""),
            "publishable_key": settings.get("STRIPE_PUBLISHABLE_KEY", ""),
            "webhook_secret": settings.get("STRIPE_WEBHOOK_SECRET", ""),
            "connect_webhook_secret": settings.get("STRIPE_CONNECT_WEBHOOK_SECRET", ""),
        },
        "daily": _plain_provider(running, settings, "daily"),
        "resend": _plain_provider(running, settings, "resend"),
        "people": json.loads(running.folder.people_file.read_text(encoding="utf-8")),
    }


def _plain_provider(running: Running, settings: Mapping[str, str], name: str) -> dict[str, str]:
    return {
        "url": running.address(name),
        "api_key": settings.get(PROVIDERS[name].key_variable, ""),
        "webhook_secret": running.secret(f"{name}_webhook_secret"),
    }

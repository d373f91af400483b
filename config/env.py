"""Typed settings read from the environment; a bad or missing value stops the process with its name.

Every field becomes the environment variable of the same name in capitals. `docs/configuration.md` is generated from
this file, so a description here is what an operator reads.
"""

from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, HttpUrl, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Secrets = Annotated[tuple[str, ...], NoDecode]
DEVELOPMENT_SECRET = "development-only-secret-key-that-production-refuses"  # noqa: S105
WEAK_SECRET_LENGTH = 32  # of the secrets that the operator makes up
WEAK_PROVIDER_SECRET_LENGTH = 16  # shorter than any that Stripe, Daily or Resend gives


class Environment(BaseSettings):
    """All that the outside world may decide about a process."""

    # A refusal names the setting and never shows a value: it ends up in the process log.
    model_config = SettingsConfigDict(
        case_sensitive=False, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["development", "test", "staging", "production"] = Field(
        "development",
        description="`production` refuses missing or weak secrets; `staging` is production with sandboxes allowed.",
    )
    secret_key: str = Field(
        DEVELOPMENT_SECRET, description="Signs sessions and tokens; 50 random characters."
    )
    database_url: str = Field(
        pattern=r"^postgres(ql)?://",
        description="PostgreSQL 15 or newer, e.g. `postgresql://user:pass@host/name`; `?host=/dir` for a Unix socket.",
    )
    database_pool_size: int = Field(
        10, ge=1, le=200, description="Connections each process keeps at the most."
    )
    worker_concurrency: int = Field(
        8, ge=1, le=50, description="Jobs that a worker runs at once; keep it below the pool size."
    )
    worker_silence_seconds: int = Field(
        30,
        ge=2,
        le=600,
        description="A worker that was not heard of for so long is dead: its jobs run again.",
    )
    site_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"), description="Public address, in links and mails."
    )
    allowed_hosts: Secrets = Field(
        (), description="Further host names that may be asked for, separated by commas."
    )
    trusted_proxies: Secrets = Field((), description="Networks whose `X-Forwarded-*` headers are believed.")
    platform_time_zone: str = Field(
        "Europe/Paris", description="Time zone of people who have not said theirs."
    )
    log_format: Literal["json", "console"] = Field("json", description="Shape of the process log.")
    media_root: str = Field(".demo/media", description="Folder of uploaded, re-encoded images.")
    static_root: str = Field("static", description="Folder of the built static files.")

    stripe_api_base: HttpUrl | None = Field(
        None, description="Address of the Stripe API; empty: Stripe's own."
    )
    stripe_secret_key: str = Field("", description="Secret key of the platform's Stripe account.")
    stripe_publishable_key: str = Field(
        "", pattern="^(pk_.*)?$", description="Publishable key (`pk_…`) that the payment form uses."
    )
    stripe_webhook_secret: Secrets = Field(
        (), description="Signing secrets of the platform endpoint (rotation: two)."
    )
    stripe_connect_webhook_secret: Secrets = Field((), description="Signing secrets of the Connect endpoint.")
    stripe_webhook_addresses: Secrets = Field(
        (), description="Networks that webhooks may come from; empty: any."
    )
    stripe_js_url: HttpUrl = Field(
        HttpUrl("https://js.stripe.com/v3/"), description="Stripe.js for the payment page."
    )
    stripe_platform_country: str = Field(
        "FR", pattern="^[A-Z]{2}$", description="Country of the platform's Stripe account (ISO 3166)."
    )
    stripe_statement_suffix: str = Field(
        "VIDEO CALL",
        max_length=18,
        pattern=r"""^[^<>\\'"*]*[A-Za-z][^<>\\'"*]*$""",
        description="Ends the line on card statements; with Stripe's prefix and `* ` at most 22 characters.",
    )

    daily_api_url: HttpUrl = Field(
        HttpUrl("https://api.daily.co/v1"), description="Address of Daily's REST API."
    )
    daily_api_key: str = Field("", description="Daily's API key.")
    daily_webhook_secret: Secrets = Field((), description="HMAC secrets of Daily's webhooks, base64.")
    daily_room_origin: str = Field(
        "", description="Origin of the rooms for the content policy; empty: `https://*.daily.co`."
    )

    resend_api_url: HttpUrl = Field(HttpUrl("https://api.resend.com"), description="Address of Resend's API.")
    resend_api_key: str = Field("", description="Resend's API key.")
    resend_webhook_secret: Secrets = Field(
        (), description="Signing secrets (`whsec_…`) of Resend's webhooks."
    )
    email_backend: str = Field(
        "callastar.providers.resend.gateway.EmailBackend", description="Any of anymail's backends."
    )
    email_from: str = Field("Call a Star <hello@callastar.example>", description="Sender of every mail.")
    support_email: str = Field("support@callastar.example", description="Where people are told to write.")

    cron_secret: str = Field("", description="Bearer secret of the cron routes.")

    hold_minutes: int = Field(
        10, ge=1, le=60, description="How long an unpaid booking holds its offer, in minutes."
    )
    platform_fee_percent: Decimal = Field(Decimal(15), ge=0, lt=100, description="Commission, in percent.")
    payout_holding_days: int = Field(
        7, ge=0, le=90, description="Days after the call until its money may be paid out."
    )

    @field_validator(
        "allowed_hosts",
        "trusted_proxies",
        "stripe_webhook_secret",
        "stripe_connect_webhook_secret",
        "stripe_webhook_addresses",
        "daily_webhook_secret",
        "resend_webhook_secret",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("platform_time_zone")
    @classmethod
    def _know_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not an IANA time zone")
        return value

    @field_validator("stripe_api_base", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @property
    def is_strict(self) -> bool:
        """Whether secrets must be real and cookies secure."""
        return self.environment in {"production", "staging"}

    @property
    def is_live(self) -> bool:
        """Whether real people's money moves: nothing simulated is accepted."""
        return self.environment == "production"

    @model_validator(mode="after")
    def _refuse_weak_secrets(self) -> "Environment":
        if not self.is_strict:
            return self
        weak = [name.upper() for name in self._secret_names() if self._is_weak(name)]
        if weak:
            raise ValueError(f"missing or weak in {self.environment}: {', '.join(weak)}")
        if self.is_live:
            self._refuse_sandboxes()
        return self

    def _secret_names(self) -> tuple[str, ...]:
        return (
            "secret_key",
            "cron_secret",
            "stripe_secret_key",
            "stripe_publishable_key",
            "stripe_webhook_secret",
            "stripe_connect_webhook_secret",
            "daily_api_key",
            "daily_webhook_secret",
            "resend_api_key",
            "resend_webhook_secret",
        )

    def _is_weak(self, name: str) -> bool:
        value = getattr(self, name)
        if name in {"secret_key", "cron_secret"}:
            return len(value) < WEAK_SECRET_LENGTH or value == DEVELOPMENT_SECRET or len(set(value)) < 8
        secrets = value if isinstance(value, tuple) else (value,)
        return not secrets or any(len(secret) < WEAK_PROVIDER_SECRET_LENGTH for secret in secrets)

    def _refuse_sandboxes(self) -> None:
        addresses = {
            "STRIPE_API_BASE": self.stripe_api_base,
            "STRIPE_JS_URL": self.stripe_js_url,
            "DAILY_API_URL": self.daily_api_url,
            "RESEND_API_URL": self.resend_api_url,
        }
        local = [name for name, url in addresses.items() if url is not None and url.scheme != "https"]
        if local:
            raise ValueError(f"production speaks to real services over https only: {', '.join(local)}")
        if self.site_url.scheme != "https":
            raise ValueError("SITE_URL must be https in production")


def origin(url: object) -> str:
    """Scheme and host of an address, as content policies name it: `https://js.stripe.com`."""
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def base(url: object) -> str:
    """An address without its closing slash, ready to be prefixed to a path."""
    return str(url).rstrip("/")

"""Typed settings read from the environment; a bad or missing value stops the process with its name.

Every field becomes the environment variable of the same name in capitals. `docs/configuration.md` is generated from
this file, so a description here is what an operator reads.
"""

from base64 import b64decode
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_network
from re import fullmatch
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, HttpUrl, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from callastar.core.fees import ProcessingRate, read_processing_rates
from callastar.core.money import MINOR_PER_MAJOR, Currency
from callastar.core.timezones import known_zones

HOST = r"([\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:]+\])(:\d{1,5})?"


def _network(value: str) -> str:
    ip_network(value, strict=False)  # raises ValueError
    return value


def _stun_url(value: str) -> str:
    """RFC 7064."""
    return _matching(value, rf"stuns?:{HOST}")


def _turn_url(value: str) -> str:
    """RFC 7065."""
    return _matching(value, rf"turns?:{HOST}(\?transport=(udp|tcp))?")


def _matching(value: str, pattern: str) -> str:
    if not fullmatch(pattern, value):
        raise ValueError("not the address of such a server, like stun:stun.example:3478")
    return value


Listed = Annotated[tuple[str, ...], NoDecode]
StunUrls = Annotated[tuple[Annotated[str, AfterValidator(_stun_url)], ...], NoDecode]
TurnUrls = Annotated[tuple[Annotated[str, AfterValidator(_turn_url)], ...], NoDecode]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode]
ORIGIN = rf"https?://(\*\.)?{HOST}"
DEVELOPMENT_SECRET = "development-only-secret-key-that-production-refuses"  # noqa: S105
WEAK_SECRET_LENGTH = 32  # of the secrets that the operator makes up
WEAK_PROVIDER_SECRET_LENGTH = 16  # shorter than any that Stripe, Daily or Resend gives
OUR_OWN = ("secret_key", "turn_secret", "cron_secret")
TEST_KEYS = ("sk_test_", "rk_test_", "pk_test_")


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
    secret_key_fallbacks: Listed = Field(
        (), description="Earlier values of `SECRET_KEY`, separated by commas: what they signed stays valid."
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
    allowed_hosts: Listed = Field(
        (), description="Further host names that may be asked for, separated by commas."
    )
    trusted_proxies: Networks = Field(
        (), description="Networks whose `X-Forwarded-*` headers are believed, separated by commas."
    )
    platform_time_zone: str = Field(
        "Europe/Paris",
        description="Time zone of visitors and new accounts that have not said theirs, and of the daily summary.",
    )
    cron_secret: Listed = Field(
        (),
        description="What callers of `/api/cron/…` must show, 32 random characters each, separated by commas (rotation:"
        " two); empty: these routes answer nobody.",
    )
    cron_allowed_ips: Networks = Field(
        (), description="Addresses and networks that may call `/api/cron/…`; empty: any that has the secret."
    )
    log_format: Literal["json", "console"] = Field("json", description="Shape of the process log.")
    media_root: str = Field(".demo/media", description="Folder of uploaded, re-encoded images.")

    stripe_api_base: HttpUrl | None = Field(
        None, description="Address of the Stripe API; empty: Stripe's own."
    )
    stripe_secret_key: str = Field("", description="Secret key of the platform's Stripe account.")
    stripe_publishable_key: str = Field(
        "", pattern="^(pk_.*)?$", description="Publishable key (`pk_…`) that the payment form uses."
    )
    stripe_webhook_secret: Listed = Field(
        (), description="Signing secrets of the platform endpoint (rotation: two)."
    )
    stripe_connect_webhook_secret: Listed = Field((), description="Signing secrets of the Connect endpoint.")
    stripe_webhook_addresses: Networks = Field(
        (), description="Networks that webhooks may come from; empty: any."
    )
    stripe_js_url: HttpUrl = Field(
        HttpUrl("https://js.stripe.com/v3/"), description="Stripe.js for the payment page."
    )
    stripe_connect_origin: str = Field(
        "https://connect.stripe.com",
        pattern=f"^{ORIGIN}$",
        description="Origin of the onboarding pages that creators are sent to, for the content policy.",
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
    daily_room_origin: str = Field(
        "https://*.daily.co",
        pattern=f"^{ORIGIN}$",
        description="Origin of the rooms, for the content policy.",
    )
    daily_webhook_secret: Listed = Field(
        (),
        description="Secrets that Daily signs its events with, in base64 (`openssl rand -base64 32`), the present one"
        " first: the site tells Daily (rotation: two).",
    )
    daily_webhook_addresses: Networks = Field(
        (), description="Networks that Daily's webhooks may come from; empty: any."
    )
    recording_enabled: bool = Field(
        False,
        description="Whether calls in Daily's rooms can be recorded, if both of their people agree on the page.",
    )
    recording_days: int = Field(
        30, ge=1, le=365, description="Days after which a recording is deleted at Daily."
    )
    stun_urls: StunUrls = Field(
        ("stun:stun.l.google.com:19302",),
        description="Servers that tell browsers in built-in rooms their public address, separated by commas.",
    )
    turn_urls: TurnUrls = Field(
        (),
        description="Servers that pass video on where two browsers find no direct way, separated by commas:"
        " `turn:turn.example:3478?transport=udp,turns:turn.example:5349`. Needs `TURN_SECRET`.",
    )
    turn_secret: str = Field(
        "", description="Secret shared with them (coturn's `static-auth-secret`); 32 random characters."
    )
    turn_ttl_seconds: int = Field(
        3600,
        ge=60,
        le=86_400,
        description="How long a password for them is good, in seconds; as long as the room where that is longer.",
    )

    resend_api_url: HttpUrl = Field(HttpUrl("https://api.resend.com"), description="Address of Resend's API.")
    resend_api_key: str = Field("", description="Resend's API key; needed by its backend only.")
    resend_webhook_secret: Listed = Field(
        (),
        description="Signing secrets (`whsec_…`) of the webhook that Resend posts to `/api/email/webhook`"
        " (rotation: two).",
    )
    resend_webhook_addresses: Networks = Field(
        (), description="Networks that Resend's webhooks may come from; empty: any."
    )
    email_backend: str = Field(
        "callastar.providers.resend.gateway.EmailBackend", description="Any of anymail's backends."
    )
    email_from: str = Field("Call a Star <hello@callastar.example>", description="Sender of every mail.")
    support_email: str = Field("support@callastar.example", description="Where people are told to write.")

    hold_minutes: int = Field(
        10, ge=1, le=60, description="How long an unpaid booking holds its offer, in minutes."
    )
    platform_fee_percent: Decimal = Field(Decimal(15), ge=0, lt=100, description="Commission, in percent.")
    processing_fees: str = Field(
        ",".join(f"{currency}:2.9+0.30" for currency in Currency),
        description="What taking a payment costs: `CURRENCY:percent+fixed part`, for every currency.",
    )
    payout_holding_days: int = Field(
        7, ge=0, le=90, description="Days after the call until its money may be paid out."
    )
    outcome_contest_hours: int = Field(
        72,
        ge=0,
        le=720,
        description="Hours after a call in which its outcome can be contested: no money is paid out before.",
    )
    payout_minimum: Decimal = Field(
        Decimal("10.00"),
        ge=Decimal("0.01"),
        le=10_000,
        decimal_places=2,
        description="Smallest payout of new creators, in their currency; each can change theirs.",
    )
    payout_manual_needs_approval: bool = Field(
        True, description="Whether an admin must agree to payouts that creators ask for."
    )
    payout_approval_above: Decimal | None = Field(
        None,
        ge=0,
        decimal_places=2,
        description="An admin must agree to payouts above this amount, whatever the currency; empty: no limit.",
    )
    debt_threshold: Decimal = Field(
        Decimal("100.00"),
        ge=0,
        le=1_000_000,
        decimal_places=2,
        description="A creator who owes more than this, in their currency, is not paid out.",
    )
    dispute_fee_payer: Literal["platform", "creator"] = Field(
        "platform", description="Who bears Stripe's fee of a dispute that was lost."
    )

    cancel_full_refund_hours: int = Field(
        24, ge=0, le=720, description="A fan who cancels so many hours before the start gets everything back."
    )
    cancel_partial_refund_hours: int = Field(
        2,
        ge=0,
        le=720,
        description="Until so many hours before the start a part goes back and the call is offered again;"
        " not above `CANCEL_FULL_REFUND_HOURS`.",
    )
    cancel_partial_refund_percent: int = Field(
        50, ge=0, le=100, description="That part, in percent. Each booking keeps the terms it was made on."
    )

    @field_validator(
        "secret_key_fallbacks",
        "allowed_hosts",
        "trusted_proxies",
        "cron_secret",
        "cron_allowed_ips",
        "stripe_webhook_secret",
        "stripe_connect_webhook_secret",
        "stripe_webhook_addresses",
        "daily_webhook_secret",
        "daily_webhook_addresses",
        "resend_webhook_secret",
        "resend_webhook_addresses",
        "stun_urls",
        "turn_urls",
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
        if value not in known_zones():
            raise ValueError("not an IANA time zone that people may choose")
        return value

    @field_validator("processing_fees")
    @classmethod
    def _read_fees(cls, value: str) -> str:
        read_processing_rates(value)  # raises ValueError
        return value

    @field_validator("stripe_api_base", "payout_approval_above", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _order_refunds(self) -> "Environment":
        if self.cancel_partial_refund_hours > self.cancel_full_refund_hours:
            raise ValueError("CANCEL_PARTIAL_REFUND_HOURS must not be above CANCEL_FULL_REFUND_HOURS")
        return self

    @model_validator(mode="after")
    def _share_turn_secret(self) -> "Environment":
        if self.turn_urls and not self.turn_secret:
            raise ValueError("TURN_URLS needs TURN_SECRET")
        return self

    @property
    def processing_rates(self) -> Mapping[Currency, ProcessingRate]:
        """`PROCESSING_FEES`, by currency."""
        return read_processing_rates(self.processing_fees)

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

    @model_validator(mode="after")
    def _decode_webhook_secrets(self) -> "Environment":
        ours = {
            "DAILY_WEBHOOK_SECRET": self.daily_webhook_secret,
            "RESEND_WEBHOOK_SECRET": [key.removeprefix("whsec_") for key in self.resend_webhook_secret],
        }
        for name, secrets in ours.items():
            try:
                for secret in secrets:
                    b64decode(secret, validate=True)
            except ValueError:
                raise ValueError(f"{name} must be base64") from None
        return self

    def _secret_names(self) -> tuple[str, ...]:
        return (
            "secret_key",
            *(["secret_key_fallbacks"] if self.secret_key_fallbacks else []),
            "stripe_secret_key",
            "stripe_publishable_key",
            "stripe_webhook_secret",
            "stripe_connect_webhook_secret",
            "daily_api_key",
            "daily_webhook_secret",
            *(["resend_api_key", "resend_webhook_secret"] if ".resend." in self.email_backend else []),
            *(["turn_secret"] if self.turn_urls else []),
            *(["cron_secret"] if self.cron_secret else []),
        )

    def _is_weak(self, name: str) -> bool:
        value = getattr(self, name)
        secrets = value if isinstance(value, tuple) else (value,)
        is_weak = _is_weak_secret if name.startswith(OUR_OWN) else _is_weak_provider_secret
        return not secrets or any(is_weak(secret) for secret in secrets)

    def _refuse_sandboxes(self) -> None:
        addresses = {
            "STRIPE_API_BASE": self.stripe_api_base,
            "STRIPE_JS_URL": self.stripe_js_url,
            "STRIPE_CONNECT_ORIGIN": self.stripe_connect_origin,
            "DAILY_API_URL": self.daily_api_url,
            "DAILY_ROOM_ORIGIN": self.daily_room_origin,
            "RESEND_API_URL": self.resend_api_url,
        }
        local = [name for name, url in addresses.items() if url and urlsplit(str(url)).scheme != "https"]
        if local:
            raise ValueError(f"production speaks to real services over https only: {', '.join(local)}")
        if self.site_url.scheme != "https":
            raise ValueError("SITE_URL must be https in production")
        self._refuse_test_keys()

    def _refuse_test_keys(self) -> None:
        keys = {
            "STRIPE_SECRET_KEY": self.stripe_secret_key,
            "STRIPE_PUBLISHABLE_KEY": self.stripe_publishable_key,
        }
        test = [name for name, key in keys.items() if key.startswith(TEST_KEYS)]
        if test:
            raise ValueError(f"production takes real money, these are keys of a test: {', '.join(test)}")


def _is_weak_secret(secret: str) -> bool:
    return len(secret) < WEAK_SECRET_LENGTH or secret == DEVELOPMENT_SECRET or len(set(secret)) < 8


def _is_weak_provider_secret(secret: str) -> bool:
    return len(secret) < WEAK_PROVIDER_SECRET_LENGTH


def origin(url: object) -> str:
    """Scheme and host of an address, as content policies name it: `https://js.stripe.com`."""
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def base(url: object) -> str:
    """An address without its closing slash, ready to be prefixed to a path."""
    return str(url).rstrip("/")


def minor(amount: Decimal) -> int:
    """An amount in major units as minor ones: all our currencies have two decimals."""
    return int(amount * MINOR_PER_MAJOR)

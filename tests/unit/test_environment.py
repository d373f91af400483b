"""The settings of a process: typed, checked at start, and strict where real people use it (OP-2, SE-2)."""

import secrets
from base64 import b64encode
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from callastar.core.fees import ProcessingRate
from callastar.core.money import Currency
from config.env import DEVELOPMENT_SECRET, Environment

DATABASE = "postgresql://site:the-database-password@db.example/callastar"
REAL = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": DATABASE,
    "SITE_URL": "https://callastar.example",
    "SECRET_KEY": secrets.token_urlsafe(40),
    "STRIPE_SECRET_KEY": "sk_live_" + secrets.token_hex(24),
    "STRIPE_PUBLISHABLE_KEY": "pk_live_" + secrets.token_hex(24),
    "STRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16),
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16),
    "DAILY_API_KEY": secrets.token_hex(32),
    "DAILY_WEBHOOK_SECRET": b64encode(secrets.token_bytes(32)).decode(),
    "RESEND_WEBHOOK_SECRET": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
    "RESEND_API_KEY": "re_" + secrets.token_hex(16),
}
SECRETS = [name for name in REAL if name.endswith(("_KEY", "_SECRET"))]
PROVIDER_ADDRESSES = ["STRIPE_API_BASE", "STRIPE_JS_URL", "DAILY_API_URL", "RESEND_API_URL"]
PROVIDER_ORIGINS = ["STRIPE_CONNECT_ORIGIN", "DAILY_ROOM_ORIGIN"]
SANDBOX = "http://127.0.0.1:8001"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings as a process does that starts with these variables and no others."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def read(**variables: str) -> Environment:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return Environment()  # type: ignore[call-arg]  # filled from the environment

    return read


def refusal(start: Any, **variables: str) -> str:
    """What the process says when it does not start; never the value of a secret."""
    with pytest.raises(ValidationError) as refused:
        start(**variables)
    said = str(refused.value)
    assert not [name for name in SECRETS if len(variables.get(name, "")) > 8 and variables[name] in said]
    assert "the-database-password" not in said
    return said


def test_production_starts_with_everything_real(start: Any) -> None:
    """OP-2."""
    environment = start(**REAL)
    assert environment.is_live
    assert environment.is_strict
    assert environment.stripe_api_base is None
    assert str(environment.daily_api_url) == "https://api.daily.co/v1"


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_secret_stops_the_process_with_its_name(start: Any, name: str, environment: str) -> None:
    """OP-2, SE-2: the one that is missing is named and no other; staging is as strict about secrets."""
    others = {key: value for key, value in REAL.items() if key != name}
    said = refusal(start, **{**others, "ENVIRONMENT": environment})
    assert f"missing or weak in {environment}: {name} " in said


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("weak", ["", "pk_changeme"])
def test_a_weak_secret_stops_the_process_with_its_name(start: Any, name: str, weak: str) -> None:
    """OP-2."""
    assert f"missing or weak in production: {name} " in refusal(start, **{**REAL, name: weak})


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
@pytest.mark.parametrize(
    "weak", [DEVELOPMENT_SECRET, "a" * 50, "abcabcab" * 6, "0f1e2d3c4b5a69788796a5b4c3d2e1"]
)
def test_a_secret_of_our_own_is_long_and_varied_and_not_the_one_of_development(
    start: Any, name: str, weak: str
) -> None:
    """OP-2."""
    assert f"missing or weak in production: {name} " in refusal(start, **{**REAL, name: weak})


def test_every_missing_secret_is_named_at_once(start: Any) -> None:
    """OP-2: an operator does not have to start the process ten times."""
    said = refusal(start, ENVIRONMENT="production", DATABASE_URL=DATABASE)
    assert [name for name in SECRETS if name not in said] == []


def test_one_weak_secret_of_two_in_rotation_is_enough_to_refuse(start: Any) -> None:
    """OP-2: an attacker would use the weak one."""
    pair = f"{REAL['STRIPE_WEBHOOK_SECRET']},short"
    assert "STRIPE_WEBHOOK_SECRET" in refusal(start, **{**REAL, "STRIPE_WEBHOOK_SECRET": pair})


@pytest.mark.parametrize("name", [*PROVIDER_ADDRESSES, *PROVIDER_ORIGINS, "SITE_URL"])
def test_production_speaks_https_only(start: Any, name: str) -> None:
    """OP-2, SE-2: no sandbox, and no provider's key or cookie in clear on the wire."""
    said = refusal(start, **{**REAL, name: SANDBOX})
    assert name in said
    assert not [other for other in PROVIDER_ADDRESSES if other != name and other in said]


def test_without_a_secret_for_cron_all_starts_but_a_weak_one_is_refused(start: Any) -> None:
    """JO-3, OP-2: each of a rotation."""
    assert start(**REAL).cron_secret == ()
    good, weak = secrets.token_urlsafe(32), "run-my-jobs"
    assert start(**REAL, CRON_SECRET=f"{good}, {good}2").cron_secret == (good, f"{good}2")
    for given in (weak, f"{good},{weak}"):
        assert "CRON_SECRET" in refusal(start, **REAL, CRON_SECRET=given)


def test_staging_is_production_with_sandboxes_allowed(start: Any) -> None:
    """SE-2."""
    environment = start(
        **{**REAL, "ENVIRONMENT": "staging", **dict.fromkeys(PROVIDER_ADDRESSES + PROVIDER_ORIGINS, SANDBOX)}
    )
    assert environment.is_strict
    assert not environment.is_live
    assert str(environment.resend_api_url) == f"{SANDBOX}/"


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"])
def test_production_refuses_keys_of_a_test(start: Any, name: str) -> None:
    """OP-2, SE-2: with them nobody would be charged, and everybody would hold a confirmed booking."""
    key = REAL[name].replace("_live_", "_test_")
    assert f"keys of a test: {name} " in refusal(start, **{**REAL, name: key})
    assert start(**{**REAL, "ENVIRONMENT": "staging", name: key}).is_strict


def test_only_its_own_backend_needs_the_key_of_resend(start: Any) -> None:
    """OP-2: mail may go by another service."""
    others = {key: value for key, value in REAL.items() if key != "RESEND_API_KEY"}
    assert start(**others, EMAIL_BACKEND="anymail.backends.mailjet.EmailBackend").is_live
    assert "RESEND_API_KEY" in refusal(start, **others, EMAIL_BACKEND="anymail.backends.resend.EmailBackend")


def test_a_rotated_key_is_as_strong_as_the_new_one(start: Any) -> None:
    """SE-2: what it signed is still believed."""
    earlier = secrets.token_urlsafe(40)
    assert start(**REAL, SECRET_KEY_FALLBACKS=earlier).secret_key_fallbacks == (earlier,)
    assert "SECRET_KEY_FALLBACKS" in refusal(start, **REAL, SECRET_KEY_FALLBACKS=f"{earlier},short")


def test_development_needs_a_database_and_nothing_else(start: Any) -> None:
    """OP-1, OP-2."""
    environment = start(DATABASE_URL=DATABASE)
    assert (environment.environment, environment.is_strict) == ("development", False)
    assert environment.secret_key == DEVELOPMENT_SECRET
    assert environment.stripe_secret_key == ""


def test_without_a_database_nothing_starts(start: Any) -> None:
    """OP-2."""
    assert "database_url" in refusal(start)


def test_the_secret_key_is_never_taken_for_the_publishable_one(start: Any) -> None:
    """SE-2: swapped in the environment, it would go to every browser; refused everywhere, not only in production."""
    said = refusal(start, DATABASE_URL=DATABASE, STRIPE_PUBLISHABLE_KEY=REAL["STRIPE_SECRET_KEY"])
    assert "stripe_publishable_key" in said
    assert REAL["STRIPE_SECRET_KEY"] not in said


def test_values_are_typed(start: Any) -> None:
    """OP-2: numbers are numbers, lists are lists, an empty address is none."""
    environment = start(
        DATABASE_URL=DATABASE,
        HOLD_MINUTES="12",
        PLATFORM_FEE_PERCENT="12.5",
        ALLOWED_HOSTS="a.example, b.example,",
        STRIPE_WEBHOOK_SECRET="new,old",
        TRUSTED_PROXIES="10.0.0.0/8, ::1",
        PROCESSING_FEES="EUR:1.5+0.25,CHF:2.9+0.30,USD:2.9+0.30,GBP:0+0.2",
        STRIPE_API_BASE="",
    )
    assert environment.hold_minutes == 12
    assert environment.platform_fee_percent == Decimal("12.5")
    assert environment.allowed_hosts == ("a.example", "b.example")
    assert environment.stripe_webhook_secret == ("new", "old")
    assert environment.trusted_proxies == ("10.0.0.0/8", "::1")
    assert environment.processing_rates[Currency.EUR] == ProcessingRate(percent=Decimal("1.5"), fixed=25)
    assert environment.processing_rates[Currency.GBP] == ProcessingRate(percent=Decimal(0), fixed=20)
    assert environment.stripe_api_base is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("DATABASE_URL", "mysql://site:the-database-password@db.example/callastar"),
        ("SITE_URL", "callastar.example"),
        ("HOLD_MINUTES", "ten"),
        ("HOLD_MINUTES", "0"),
        ("PAYOUT_HOLDING_DAYS", "-1"),
        ("PLATFORM_FEE_PERCENT", "100"),
        ("PLATFORM_TIME_ZONE", "Mars/Base"),
        ("PLATFORM_TIME_ZONE", "EST"),
        ("PROCESSING_FEES", "EUR:2.9+0.30"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy.example"),
        ("CRON_ALLOWED_IPS", "2001:db8::/48,scheduler.example"),
        ("STRIPE_WEBHOOK_ADDRESSES", "3.18.12"),
        ("DAILY_WEBHOOK_ADDRESSES", "3.18.12"),
        ("DAILY_WEBHOOK_SECRET", "no base64!"),
        ("RESEND_WEBHOOK_SECRET", "whsec_no base64!"),
        ("STRIPE_CONNECT_ORIGIN", "connect.stripe.com"),
        ("DAILY_ROOM_ORIGIN", "https://*.daily.co/room"),
        ("DAILY_ROOM_ORIGIN", "https://daily.co; script-src *"),
        ("STRIPE_PLATFORM_COUNTRY", "France"),
        ("STRIPE_STATEMENT_SUFFIX", "A VIDEO CALL WITH SOMEBODY"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_nonsense_stops_the_process_with_its_name(start: Any, name: str, value: str) -> None:
    """OP-2: everywhere, not only in production."""
    assert name.lower() in refusal(start, **{"DATABASE_URL": DATABASE, name: value}).lower()


def test_the_cancellation_policy_must_make_sense(start: Any) -> None:
    """BK-7: the part is given back nearer to the start than the whole, and is a part."""
    policy = start(DATABASE_URL=DATABASE, CANCEL_FULL_REFUND_HOURS="48", CANCEL_PARTIAL_REFUND_HOURS="48")
    assert (policy.cancel_full_refund_hours, policy.cancel_partial_refund_percent) == (48, 50)
    assert "CANCEL_PARTIAL_REFUND_HOURS" in refusal(
        start, DATABASE_URL=DATABASE, CANCEL_FULL_REFUND_HOURS="2", CANCEL_PARTIAL_REFUND_HOURS="3"
    )
    for percent in ("-1", "101", "half"):
        said = refusal(start, DATABASE_URL=DATABASE, CANCEL_PARTIAL_REFUND_PERCENT=percent)
        assert "cancel_partial_refund_percent" in said.lower()

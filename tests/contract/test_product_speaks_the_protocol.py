"""The product's whole main job through proxies that hold each request and answer against the providers' descriptions.

No violation on either side; and nothing secret in the log of it all (LO-1).
"""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.mail.models import EmailLog
from callastar.mail.operations import send_email
from callastar.providers.daily import gateway as daily
from tests.contract import protocol_daily, protocol_resend, protocol_stripe
from tests.contract.main_job import Providers, onboard, provider_trouble, reserve, whole_main_job
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.validating_proxy import Change, Check, Exchange, ValidatingProxy
from tests.factories import make_user
from tests.unit.mail.samples import SECRET, sample

pytestmark = pytest.mark.django_db(transaction=True)

#: Every request that the main job needs; the story must make each of them.
STRIPE_CALLS = {
    "POST /v1/accounts",
    "GET /v1/accounts",
    "GET /v1/accounts/:id",
    "POST /v1/account_links",
    "POST /v1/payment_intents",
    "GET /v1/payment_intents/:id",
    "POST /v1/payment_intents/:id/cancel",
    "POST /v1/payment_intents/:id/confirm",  # by the fan's browser
    "GET /v1/charges/:id",
    "POST /v1/refunds",
    "GET /v1/refunds/:id",
    "GET /v1/transfers/:id",
    "GET /v1/events",
}
DAILY_CALLS = {"POST /v1/rooms", "GET /v1/rooms/:id", "DELETE /v1/rooms/:id", "POST /v1/meeting-tokens"}


@pytest.fixture
def proxied() -> Iterator[Callable[[SandboxProgram, Check], ValidatingProxy]]:
    """Puts a proxy in front of a sandbox."""
    made: list[ValidatingProxy] = []

    def put(sandbox: SandboxProgram, check: Check) -> ValidatingProxy:
        made.append(ValidatingProxy(sandbox.url, check))
        return made[-1]

    yield put
    for proxy in made:
        proxy.close()


@pytest.fixture
def providers(
    stripe_sandbox: SandboxProgram,
    daily_sandbox: SandboxProgram,
    resend_sandbox: SandboxProgram,
    proxied: Any,
    settings: Settings,
) -> Providers:
    """The product speaks to the three proxies and knows nothing of them."""
    stripe = proxied(stripe_sandbox, protocol_stripe.violations)
    daily_proxy = proxied(daily_sandbox, protocol_daily.violations)
    resend = proxied(resend_sandbox, protocol_resend.violations)
    resend_sandbox.control("POST", "rate", {"per_second": 1000})
    settings.STRIPE_API_BASE = stripe.url
    settings.STRIPE_SECRET_KEY = stripe_sandbox.keys["secret_key"]
    settings.STRIPE_PUBLISHABLE_KEY = stripe_sandbox.keys["publishable_key"]
    settings.DAILY_API_URL = f"{daily_proxy.url}/v1"
    settings.DAILY_API_KEY = daily_sandbox.keys["api_key"]
    settings.EMAIL_BACKEND = "callastar.providers.resend.gateway.EmailBackend"
    settings.ANYMAIL = {
        "RESEND_API_URL": f"{resend.url}/",
        "RESEND_API_KEY": resend_sandbox.keys["api_key"],
        "REQUESTS_TIMEOUT": (3, 5),
    }
    sandboxes = {"stripe": stripe_sandbox, "daily": daily_sandbox, "resend": resend_sandbox}
    return Providers(stripe, daily_proxy, resend, sandboxes)


@pytest.fixture
def process_log() -> Iterator[io.StringIO]:
    """What the product writes to its log, in the shape it is written in production, from INFO on."""
    product = next(each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    written = io.StringIO()
    listener = logging.StreamHandler(written)
    listener.setFormatter(product.formatter)
    logging.getLogger().addHandler(listener)
    yield written
    logging.getLogger().removeHandler(listener)


def made_calls(proxy: ValidatingProxy) -> set[str]:
    """The kinds of requests so far, ids left out."""
    ids = re.compile(r"/(?:acct|pi|ch|py|re|tr)_\w+|(?<=/rooms)/[\w-]+")
    return {f"{each.method} {ids.sub('/:id', each.path)}" for each in proxy.exchanges}


def test_the_main_job_follows_every_description(providers: Providers) -> None:
    """SB-1, PA-2, CA-2, EM-2, PW-1: no violation on either side, and nothing of the job was left out."""
    whole_main_job(providers)
    assert providers.violations() == []
    assert made_calls(providers.stripe) == STRIPE_CALLS
    assert made_calls(providers.daily) == DAILY_CALLS
    assert made_calls(providers.resend) == {"POST /emails"}
    assert_keys_of_our_own_rows(providers)


def assert_keys_of_our_own_rows(providers: Providers) -> None:
    """A key is made from a row, so that the same write after a crash is the same request."""
    ours = {
        "/v1/accounts": r"creator-account-[\w-]{36}",
        "/v1/payment_intents": r"booking-[\w-]{36}-intent-\d+",
        "/v1/refunds": r"refund-[\w-]{36}",
    }
    for path, pattern in ours.items():
        writes = providers.stripe.made("POST", path)
        assert writes
        assert [key for key in map(_key, writes) if not re.fullmatch(pattern, key)] == []
    mails = {_key(each) for each in providers.resend.exchanges}
    assert mails == {
        f"email-{pk}" for pk in EmailLog.objects.exclude(attempts=0).values_list("pk", flat=True)
    }


def _key(exchange: Exchange) -> str:
    return exchange.request_headers.get("idempotency-key", "")


def test_nothing_secret_is_logged(providers: Providers, process_log: io.StringIO) -> None:
    """LO-1: no key, token, client secret, secret link or payload in the process log or the system log."""
    whole_main_job(providers)
    provider_trouble(providers, onboard(providers, country="FR", currency="EUR"))
    assert providers.violations() == []
    entries = json.dumps(list(LogEntry.objects.values("message", "metadata")))
    written = process_log.getvalue() + entries
    assert "server-error" in written, "the trouble must have been logged"
    assert {"callastar.audit", "callastar.mail"} <= set(re.findall(r'"logger": "([\w.]+)"', written))
    assert written.count("\n") > 50
    assert [secret[:12] for secret in secrets_of(providers) if secret in written] == []
    assert [
        each
        for each in ('"object":', "Authorization", "Bearer ", "<html", "BEGIN:VCALENDAR")
        if each in written
    ] == []


def secrets_of(providers: Providers) -> set[str]:
    """Everything secret that went over the wire, and what was in the links of mails."""
    sent = {
        each.request_headers["authorization"].removeprefix("Bearer ")
        for proxy in providers.all()
        for each in proxy.exchanges
    }
    answers = b"\n".join(each.response_body for proxy in providers.all() for each in proxy.exchanges).decode()
    clients = set(re.findall(r'"client_secret":\s*"([^"]+)"', answers))
    tokens = set(re.findall(r'"token":\s*"([^"]+)"', answers))
    links = {each.response_json["url"] for each in providers.stripe.made("POST", "/v1/account_links")}
    assert len(sent) == 3
    assert clients
    assert tokens
    assert links
    return sent | clients | tokens | links | {SECRET, SECRET.replace("&", "&amp;")}


def in_request(**headers: str) -> Change:
    """A header that is not as it should be; empty: not there."""

    def change(exchange: Exchange) -> None:
        for name, value in headers.items():
            exchange.request_headers[name.replace("_", "-")] = value

    return change


def in_form(text: str) -> Change:
    """More form fields."""

    def change(exchange: Exchange) -> None:
        exchange.request_body += f"&{text}".encode()

    return change


def in_sent_json(alter: Callable[[dict[str, Any]], Any]) -> Change:
    """Another JSON in the request."""

    def change(exchange: Exchange) -> None:
        body = exchange.request_json
        alter(body)
        exchange.request_body = json.dumps(body).encode()

    return change


def in_answer(alter: Callable[[dict[str, Any]], Any]) -> Change:
    """Another JSON in the answer."""

    def change(exchange: Exchange) -> None:
        body = exchange.response_json
        alter(body)
        exchange.response_body = json.dumps(body).encode()

    return change


def make_intent(providers: Providers) -> None:
    reserve(onboard(providers, country="FR", currency="EUR"))


def open_room(_: Providers) -> None:
    now = clock.now()
    request = daily.RoomRequest(
        name="hello", opens_at=now, closes_at=now + timedelta(hours=1), max_participants=2
    )
    daily.create_room(request=request)


def send_one_mail(_: Providers) -> None:
    email = sample("refunded", "fr")
    email.recipient, email.dedupe_key, email.created_at = make_user(), "one", clock.now()
    email.save()
    send_email(email_id=email.pk, now=clock.now())


BEFORE = [
    ("stripe", make_intent, in_request(idempotency_key=""), "Idempotency-Key"),
    ("stripe", make_intent, in_request(stripe_version="2020-08-27"), "Stripe-Version"),
    ("stripe", make_intent, in_request(authorization="Bearer pk_test_1"), "secret key"),
    ("stripe", make_intent, in_request(content_type="application/json"), "Content-Type"),
    ("stripe", make_intent, in_form("transfer_data[unheard_of]=1"), "unheard_of"),
    ("stripe", make_intent, in_form("colour=red"), "colour"),
    ("stripe", make_intent, in_form("amount=12.50"), "12.50"),
    ("stripe", make_intent, in_form("statement_descriptor_suffix=<Call>"), "<Call>"),
    ("stripe", make_intent, in_form(f"metadata[note]={'x' * 501}"), "metadata][note"),
    ("stripe", make_intent, in_form("".join(f"&metadata[m{n}]=1" for n in range(51))), "maxProperties"),
    ("daily", open_room, in_sent_json(lambda room: room["properties"].update(exp=1e12)), "exp"),
    ("daily", open_room, in_sent_json(lambda room: room["properties"].update(enable_tea=True)), "enable_tea"),
    ("daily", open_room, in_sent_json(lambda room: room.update(name="no spaces")), "no spaces"),
    ("daily", open_room, in_request(authorization=""), "Authorization"),
    ("resend", send_one_mail, in_request(idempotency_key=""), "idempotency-key"),
    (
        "resend",
        send_one_mail,
        in_sent_json(lambda mail: mail.update(headers={"Idempotency-Key": "1"})),
        "headers",
    ),
    (
        "resend",
        send_one_mail,
        in_sent_json(lambda mail: mail.update({"reply-to": "a@b.example"})),
        "reply-to",
    ),
    ("resend", send_one_mail, in_sent_json(lambda mail: mail.update(to="Somebody")), "no mailbox"),
]
AFTER = [
    ("stripe", make_intent, in_answer(lambda body: body.pop("livemode", None)), "livemode"),
    ("stripe", make_intent, in_answer(lambda body: body.update(metadata=None)), "metadata"),
    ("stripe", make_intent, in_answer(lambda body: body.update(status="thinking")), "thinking"),
    ("stripe", make_intent, in_answer(lambda body: body.update(colour="red")), "colour"),
    ("daily", open_room, in_answer(lambda room: room.pop("created_at")), "created_at"),
    ("daily", open_room, in_answer(lambda room: room.update(tea=True)), "tea"),
    ("daily", open_room, in_answer(lambda room: room["config"].update(tea=True)), "tea"),
    ("resend", send_one_mail, in_answer(lambda answer: answer.pop("id")), "no id"),
]
TAMPERED = {"/v1/payment_intents", "/v1/rooms", "/emails"}


@pytest.mark.parametrize(
    ("when", "provider", "act", "change", "noticed"),
    [("before", *each) for each in BEFORE] + [("after", *each) for each in AFTER],
)
def test_the_proxies_bite(
    providers: Providers,
    when: str,
    provider: str,
    act: Callable[[Providers], None],
    change: Change,
    noticed: str,
) -> None:
    """The control of the tests above: one mistake on either side is a violation."""
    proxy = getattr(providers, provider)
    setattr(proxy, when, lambda exchange: change(exchange) if exchange.path in TAMPERED else None)
    with suppress(ProviderError, Refusal, AttributeError, KeyError, AssertionError):
        act(providers)
    assert [each for each in proxy.violations if noticed in each], proxy.violations

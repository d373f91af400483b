"""LO-1: no password, token, card number, key or payload in any log; the search of every line finds each kind."""

import json
import logging
from io import StringIO

import pytest
import structlog
from django.core import signing

from callastar.audit.models import LogEntry
from callastar.audit.operations import record
from callastar.core.secrets import MASK, error_text, masked, masked_value
from config.logs import configure_logging
from tests import log_search
from tests.factories import PASSWORD

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoiYSJ9.c2lnbmF0dXJl"
MASKED = {
    "Stripe's key": "sk_test_51HxLoremIpsum",
    "a restricted key": "rk_live_51HxLoremIpsum",
    "a webhook's secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+/=",
    "Resend's key": "re_AbCdEfGh_IjKlMnOp",
    "a client secret": "pi_3Mabc_secret_xYz123",
    "a bearer": "Authentication: Bearer 0123456789abcdef",
    "a short bearer": "Bearer abc.def",
    "a meeting token": JWT,
    "one of our signed tokens": signing.dumps("booking", salt="any"),
    "a password in an address": "postgresql://app:hunter2@db/callastar",
    "a token in an address": "/api/calls/1/events?token=abcdefgh&x=1",
    "a link that resets a password": "/account/password/reset/key/1-c8x2-0123456789/",
    "a link that confirms an address": "/account/confirm-email/MTI6MXh5/",
    "a session": "sessionid=abcdefgh0123456789",
    "a card": "4242424242424242",
    "a card in groups": "4242 4242 4242 4242",
    "Amex": "378282246310005",
}
NOT_MASKED = {
    "a payload": 'said {"id": "evt_1", "object": "event"}',
    "a payload in JSON": json.dumps({"event": json.dumps({"object": "event"})}),
    "a mail": "<html lang=fr>",
    "a header": "Authorization: something",
    "a password by its name": str({"password": "short"}),
    "a password of the tests": f"tried {PASSWORD}",
}
HARMLESS = (
    "pi_3Mabc acct_1Nabc re_3Mabc tr_1 evt_1",
    "01932c07-9b3f-7d4e-8a4b-41aa5f6e7d8c",
    "1764072000041 4111111111111112 0.4242424242424242",
    "http://127.0.0.1:8000/en/?page=2&next=/fr/",
    '{"type": "BOOKING_CREATED", "actor_id": "", "event": "Booking made → PENDING"}',
    "the webhook secret is missing; bearer tokens only",
)


@pytest.mark.parametrize("text", MASKED.values(), ids=MASKED)
def test_what_is_a_secret_is_found_and_masked(text: str) -> None:
    """LO-1: also as the value of a field and after a line's end."""
    assert log_search.secrets_in(f"before\n{text} after")
    for masking in (masked(f"before\n{text} after"), masked_value({"a": [{"b": text}]})["a"][0]["b"]):
        assert MASK in masking
        assert log_search.secrets_in(str(masking)) == []


@pytest.mark.parametrize("text", NOT_MASKED.values(), ids=NOT_MASKED)
def test_what_only_a_mistake_would_write_is_found(text: str) -> None:
    """LO-1."""
    assert log_search.secrets_in(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    """LO-1: support needs it."""
    assert masked(text) == text
    assert log_search.secrets_in(text) == []


def test_our_own_secrets_are_masked_whatever_they_look_like(settings) -> None:
    """LO-1."""
    settings.TURN_SECRET, settings.CRON_SECRETS = "a plain phrase", ("another phrase",)
    assert error_text(ValueError("a plain phrase, another phrase")) == f"ValueError: {MASK}, {MASK}"
    settings.ANYMAIL = {"MAILJET_SECRET_KEY": "a third phrase", "MAILJET_API_URL": "https://x.example/"}
    assert masked("a third phrase, https://x.example/") == f"{MASK}, https://x.example/"
    assert masked_value({"told": ValueError("a plain phrase"), "count": 2}) == {"told": MASK, "count": 2}
    assert masked_value({"Password": "x", "page": "x"}) == {"Password": MASK, "page": "x"}


@pytest.mark.parametrize("as_json", [True, False])
def test_the_process_log_is_masked(as_json: bool) -> None:
    """LO-1: messages, fields and errors, of ours and of libraries; what is known of the request stays."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = StringIO()
    try:
        configure_logging(json=as_json)
        (handler,) = root.handlers[-1:]
        handler.setStream(written)  # type: ignore[attr-defined]
        structlog.get_logger("callastar.trial").warning(
            f"said {JWT}", note=["sk_test_51HxLoremIpsum"], token="t"
        )
        try:
            raise ValueError("Bearer 0123456789abcdef")
        except ValueError as error:
            logging.getLogger("library").error("went wrong", exc_info=error)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    said = written.getvalue()
    assert MASK.encode("unicode_escape").decode() in said or MASK in said
    assert "ValueError" in said
    assert "callastar.trial" in said
    assert log_search.secrets_in(said) == []


def test_a_line_with_a_secret_fails_the_test_that_writes_it() -> None:
    """LO-1, the control: without the product's mask the search bites."""
    line = logging.LogRecord("x", logging.INFO, "", 0, f"said {JWT}", None, None)
    log_search.Searching(logging.Formatter("%(message)s")).format(line)
    (found,) = log_search.taken()
    assert "signed token" in found
    assert "test_a_line_with_a_secret_fails" in found
    assert JWT not in found


@pytest.mark.django_db
def test_the_system_log_is_masked_and_searched() -> None:
    """LO-1: what `record` writes is masked; a row written past it is found."""
    entry = record(type="TRIAL", message=f"said {JWT}", note="card 4242424242424242", count=3)
    assert (entry.message, entry.metadata) == (f"said {MASK}", {"note": f"card {MASK}", "count": 3})
    assert log_search.taken() == []
    LogEntry.objects.create(level="INFO", type="TRIAL", actor_kind="SYSTEM", message=f"said {JWT}")
    assert len(log_search.taken()) == 1


def test_the_log_of_a_program_is_searched(tmp_path) -> None:
    """LO-1."""
    log = tmp_path / "web.log"
    log.write_text("fine\n")
    log_search.search_file(log)
    log.write_text(f"fine\nsaid {JWT}\n")
    with pytest.raises(AssertionError, match="signed token"):
        log_search.search_file(log)

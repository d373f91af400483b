"""Bad days: idempotency keys, faults on demand, sudden death (SB-1, SB-2)."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.resend_api import Api, mail
from tests.contract.sandbox_program import Receiver, SandboxProgram


@pytest.fixture
def api(resend_sandbox: SandboxProgram) -> Api:
    return Api(resend_sandbox)


def _fault(sandbox: SandboxProgram, kind: str, match: str = "POST /emails", times: int = 1) -> None:
    sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": times})


def test_a_key_sends_once_and_answers_the_same(api: Api) -> None:
    first, second = (api.send(key="k-1") for _ in range(2))
    assert first.json() == second.json()
    assert len(api.sent()) == 1
    assert api.send(key="k-2").json() != first.json()


def test_a_key_belongs_to_one_payload(api: Api) -> None:
    api.send(key="k-1")
    other = api.send(key="k-1", subject="Autre")
    assert (other.status_code, other.json()["name"]) == (409, "invalid_idempotent_request")
    batch = api("POST", "/emails/batch", [mail()], headers={"Idempotency-Key": "k-1"})
    assert batch.status_code == 409
    assert len(api.sent()) == 1


def test_a_batch_has_a_key_too(api: Api) -> None:
    first, second = (
        api("POST", "/emails/batch", [mail(), mail()], headers={"Idempotency-Key": "b-1"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert len(api.sent()) == 2


def test_a_key_is_forgotten_after_a_day(api: Api, resend_sandbox: SandboxProgram) -> None:
    first = api.send(key="k-1").json()
    resend_sandbox.control("POST", "clock", {"advance": 23.9 * 3600})
    assert api.send(key="k-1").json() == first
    resend_sandbox.control("POST", "clock", {"advance": 0.2 * 3600})
    assert api.send(key="k-1").json() != first
    assert len(api.sent()) == 2


def test_a_refused_request_does_not_use_its_key_up(api: Api) -> None:
    assert api.send(key="k-1", to="nobody").status_code == 422
    assert api.send(key="k-1").status_code == 200


def test_a_long_key_is_refused(api: Api) -> None:
    answer = api.send(key="k" * 257)
    assert (answer.status_code, answer.json()["name"]) == (400, "invalid_idempotency_key")
    assert api.send(key="k" * 256).status_code == 200


def test_two_at_once_with_one_key_send_once(api: Api) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.send(key="k-1"), range(4)))
    accepted = [answer for answer in answers if answer.status_code == 200]
    refused = [answer.json()["name"] for answer in answers if answer.status_code != 200]
    assert len({answer.json()["id"] for answer in accepted}) == 1
    assert set(refused) == {"concurrent_idempotent_requests"}
    assert len(api.sent()) == 1


@pytest.mark.parametrize(("kind", "name"), [("500", "application_error"), ("429", "rate_limit_exceeded")])
def test_faults_look_like_resends_own_errors(
    api: Api, resend_sandbox: SandboxProgram, kind: str, name: str
) -> None:
    """SB-2: the fault is thrown so many times, without effect, and then is over."""
    _fault(resend_sandbox, kind, times=2)
    for _ in range(2):
        answer = api.send()
        assert (answer.status_code, answer.json()["name"]) == (int(kind), name)
        assert ("retry-after" in answer.headers) is (kind == "429")
    assert api.sent() == []
    assert api.send().status_code == 200


def test_an_answer_lost_after_the_effect_is_found_again_by_its_key(
    api: Api, resend_sandbox: SandboxProgram
) -> None:
    """SB-2: drop_after; the mail exists exactly once after a retry with the same key."""
    _fault(resend_sandbox, "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(key="k-1")
    lost = api.sent()
    assert len(lost) == 1
    assert api.send(key="k-1").json()["id"] == lost[0]["id"]
    assert len(api.sent()) == 1


def test_without_a_key_a_lost_answer_leads_to_two_mails(api: Api, resend_sandbox: SandboxProgram) -> None:
    """The control of the test above: it is the key that protects."""
    _fault(resend_sandbox, "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send()
    api.send()
    assert len(api.sent()) == 2


def test_a_connection_dropped_before_has_no_effect(api: Api, resend_sandbox: SandboxProgram) -> None:
    """SB-2: drop_before."""
    _fault(resend_sandbox, "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(key="k-1")
    assert api.sent() == []


def test_a_timeout_never_answers_and_has_no_effect(api: Api, resend_sandbox: SandboxProgram) -> None:
    """SB-2: timeout."""
    _fault(resend_sandbox, "timeout")
    with pytest.raises(httpx.ReadTimeout):
        api("POST", "/emails", mail(), timeout=1)
    assert api.sent() == []


def test_a_slow_answer_is_two_seconds_late(api: Api, resend_sandbox: SandboxProgram) -> None:
    """SB-2: slow."""
    _fault(resend_sandbox, "slow")
    started = time.monotonic()
    assert api.send().status_code == 200
    assert 1.9 < time.monotonic() - started < 4


def test_state_survives_sudden_death(api: Api, resend_sandbox: SandboxProgram, receiver: Receiver) -> None:
    """SB-1: mails, keys, webhooks, the queue and planned steps are there after kill -9."""
    api("POST", "/webhooks", {"endpoint": receiver.url, "events": ["email.delivered"]})
    resend_sandbox.control("POST", "webhooks", {"mode": "hold"})
    sent = api.send(key="k-1").json()
    resend_sandbox.kill()
    resend_sandbox.start()
    api = Api(resend_sandbox)
    assert api.send(key="k-1").json() == sent
    assert [each["id"] for each in api.sent()] == [sent["id"]]
    time.sleep(1)
    resend_sandbox.control("POST", "webhooks", {"mode": "normal"})
    event = receiver.wait_for_types("email.delivered")[0]
    assert event.json["data"]["email_id"] == sent["id"]


def test_a_restart_keeps_address_and_keys(resend_sandbox: SandboxProgram) -> None:
    """SB-1; SIGTERM ends the program at once."""
    before = (resend_sandbox.url, resend_sandbox.keys)
    started = time.monotonic()
    resend_sandbox.stop()
    assert time.monotonic() - started < 1.5
    resend_sandbox.start()
    assert (resend_sandbox.url, resend_sandbox.keys) == before
    assert Api(resend_sandbox).sent() == []


def test_reset_forgets_everything_but_the_keys(api: Api, resend_sandbox: SandboxProgram) -> None:
    """SB-2."""
    api.send()
    _fault(resend_sandbox, "500")
    resend_sandbox.control("POST", "reset")
    state = resend_sandbox.control("GET", "state")
    assert (state["documents"], state["faults"], state["clock"]["offset"]) == ({}, [], 0)
    assert api.sent() == []

"""What Resend refuses, the sandbox refuses, in Resend's shape (SB-1)."""

import time
from typing import Any

import httpx
import pytest

from tests.contract.resend_api import Api, mail
from tests.contract.sandbox_program import SandboxProgram

BASE64 = "Qm9uam91cg=="


@pytest.fixture
def api(resend_sandbox: SandboxProgram) -> Api:
    return Api(resend_sandbox)


def _refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["name"]


@pytest.mark.parametrize(
    ("authorization", "name", "message"),
    [
        (None, "missing_api_key", "Missing API Key"),
        ("Bearer", "missing_api_key", "Missing API Key"),
        ("Basic cmU6", "missing_api_key", "Missing API Key"),
        ("Bearer re_wrong", "validation_error", "API key is invalid"),
    ],
)
def test_wrong_keys_are_refused(
    resend_sandbox: SandboxProgram, authorization: str | None, name: str, message: str
) -> None:
    """SB-1: wrong keys are refused as the real service refuses them."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.post(f"{resend_sandbox.url}/emails", json=mail(), headers=headers)
    assert answer.json() == {"statusCode": 401, "name": name, "message": message}
    assert answer.status_code == 401
    assert resend_sandbox.control("GET", "state")["documents"] == {}


@pytest.mark.parametrize(
    ("changes", "status", "name"),
    [
        ({"from_": None}, 422, "missing_required_field"),
        ({"to": None}, 422, "missing_required_field"),
        ({"to": []}, 422, "missing_required_field"),
        ({"subject": None}, 422, "missing_required_field"),
        ({"subject": 5}, 422, "validation_error"),
        ({"html": None, "text": None}, 422, "validation_error"),
        ({"html": 5}, 422, "validation_error"),
        ({"from_": "hello"}, 422, "validation_error"),
        ({"from_": "A <a@b.example> B"}, 422, "validation_error"),
        ({"to": "nobody"}, 422, "validation_error"),
        ({"to": ["fan@example.com", "nobody@"]}, 422, "validation_error"),
        ({"to": "a@example.com, b@example.com"}, 422, "validation_error"),
        ({"to": "fan@example.com\r\nBcc: x@example.com"}, 422, "validation_error"),
        ({"to": [f"fan{number}@example.com" for number in range(51)]}, 422, "validation_error"),
        ({"cc": 5}, 422, "validation_error"),
        ({"bcc": ["no"]}, 422, "validation_error"),
        ({"reply_to": "no"}, 422, "validation_error"),
        ({"from_": "star@gmail.com"}, 403, "validation_error"),
        ({"from_": "onboarding@resend.dev"}, 403, "validation_error"),
        ({"headers": {"X-Number": 5}}, 422, "validation_error"),
        ({"headers": {"X-Lines": "a\r\nBcc: x@example.com"}}, 422, "validation_error"),
        ({"headers": {"Not valid:": "a"}}, 422, "validation_error"),
        ({"tags": [{"name": "kind", "value": "a b"}]}, 422, "validation_error"),
        ({"tags": [{"name": "kind"}]}, 422, "validation_error"),
        ({"tags": {"kind": "a"}}, 422, "validation_error"),
        ({"scheduled_at": "someday"}, 422, "validation_error"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, 422, "validation_error"),
        ({"scheduled_at": "in 31 days"}, 422, "validation_error"),
        ({"scheduled_at": 1795366583}, 422, "validation_error"),
        ({"attachments": [{"filename": "a.ics", "content": "%%%"}]}, 422, "invalid_attachment"),
        ({"attachments": [{"filename": "a.ics"}]}, 422, "invalid_attachment"),
        ({"attachments": [{"content": BASE64}]}, 422, "invalid_attachment"),
        ({"attachments": [{"filename": "a.exe", "content": BASE64}]}, 422, "invalid_attachment"),
        ({"attachments": [{"filename": "a", "content": BASE64, "colour": "x"}]}, 422, "validation_error"),
        ({"attachments": "a.ics"}, 422, "validation_error"),
        ({"template": {"id": "t-1"}}, 404, "not_found"),
        ({"replyTo": "help@callastar.example"}, 422, "validation_error"),
        ({"idempotency_key": "k"}, 422, "validation_error"),
    ],
)
def test_a_bad_mail_is_refused_and_not_kept(
    api: Api, changes: dict[str, Any], status: int, name: str
) -> None:
    assert _refusal(api.send(**changes)) == (status, name)
    assert api.sent() == []


def test_a_null_content_id_is_refused_with_resends_words(api: Api) -> None:
    attachment = {"filename": "a.ics", "content": BASE64, "content_id": None}
    answer = api.send(attachments=[attachment])
    assert answer.json()["message"] == "The `attachments, content_id` field must be a `string`."


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "fan@example.com"},
        {"to": "Fan, Été <fan@example.com>"},
        {"to": [f"fan{number}@example.com" for number in range(50)]},
        {"html": None},
        {"text": None},
        {"from_": "onboarding@resend.dev", "to": "delivered+x@resend.dev"},
        {"headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}},
        {"tags": [{"name": "kind", "value": "reminder_15-min"}]},
        {"scheduled_at": "in 5 minutes"},
        {"attachments": [{"filename": "appel.ics", "content": BASE64, "content_type": "text/calendar"}]},
    ],
)
def test_a_good_mail_is_accepted(api: Api, changes: dict[str, Any]) -> None:
    assert api.send(**changes).status_code == 200
    assert len(api.sent()) == 1


@pytest.mark.parametrize("body", [b"", b"{", b'"text"', b"[]", b"null"])
def test_a_body_that_is_no_mail_is_refused(api: Api, body: bytes) -> None:
    assert api("POST", "/emails", content=body).status_code == 422


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        [mail()] * 101,
        [mail(), mail(scheduled_at="in 5 minutes")],
        [mail(attachments=[{"filename": "a.ics", "content": BASE64}])],
        ["mail"],
    ],
)
def test_a_bad_batch_is_refused_whole(api: Api, batch: Any) -> None:
    assert _refusal(api("POST", "/emails/batch", batch)) == (422, "validation_error")
    assert api.sent() == []


def test_a_batch_of_a_hundred_is_accepted(api: Api) -> None:
    assert len(api("POST", "/emails/batch", [mail()] * 100).json()["data"]) == 100


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/emails/none", 404, "not_found"),
        ("POST", "/emails/none/cancel", 404, "not_found"),
        ("GET", "/emails/none/attachments", 404, "not_found"),
        ("GET", "/webhooks/none", 404, "not_found"),
        ("PATCH", "/webhooks/none", 404, "not_found"),
        ("DELETE", "/webhooks/none", 404, "not_found"),
        ("GET", "/nowhere", 404, "not_found"),
        ("PUT", "/emails", 405, "method_not_allowed"),
        ("DELETE", "/emails/none", 405, "method_not_allowed"),
        ("GET", "/emails?limit=0", 422, "validation_error"),
        ("GET", "/emails?limit=101", 422, "validation_error"),
        ("GET", "/emails?after=none", 422, "validation_error"),
        ("GET", "/emails?page=2", 422, "validation_error"),
    ],
)
def test_what_is_not_there_is_refused(api: Api, method: str, path: str, status: int, name: str) -> None:
    assert _refusal(api(method, path)) == (status, name)


def test_only_a_scheduled_mail_can_be_cancelled_or_moved(api: Api) -> None:
    email_id = api.send().json()["id"]
    assert api("POST", f"/emails/{email_id}/cancel").status_code == 422
    assert api("PATCH", f"/emails/{email_id}", {"scheduled_at": "in 5 minutes"}).status_code == 422
    assert api("PATCH", f"/emails/{email_id}", {}).json()["name"] == "missing_required_field"


@pytest.mark.parametrize(
    "body",
    [
        {"endpoint": "https://site.example/hook"},
        {"events": ["email.sent"]},
        {"endpoint": "http://site.example/hook", "events": ["email.sent"]},
        {"endpoint": "site.example", "events": ["email.sent"]},
        {"endpoint": "https://site.example/hook", "events": []},
        {"endpoint": "https://site.example/hook", "events": ["email.read"]},
        {"endpoint": "https://site.example/hook", "events": ["email.sent"], "secret": "whsec_mine"},
    ],
)
def test_a_bad_webhook_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api("POST", "/webhooks", body).status_code == 422
    assert api("GET", "/webhooks").json()["data"] == []


def test_a_bad_change_leaves_the_webhook_as_it_was(api: Api) -> None:
    made = api("POST", "/webhooks", {"endpoint": "http://127.0.0.1:9/", "events": ["email.sent"]}).json()
    before = api("GET", f"/webhooks/{made['id']}").json()
    for change in ({"status": "paused"}, {"events": []}, {"endpoint": "x"}, {"name": "x"}):
        assert api("PATCH", f"/webhooks/{made['id']}", change).status_code == 422
    assert api("GET", f"/webhooks/{made['id']}").json() == before


def test_too_many_requests_are_told_when_to_come_back(resend_sandbox: SandboxProgram) -> None:
    """Five a second by default, as Resend documents."""
    api = Api(resend_sandbox, per_second=None)
    time.sleep(1.01 - time.time() % 1)
    answers = [api("GET", "/emails") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[5].json()["name"] == "rate_limit_exceeded"
    assert answers[5].headers["retry-after"] == answers[5].headers["ratelimit-reset"] == "1"
    assert answers[5].headers["ratelimit-limit"] == "5"
    time.sleep(1)
    assert api("GET", "/emails").status_code == 200

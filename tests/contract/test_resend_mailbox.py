"""The mailbox for people (SB-3)."""

import base64
import re
import time

import httpx
import pytest

from tests.contract.resend_api import Api
from tests.contract.sandbox_program import SandboxProgram

HTML = "<html><head><title>x</title></head><body><a href='https://callastar.example/b/1'>Mon appel</a></body></html>"


@pytest.fixture
def api(resend_sandbox: SandboxProgram) -> Api:
    return Api(resend_sandbox)


@pytest.fixture
def reader(resend_sandbox: SandboxProgram) -> httpx.Client:
    """A person's browser: no key."""
    return httpx.Client(base_url=resend_sandbox.url, verify=False, headers={"Accept": "text/html,*/*;q=0.8"})


def test_mails_are_listed_newest_first_and_found_by_recipient(api: Api, reader: httpx.Client) -> None:
    for name in ("fan", "star"):
        api.send(to=f"{name}@example.com", subject=f"Pour {name}")
    page = reader.get("/").text
    assert page.index("Pour star") < page.index("Pour fan")
    found = reader.get("/", params={"q": "FAN@"}).text
    assert "Pour fan" in found
    assert "Pour star" not in found
    assert "No email to" in reader.get("/", params={"q": "nobody"}).text


def test_a_mail_is_shown_in_a_frame_where_nothing_runs(api: Api, reader: httpx.Client) -> None:
    email_id = api.send(html=HTML).json()["id"]
    page = reader.get(f"/emails/{email_id}").text
    sandbox = re.search(r'<iframe[^>]*sandbox="([^"]*)"', page)
    assert sandbox is not None
    assert "allow-scripts" not in sandbox[1]
    frame = reader.get(f"/mailbox/{email_id}/html")
    assert '<head><base target="_blank">' in frame.text
    assert "https://callastar.example/b/1" in frame.text
    policy = frame.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_text_and_headers_can_be_read(api: Api, reader: httpx.Client) -> None:
    headers = {"List-Unsubscribe": "<https://callastar.example/u>"}
    text = "Voir https://callastar.example/b/1. <script>"
    email_id = api.send(text=text, headers=headers).json()["id"]
    shown = reader.get(f"/emails/{email_id}", params={"view": "text"}).text
    assert '<a href="https://callastar.example/b/1" target="_blank"' in shown
    assert "&lt;script&gt;" in shown
    assert "List-Unsubscribe" in reader.get(f"/emails/{email_id}", params={"view": "headers"}).text


def test_files_are_downloaded_and_inline_pictures_shown(api: Api, reader: httpx.Client) -> None:
    attachments = [
        {"filename": "appel.ics", "content": base64.b64encode(b"BEGIN:VCALENDAR").decode()},
        {"filename": "logo.png", "content": base64.b64encode(b"\x89PNG").decode(), "content_id": "logo"},
    ]
    email_id = api.send(html="<img src='cid:logo'>", attachments=attachments).json()["id"]
    link = re.search(r'href="(/mailbox/[^"]*)" download="appel.ics"', reader.get(f"/emails/{email_id}").text)
    assert link is not None
    file = reader.get(link[1])
    assert file.content == b"BEGIN:VCALENDAR"
    assert file.headers["content-disposition"].startswith("attachment")
    picture = re.search(r"src='([^']*)'", reader.get(f"/mailbox/{email_id}/html").text)
    assert picture is not None
    assert reader.get(picture[1]).content == b"\x89PNG"


def test_the_list_is_sent_again_only_when_something_has_changed(api: Api, reader: httpx.Client) -> None:
    email_id = api.send(to="suppressed@resend.dev").json()["id"]
    time.sleep(0.5)
    first = reader.get("/mailbox/list")
    tag = {"If-None-Match": first.headers["etag"]}
    assert reader.get("/mailbox/list", headers=tag).status_code == 304
    api.send(subject="Neuf")
    again = reader.get("/mailbox/list", headers=tag)
    assert "Neuf" in again.text
    assert email_id in again.text


def test_the_same_address_serves_people_and_programs(api: Api, reader: httpx.Client) -> None:
    email_id = api.send().json()["id"]
    assert reader.get(f"/emails/{email_id}").headers["content-type"].startswith("text/html")
    assert reader.get(f"/emails/{email_id}", headers={"Accept": "application/json"}).status_code == 401
    assert reader.get("/emails/none").status_code == 404
    assert "No such email" in reader.get("/emails/none").text


def test_every_page_says_that_it_is_a_sandbox(api: Api, reader: httpx.Client) -> None:
    email_id = api.send().json()["id"]
    for path in ("/", "/emails", f"/emails/{email_id}", "/_control/"):
        assert "Sandbox</span>" in reader.get(path).text

"""NO-2: each person chooses which mails they get, of those that they may do without."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from callastar.accounts.models import Role, User
from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.mail.choices import choices_of, is_wanted
from callastar.mail.kinds import Kind
from callastar.mail.models import EmailChoice, EmailLog, EmailStatus, Suppression, SuppressionReason
from callastar.mail.operations import Way, choose_emails, queue_email, send_email
from tests.factories import make_user
from tests.integration.api.conftest import Api

pytestmark = pytest.mark.django_db
PAGE = "/en/account/email-settings"
HELD = {
    "offer_title": "Guitar",
    "other_name": "Zoé",
    "starts_at": "2026-03-03T17:00:00+00:00",
    "creator_url": "https://site.example/creators/zoe",
}


def choose(user: User, **wanted: bool) -> list[Kind]:
    named = {Kind(kind): value for kind, value in wanted.items()}
    return choose_emails(user=user, wanted=named, way=Way.SETTINGS, now=clock.now())


def queue(user: User, template: str = "hold_lapsed", key: str = "k", **context: Any) -> EmailLog:
    with transaction.atomic():
        return queue_email(
            template=template,
            recipient=user,
            dedupe_key=key,
            context={**HELD, **context},
            metadata={"booking": "b1"},
        )


def log() -> list[LogEntry]:
    return list(LogEntry.objects.filter(type="EMAIL_CHOICES_CHANGED").order_by("pk"))


def test_choices_are_kept_and_only_changes_are_noted():
    """NO-2: who has chosen nothing gets everything; choosing the same again is nothing new."""
    user, other = make_user(), make_user()
    assert set(choices_of(user).values()) == {True}
    assert choose(user, reminder_day=False, waiting_list=True) == [Kind.REMINDER_DAY]
    assert choose(user, reminder_day=False) == []
    assert not is_wanted(user_id=user.pk, kind=Kind.REMINDER_DAY)
    assert is_wanted(user_id=user.pk, kind=Kind.WAITING_LIST)
    assert is_wanted(user_id=other.pk, kind=Kind.REMINDER_DAY)
    assert choose(user, reminder_day=True) == [Kind.REMINDER_DAY]
    assert set(choices_of(user).values()) == {True}
    first, second = log()
    assert first.metadata == {"way": "settings", "wanted": "", "unwanted": "reminder_day"}
    assert (second.metadata["wanted"], second.actor_id) == ("reminder_day", user.pk)
    assert EmailChoice.objects.count() == 1


def test_what_is_not_wanted_is_not_sent(mailoutbox):
    """NO-2, EM-2: also where it was chosen while the mail waited; what is essential comes in any case."""
    user, other, now = make_user(), make_user(), clock.now()
    unwanted, wanted = queue(user), queue(other, key="other")
    essential = queue(
        user, "reset_password", key="essential", valid_days=3, action_url="https://site.example/x"
    )
    choose(user, **dict.fromkeys(choices_of(user), False))
    assert send_email(email_id=unwanted.pk, now=now) == EmailStatus.SKIPPED
    unwanted.refresh_from_db()
    assert (unwanted.skip_reason, unwanted.attempts, unwanted.html) == ("not_wanted", 0, "")
    assert send_email(email_id=wanted.pk, now=now) == EmailStatus.SENT
    assert send_email(email_id=essential.pk, now=now) == EmailStatus.SENT
    assert [mail.to for mail in mailoutbox] == [[other.email], [user.email]]


def test_whose_account_is_gone_gets_nothing_but_the_essential(mailoutbox):
    """NO-2."""
    user = make_user()
    email = queue(user)
    EmailLog.objects.update(recipient=None)
    user.delete()
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.SKIPPED
    assert mailoutbox == []


def switches(page: str) -> dict[str, bool]:
    """The switches of the form, and which are on."""
    tags = [tag.split(">")[0] for tag in page.split("<input ") if 'role="switch"' in tag]
    return {tag.split('name="')[1].split('"')[0]: " checked" in tag for tag in tags}


def test_the_page_without_scripts():
    """NO-2: shows what is chosen, saves it and says so; what is switched off is simply not sent."""
    user = make_user()
    browser = Client()
    browser.force_login(user)
    page = browser.get(PAGE).content.decode()
    assert set(switches(page)) == set(choices_of(user))
    assert all(switches(page).values())
    assert user.email in page
    sent = {"shown": ",".join(choices_of(user)), "reminder_soon": "on"}
    answer = browser.post(PAGE, sent, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Your email settings are saved." in answer.content.decode()
    on = switches(answer.content.decode())
    assert {kind for kind, value in on.items() if value} == {"reminder_soon"}
    assert on == choices_of(user)


def test_what_a_form_did_not_show_stays():
    """NO-2: an old form says nothing of the kinds of a new creator, or of anybody else's kinds."""
    user = make_user(role=Role.CREATOR)
    browser = Client()
    browser.force_login(user)
    browser.post(PAGE, {"shown": "reminder_day,daily_summary,nonsense"})
    assert {kind for kind, value in choices_of(user).items() if not value} == {Kind.REMINDER_DAY}
    assert EmailChoice.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "also"), [(Role.CREATOR, "Each step of a payout"), (Role.ADMIN, "The summary of")]
)
def test_each_role_is_shown_its_own(role, also):
    """NO-2."""
    browser, fan = Client(), Client()
    browser.force_login(make_user(role=role))
    fan.force_login(make_user())
    assert also in browser.get(PAGE).content.decode()
    assert also not in fan.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (SuppressionReason.BOUNCED, "Our mails to this address come back"),
        (SuppressionReason.COMPLAINED, "as spam"),
    ],
)
def test_whose_address_is_suppressed_is_told(reason, said):
    """EM-2: why, and since when; nobody else is told."""
    user = make_user(email="Zoe@Example.com")
    moment = (clock.now() - timedelta(days=3)).replace(microsecond=0)
    Suppression.objects.create(address="zoe@example.com", reason=reason, created_at=moment)
    for person, told in ((user, True), (make_user(), False)):
        browser = Client()
        browser.force_login(person)
        assert (said in browser.get(PAGE).content.decode()) is told
        answer = json.loads(Api(person).get("mail/choices").content)
        assert answer["suppressed"] == (
            {"reason": reason.value, "since": moment.isoformat().replace("+00:00", "Z")} if told else None
        )


def test_the_api():
    """NO-2, AP-1: in the asker's language; what is left out stays."""
    user = make_user()
    answer = json.loads(Api(user, "fr").get("mail/choices").content)
    assert (answer["address"], answer["suppressed"]) == (user.email, None)
    assert {line["kind"]: line["wanted"] for line in answer["choices"]} == choices_of(user)
    english = json.loads(Api(user, "en").get("mail/choices").content)["choices"][0]
    assert english["label"] == "Reminders a day before a call"
    assert answer["choices"][0]["label"] != english["label"]
    saved = Api(user).ask("PUT", "mail/choices", {"choices": {"waiting_list": False}})
    assert saved.status_code == 200
    lines = {line["kind"]: line["wanted"] for line in json.loads(saved.content)["choices"]}
    assert {kind for kind, wanted in lines.items() if not wanted} == {"waiting_list"}
    assert log()[0].metadata["way"] == "api"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"choices": {"reminder_day": False, "reviews": False}}, "email_kind_unknown"),
        ({"choices": {"reminder_day": False, "verify_email": False}}, "email_kind_unknown"),
        ({"choices": {"reminder_day": "off"}}, "invalid"),
        ({"choices": {"reminder_day": None}}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_what_the_api_refuses_changes_nothing(body, code):
    """NO-2: another role's kind, one that nobody may do without, and what is no choice."""
    user = make_user()
    answer = Api(user).ask("PUT", "mail/choices", body)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, code)
    assert not EmailChoice.objects.exists()
    assert log() == []


def test_nobody_chooses_for_nobody():
    """NO-2, PE-3."""
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE, {"shown": "reminder_day"}).status_code == 302
    assert Api().get("mail/choices").status_code == 401
    assert Api().ask("PUT", "mail/choices", {"choices": {}}).status_code == 401
    assert not EmailChoice.objects.exists()

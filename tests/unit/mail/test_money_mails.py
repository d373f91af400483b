"""What the mails about cancellations, payouts, debts, disputes and refunds say (EM-5)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings

from callastar.accounts.models import User
from callastar.core.money import Currency, Money
from callastar.mail import links, money_texts
from callastar.mail.examples import Group
from callastar.mail.models import EmailLog
from callastar.mail.rendering import render
from tests.unit.mail.samples import AT, EXAMPLES, KINDS, NOTHING, NOW, ROW, sample

ABOUT_CALLS = [kind for kind in KINDS if EXAMPLES[kind].group is not Group.ACCOUNT]
BY_THE_TERMS = "By the terms that you accepted when booking"


def _text(kind: str, locale: str = "en", zone: str = "Europe/Paris", **changes: Any) -> str:
    email = EXAMPLES[kind].written(to=User(name="Zoé", locale=locale, timezone=zone), **changes)
    render(email, now=NOW)
    return f"{email.subject}\n{email.text}"


@pytest.mark.parametrize(
    ("kind", "said", "unsaid"),
    [
        ("by fan, all back", ["You get all of your money back.", "Refunded amount: €100.00"], [BY_THE_TERMS]),
        ("by fan, half back", [f"{BY_THE_TERMS}, you get €50.00 of your money back."], ["all of your money"]),
        (
            "by fan, nothing back",
            [f"{BY_THE_TERMS}, a cancellation so shortly", "Refunded amount: No refund"],
            ["5 to 10 working days", "€0.00"],
        ),
        ("by creator, all back", ["had to cancel the call with you. We are sorry"], ["As you asked"]),
        ("by platform, all back", ["We had to cancel your call with"], ["As you asked"]),
    ],
)
def test_a_fan_learns_who_cancelled_and_what_comes_back(
    kind: str, said: list[str], unsaid: list[str]
) -> None:
    """EM-5, BK-7: the refund, or that there is none by the terms they accepted."""
    text = _text(f"booking_cancelled_fan {kind}")
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []


@pytest.mark.parametrize(
    ("kind", "said", "unsaid"),
    [
        ("by fan, half back", ["€40.90 of this call stays yours", "You keep: €40.90"], ["do not earn"]),
        ("by fan, all back", ["Your fan gets all of the money back: you do not earn"], ["You keep", "€0.00"]),
        ("by fan, some back", ["You do not earn anything with this call."], ["You keep", "all of the money"]),
        ("by creator, all back", ["As you asked", "We have told your fan."], ["has cancelled"]),
        ("by platform, all back", ["We had to cancel"], ["As you asked", "has cancelled"]),
    ],
)
def test_a_creator_learns_what_stays_theirs(kind: str, said: list[str], unsaid: list[str]) -> None:
    """EM-5, BK-7."""
    text = _text(f"booking_cancelled_creator {kind}")
    assert [words for words in said if words not in text] == []
    assert [words for words in unsaid if words in text] == []


@pytest.mark.parametrize(
    ("step", "at", "sentence"),
    [
        ("retry", AT, "we try again on Tuesday 3 March 2026 at 18:00 (Paris time)."),
        ("retry", None, "we try again soon."),
        ("fix_bank", None, "Your bank account must be put right first"),
        ("blocked", None, "your payouts are on hold until our team has looked into it"),
    ],
)
def test_a_failed_payout_says_why_and_what_happens_next(
    step: str, at: datetime | None, sentence: str
) -> None:
    """PO-5."""
    text = _text("payout_failed retry, then", next_step=step, retry_at=at, reason_code="account_frozen")
    assert "Reason: The bank account has been frozen." in text
    assert sentence in text


def test_an_unknown_code_is_the_banks_affair() -> None:
    """PO-5: codes that Stripe adds later still make a sentence."""
    assert money_texts.payout_failure("made_up") == money_texts.payout_failure("could_not_process")
    assert money_texts.payout_failure("account_closed") != money_texts.payout_failure("made_up")
    assert money_texts.dispute_reason("made_up") == money_texts.dispute_reason("general")
    assert money_texts.dispute_reason("fraudulent") != money_texts.dispute_reason("general")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
@pytest.mark.parametrize("arrived_at", [date(2026, 3, 3), datetime(2026, 3, 3, tzinfo=UTC)])
def test_a_day_of_arrival_is_the_same_day_everywhere(arrived_at: date, zone: str) -> None:
    """EM-3: Stripe's arrival date is midnight UTC of a day, not a moment."""
    assert "Arrival: Tuesday 3 March 2026\n" in _text("payout_paid", zone=zone, arrived_at=arrived_at)


def test_what_is_not_known_is_left_out() -> None:
    """EM-5."""
    assert "Bank account: •••• 3000" in _text("payout_paid")
    assert "Bank account" not in _text("payout_paid, little known")
    assert "Deadline" not in _text("dispute_opened_admin inquiry")
    assert "Deadline for evidence: Tuesday 3 March 2026 at 18:00 (Paris time)" in _text(
        "dispute_opened_admin"
    )


def test_a_debt_that_is_gone_is_said_to_be() -> None:
    """RE-3."""
    assert "You no longer owe us anything." in _text("debt_deducted all")
    assert "You no longer owe us anything." not in _text("debt_deducted")


def test_a_long_list_of_differences_is_cut() -> None:
    """LE-3: a mail shows the first ones, the report all."""
    text = _text("reconciliation_alert_admin, many")
    assert "Number of differences: 30" in text
    assert text.count("<> 0.00") == 20
    assert "The report lists the others." in text
    assert "The report lists the others." not in _text("reconciliation_alert_admin")


@pytest.mark.parametrize("path", ["/fr/dashboard/admin/x/", "/en/dashboard/admin/x/", "dashboard/admin/x/"])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_admins_get_their_page_in_their_language(path: str, locale: str) -> None:
    """EM-4: absolute, from SITE_URL."""
    expected = f"{settings.SITE_URL}/{locale}/dashboard/admin/x/"
    assert links.site_link(path, locale) == expected
    assert expected in _text("payout_requested_admin", locale, path=path)


def test_a_path_that_only_looks_like_a_language_stays() -> None:
    """EM-4."""
    assert links.site_link("/french/x", "en") == f"{settings.SITE_URL}/en/french/x"


def test_each_mail_is_one_for_its_row_and_reader() -> None:
    """EM-1: the key comes from the row; what goes to admins goes to each of them."""
    key, template = EmailLog._meta.get_field("dedupe_key"), EmailLog._meta.get_field("template")
    for kind in ABOUT_CALLS:
        reader, example = User(), EXAMPLES[kind]
        one, again, other = (example.written(to=to) for to in (reader, reader, User()))
        assert one.dedupe_key == again.dedupe_key, kind
        assert len(one.dedupe_key) <= key.max_length, kind
        assert len(one.template) <= template.max_length, kind
        assert (one.dedupe_key != other.dedupe_key) is one.template.endswith("_admin"), kind
        assert one.dedupe_key.startswith(one.template.removesuffix("_fan").removesuffix("_creator")), kind


def test_other_rows_are_other_mails() -> None:
    """EM-1."""
    payouts = (
        EXAMPLES["payout_paid"].written(to=User(), payout_id=row) for row in (ROW, "another", "a third")
    )
    assert len({payout.dedupe_key for payout in payouts}) == 3


def test_the_footer_says_why_one_reads_it() -> None:
    """EM-4: an admin is not told that it is about their own calls."""
    own = "it is about your account or one of your calls"
    for kind in ABOUT_CALLS:
        text = sample(kind, "en")
        render(text, now=NOW)
        assert (own in text.text) is not text.template.endswith("_admin"), kind
        assert (own in text.html) is not text.template.endswith("_admin"), kind


def test_amounts_keep_their_currency() -> None:
    """EM-3: as the recipient's language writes them."""
    francs = Money(123450, Currency.CHF)
    assert "CHF\u00a01,234.50" in _text("payout_approved", amount=francs)
    assert "1\u202f234,50\u00a0CHF" in _text("payout_approved", "fr", amount=francs)
    assert "€0.00" in _text("refund_made_creator, nothing taken", taken=NOTHING)

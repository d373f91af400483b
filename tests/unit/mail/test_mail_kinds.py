"""NO-2: which mails one may do without, by role."""

from pathlib import Path

import pytest

from callastar.accounts.models import Role
from callastar.mail.kinds import Kind, about, kinds_for

TEMPLATES = {path.parent.name for path in Path("templates/mail").glob("*/subject.txt")}


def test_each_role_chooses_among_what_it_gets():
    """NO-2: everybody may book; creators and admins have work beside it."""
    fan, creator, admin = (set(kinds_for(role)) for role in (Role.USER, Role.CREATOR, Role.ADMIN))
    assert creator - fan == {Kind.REVIEWS, Kind.PAYOUT_STEPS}
    assert admin - fan == {Kind.DAILY_SUMMARY}
    assert fan < creator
    assert fan < admin
    assert fan | creator | admin == set(Kind), "nobody may be unable to choose"


def test_each_kind_says_when_it_comes():
    assert len({str(kind.explanation) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_whose_money_call_or_security_it_is_cannot_be_switched_off(template):
    """NO-2, EM-4: what is not about them has a kind, the rest has none."""
    essential = template.startswith(
        (
            "booking_",
            "rescheduled",
            "verify",
            "reset",
            "account",
            "email_",
            "payment",
            "refund",
            "debt",
            "dispute",
        )
    )
    assert not (essential and about(template).kind)

"""The examples of mails: every template has one, each is as the product writes it, and none is kept (EM-5)."""

from pathlib import Path

import pytest
from django.db.transaction import TransactionManagementError

from callastar.accounts.models import User
from callastar.mail.examples import Group, Reader, usual_examples
from callastar.mail.models import EmailLog
from callastar.mail.operations import composing, queue_email
from tests.unit.mail.samples import EXAMPLES


def _queue() -> EmailLog:
    return queue_email(template="reset_password", recipient=User(), dedupe_key="a key", context={})


def test_every_template_has_an_example() -> None:
    """EM-5: staff and tests see all of them, and both see the same."""
    folders = {path.parent.name for path in Path("templates/mail").glob("*/subject.txt")}
    assert folders == {example.template for example in EXAMPLES.values()}
    assert list(usual_examples("fr")) == list(usual_examples("en")) == list(EXAMPLES)


def test_each_group_and_reader_has_one() -> None:
    """EM-5."""
    assert {example.group for example in EXAMPLES.values()} == set(Group)
    assert {example.reader for example in EXAMPLES.values()} == set(Reader)


def test_names_and_addresses_tell_them_apart() -> None:
    """EM-5: the name begins with the template that the mail is really written with."""
    assert len({example.slug for example in EXAMPLES.values()}) == len(EXAMPLES)
    for name, example in EXAMPLES.items():
        assert example.written(to=User()).template == example.template, name


def test_nothing_is_kept_of_a_mail_that_is_only_looked_at() -> None:
    """EM-1: no database here, so that any row would be an error; and all is as before once one has looked."""
    with composing() as mails:
        email = _queue()
    assert mails == [email]
    with pytest.raises(TransactionManagementError):
        _queue()
    assert mails == [email]


def test_fans_mails_are_also_shown_in_their_creators_words() -> None:
    """EM-4: the first of each template that can be."""
    templates = {example.template for example in EXAMPLES.values() if example.can_be_styled}
    styled = [example.template for example in EXAMPLES.values() if "style" in example.arguments]
    assert sorted(styled) == sorted(templates)
    assert {"booking_confirmed_fan", "reminder_24h_fan", "reminder_15m_fan"} <= templates

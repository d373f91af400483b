"""Random lives of money against Stripe's sandbox: LE-1, LE-2, RE-1 to RE-4, PO-2, PO-5, PW-1, WH-3.

The run draws the same sequences each time; with `MONEY_SEQUENCES=2000` it draws as many new ones.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.concurrency.money_machine import MoneyMachine

WANTED = os.environ.get("MONEY_SEQUENCES")
SETTINGS = settings(
    max_examples=int(WANTED or 12),
    stateful_step_count=20,
    deadline=None,
    derandomize=not WANTED,
    database=None,
    phases=(Phase.generate, Phase.shrink) if WANTED else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_whatever_happens_the_journal_is_stripe_to_the_cent(settings, at_stripe):
    """After any sequence, in four currencies, with Stripe failing and workers dying."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.4

    class Machine(MoneyMachine):
        sandbox = at_stripe

    run_state_machine_as_test(Machine, settings=SETTINGS)

"""The product's whole main job, by its own operations: what it asks of its three providers, success and trouble."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from procrastinate.contrib.django import app

from callastar.bookings.models import Booking
from callastar.bookings.operations.enter import entry_to, room_of
from callastar.bookings.operations.give_up import give_up
from callastar.bookings.operations.lapse import expire_hold, expire_holds
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reconcile import reconcile_bookings
from callastar.bookings.operations.reserve import reserve_offer
from callastar.calls.models import Room
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.ids import new_id
from callastar.creators.models import Creator
from callastar.creators.operations import apply_account_update, refresh_account, start_onboarding
from callastar.mail.models import EmailStatus
from callastar.mail.operations import send_email
from callastar.mail.truth import untrue_because
from callastar.payments.models import Payment, Refund, RefundStatus
from callastar.providers.daily import gateway as daily
from callastar.providers.stripe import accounts
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.catch_up import fetch_missed_events
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.validating_proxy import ValidatingProxy
from tests.factories import make_creator, make_offer, make_user
from tests.stripe_people import pay, pay_slowly
from tests.unit.mail.samples import EXAMPLES

SITE = "http://site.example"
LATER = timedelta(minutes=11)


@dataclass
class Providers:
    """The three sandboxes and the proxies in front of them."""

    stripe: ValidatingProxy
    daily: ValidatingProxy
    resend: ValidatingProxy
    sandboxes: dict[str, SandboxProgram]

    def fault(self, name: str, match: str, kind: str, times: int = 1) -> None:
        """Let a sandbox fail."""
        self.sandboxes[name].control("POST", "faults", {"match": match, "kind": kind, "times": times})

    def violations(self) -> list[str]:
        """What went against a description so far, on either side."""
        return [each for proxy in self.all() for each in proxy.violations]

    def all(self) -> tuple[ValidatingProxy, ...]:
        """The proxies."""
        return self.stripe, self.daily, self.resend


def run_jobs() -> None:
    """Let a worker do all that is due, but for what it would do by the clock on the wall."""
    with (
        app.replace_connector(app.connector.get_worker_connector()) as working,
        patch.object(working.periodic_registry, "periodic_tasks", {}),
    ):
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def onboard(providers: Providers, *, country: str, currency: str) -> Creator:
    """A creator from the profile form to charges enabled, by the product's own operations."""
    creator = make_creator(payable=False, stripe_country=country, currency=currency)
    for _ in range(2):
        start_onboarding(creator=creator, return_url=f"{SITE}/return", refresh_url=f"{SITE}/refresh")
    refresh_account(creator=creator)
    providers.sandboxes["stripe"].control("POST", f"accounts/{creator.stripe_account_id}/onboard")
    apply_account_update(account_id=creator.stripe_account_id, now=clock.now())
    found = accounts.find_account(creator_id=creator.pk, since=clock.now() - timedelta(hours=1))
    assert found is not None
    creator.refresh_from_db()
    assert creator.charges_enabled
    return creator


def reserve(creator: Creator, **fields: Any) -> Booking:
    """A fan with an awkward name holds a slot with an awkward title, and has the intent to pay it."""
    title = f"Chanter – « {'é' * 100} »"
    offer = make_offer(creator=creator, title=title, price=10000, **fields)
    fan = make_user(name='Zoé & <b>"Co"</b> O’Neil', locale="fr")
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    return booking


def intent_of(booking: Booking) -> str:
    """The intent that pays the booking."""
    return Payment.objects.get(booking_id=booking.pk).intent_id


def held_call(creator: Creator) -> None:
    """Declined, paid, confirmed, and both are in the call."""
    booking = reserve(creator)
    assert pay(intent_of(booking), "pm_card_chargeDeclinedInsufficientFunds") != "succeeded"
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    assert pay(intent_of(booking)) == "succeeded"
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    run_jobs()
    for person in (booking.fan, creator.user):
        assert entry_to(booking_id=booking.pk, person=person, now=booking.starts_at).token
    room = Room.objects.get(call__fan_id=booking.fan_id)
    Room.objects.filter(pk=room.pk).update(state="WANTED", url="")  # the answer was lost
    room_of(booking_id=booking.pk, person=booking.fan, now=booking.starts_at)
    daily.delete_room(name=room.name)
    daily.delete_room(name=room.name)
    assert daily.get_room(name=room.name) is None


def lapsed_hold(creator: Creator) -> None:
    """Not paid in time; one given up; one paid at the last moment, whose intent cannot be cancelled any more."""
    booking = reserve(creator)
    expire_holds(now=clock.now() + LATER)
    booking.refresh_from_db()
    assert booking.status == "CANCELLED"
    given_up = reserve(creator)
    give_up(booking_id=given_up.pk, fan=given_up.fan, now=clock.now())
    just_in_time = reserve(creator)
    pay(intent_of(just_in_time))
    expire_hold(booking_id=just_in_time.pk, now=clock.now() + LATER)
    just_in_time.refresh_from_db()
    assert just_in_time.status == "CONFIRMED"


def late_payment(providers: Providers, creator: Creator) -> None:
    """Paid after the offer went to somebody else: refunded, whatever fails on the way."""
    booking = reserve(creator)
    providers.fault("stripe", "* /v1/*", "drop_before", times=50)
    expire_hold(booking_id=booking.pk, now=clock.now() + LATER)
    providers.sandboxes["stripe"].control("DELETE", "faults")
    pay(intent_of(booking))
    reserve_offer(offer_id=booking.offer_id, fan=make_user(), now=clock.now())
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    run_jobs()
    assert Refund.objects.get(payment__booking_id=booking.pk).status == RefundStatus.SUCCEEDED


def slow_payment(providers: Providers, creator: Creator) -> None:
    """A direct debit that takes its time."""
    booking = reserve(creator)
    assert pay_slowly(intent_of(booking)) == "processing"
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    providers.sandboxes["stripe"].control("POST", f"payment_intents/{intent_of(booking)}/succeed")
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))


def refused_payment() -> None:
    """Stripe's account is not ready, whatever our row says; another account is not there at all."""
    for creator in (hopeful_creator(), make_creator(stripe_account_id="acct_nowhere")):
        with pytest.raises(Refusal):
            reserve(creator)


def hopeful_creator() -> Creator:
    """A creator who has not been on Stripe's pages, but whose row says that they may take money."""
    creator = make_creator(payable=False, stripe_country="FR", charges_enabled=True)
    start_onboarding(creator=creator, return_url=f"{SITE}/return", refresh_url=f"{SITE}/refresh")
    return creator


def missed_events() -> None:
    """What Stripe has told, listed and carried out."""
    assert fetch_missed_events(now=clock.now())["seen"] > 10
    run_jobs()
    stuck = WebhookEvent.objects.filter(status__in=("received", "parked"))
    assert list(stuck.values_list("type", "error")) == []


def provider_trouble(providers: Providers, creator: Creator) -> None:
    """Errors of the providers' own, and none at all, on their way into jobs and refusals."""
    for kind in ("500", "429", "drop_after"):
        providers.fault("stripe", "POST /v1/payment_intents", kind, times=3)
        with pytest.raises(Refusal):
            reserve(creator)
        providers.fault("daily", "POST /v1/rooms", kind)
        providers.fault("resend", "POST /emails", kind)
        run_jobs()
    booking = reserve(creator)
    pay(intent_of(booking))
    providers.fault("stripe", "GET /v1/payment_intents", "500", times=9)
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    providers.sandboxes["stripe"].control("DELETE", "faults")
    reconcile_bookings(now=clock.now() + timedelta(minutes=2))
    providers.fault("daily", "POST /v1/rooms", "500", times=3)
    providers.fault("resend", "POST /emails", "500", times=3)
    run_jobs()


def every_mail() -> None:
    """Each in each language, with names that need quoting."""
    reader = make_user()
    for kind, example in {one.template: one for one in EXAMPLES.values()}.items():
        for reader.locale in ("fr", "en"):
            email = example.written(to=reader)
            email.dedupe_key, email.created_at, email.expires_at = str(new_id()), clock.now(), None
            email.save()
            # Some are asked, when they leave, about a booking, which there is none of.
            wanted = EmailStatus.SKIPPED if untrue_because(email) else EmailStatus.SENT
            assert send_email(email_id=email.pk, now=clock.now()) == wanted, (kind, reader.locale)


def whole_main_job(providers: Providers) -> None:
    """All that the product asks of its providers, by its own operations."""
    creator = onboard(providers, country="FR", currency="EUR")
    abroad = onboard(providers, country="CH", currency="CHF")
    held_call(creator)
    held_call(abroad)
    lapsed_hold(creator)
    late_payment(providers, creator)
    slow_payment(providers, creator)
    refused_payment()
    every_mail()
    missed_events()

"""Bookings of the demo, made by the product's own operations.

A past call is booked as a coming one, far ahead, and moved back step by step: workers and webhooks that are awake
meanwhile find nothing odd about it, no room is made for it, and its mails are written down but not sent.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from callastar.accounts.models import User
from callastar.bookings import mails
from callastar.bookings.models import Booking
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.complete import SETTLES, complete_calls
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.give_up import give_up
from callastar.bookings.operations.judge import judge_call
from callastar.bookings.operations.lapse import expire_hold
from callastar.bookings.operations.outcome_refunds import refund_outcomes
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.bookings.rules import REFUNDED_AFTER
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.demo import ageing, meetings, sandbox
from callastar.demo.creators import SHEETS
from callastar.demo.offers import Slot, local_moment, put_on_sale
from callastar.demo.people import FANS
from callastar.demo.stories import End, Story
from callastar.demo.texts import Kind
from callastar.mail.operations import skip_emails
from callastar.offers.models import CallOffer

DETOUR = timedelta(weeks=12)  # between a past call and where it is first put: beyond every other slot
SOON = timedelta(minutes=12)
DECLINE = "insufficient_funds"
A_WHILE = timedelta(hours=1)
BAD_SOUND = "Le son a coupé sans cesse, nous n’avons presque rien pu nous dire."
UNWELL = "Aphone depuis ce matin, je préfère ne pas vous faire attendre."


def tell_stories(
    stories: Sequence[Story], *, people: Mapping[str, User], creators: Mapping[str, Creator], now: datetime
) -> int:
    """Live through the stories that have not happened yet; answers how many those were.

    Raises a `Refusal`, `ProviderError` or `SandboxError` when the sandbox is not up to it; starting again goes on.
    """
    told = _told(people)
    fresh = [
        story
        for story in stories
        if not _is_told(story, people[story.fan.email], creators[story.creator], told)
    ]
    for story in fresh:
        _tell(story, people[story.fan.email], creators[story.creator], now)
    return len(fresh)


def booking_of(
    story: Story, *, people: Mapping[str, User], creators: Mapping[str, Creator]
) -> Booking | None:
    """The booking that a story was told with; None if it has not been told."""
    bookings = Booking.objects.filter(fan=people[story.fan.email], creator=creators[story.creator])
    return bookings.filter(offer__title=kind_of(story).title).select_related("payment").first()


def kind_of(story: Story) -> Kind:
    """The call that a story is about."""
    return SHEETS[story.creator].kinds[story.kind]


def _told(people: Mapping[str, User]) -> set[tuple[object, object, str]]:
    fans = [people[person.email] for person in FANS]
    booked = Booking.objects.filter(fan__in=fans).values_list("fan_id", "creator_id", "offer__title")
    reserved = CallOffer.objects.filter(reserved_for__in=fans)
    return {*booked, *reserved.values_list("reserved_for_id", "creator_id", "title")}


def _is_told(story: Story, fan: User, creator: Creator, told: set[tuple[object, object, str]]) -> bool:
    if story.end is End.RESERVED:  # its creator may give it another title
        return any(told_fan == fan.pk and told_creator == creator.pk for told_fan, told_creator, _ in told)
    return (fan.pk, creator.pk, kind_of(story).title) in told


def _tell(story: Story, fan: User, creator: Creator, now: datetime) -> None:
    starts_at = _moment(story, now)
    slot = Slot(starts_at + DETOUR if story.is_past else starts_at, kind_of(story))
    offer = put_on_sale(creator=creator, slot=slot, now=now)
    if offer is not None:
        _ENDS[story.end](offer, fan)


def _moment(story: Story, now: datetime) -> datetime:
    zone = ZoneInfo(SHEETS[story.creator].timezone)
    if story.end is End.FAN_CANCELLED:
        return _within_a_day(now, zone)
    soon = (now + SOON).replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = now.astimezone(zone).date() + timedelta(days=story.days)
    return (local_moment(day, story.hour, zone) if story.hour else None) or soon


def _within_a_day(now: datetime, zone: ZoneInfo) -> datetime:
    """A time of day between 3 and 24 hours from now: so late, half of the price goes back."""
    today = now.astimezone(zone).date()
    moments = [
        local_moment(today + timedelta(days=days), hour, zone)
        for days in (0, 1)
        for hour in ("11:00", "19:00")
    ]
    return next(moment for moment in moments if moment and moment >= now + timedelta(hours=3))


def _reserve_for(offer: CallOffer, fan: User) -> None:
    CallOffer.objects.filter(pk=offer.pk).update(reserved_for=fan)


def _confirm(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    _pay(booking, _open_payment(booking))


def _complete(offer: CallOffer, fan: User) -> None:
    _end_call(offer, fan, meetings.BOTH)


def _miss_it(offer: CallOffer, fan: User) -> None:
    _end_call(offer, fan, meetings.CREATOR_ALONE)


def _be_stood_up(offer: CallOffer, fan: User) -> None:
    booking = _end_call(offer, fan, meetings.FAN_ALONE)
    refund_outcomes(now=booking.offer.ends_at + REFUNDED_AFTER)


def _contest(offer: CallOffer, fan: User) -> None:
    booking = _end_call(offer, fan, meetings.TROUBLED)
    said_at = booking.offer.ends_at + SETTLES + A_WHILE
    contest_outcome(booking_id=booking.pk, person=fan, text=BAD_SOUND, now=said_at)


def _end_call(offer: CallOffer, fan: User, there: meetings.There) -> Booking:
    """Book and pay a call that is over; who came to it is written down before anybody can judge it."""
    booking = _book(offer, fan)
    intent_id = _open_payment(booking)
    _move_call_back(booking)
    _write_unsent(booking, lambda: mails.confirmed(booking=booking, payment=booking.payment))
    _pay(booking, intent_id, card=sandbox.AVAILABLE_AT_ONCE)
    meetings.attend(booking.pk, there)
    ageing.move_back_booking(booking.pk)
    over = booking.offer.ends_at + SETTLES
    complete_calls(now=over)
    judge_call(booking_id=booking.pk, now=over)
    return booking


def _cancel_as_fan(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    _pay(booking, _open_payment(booking), card=sandbox.AVAILABLE_AT_ONCE)
    cancel_booking(booking_id=booking.pk, person=fan, now=clock.now())


def _cancel_as_creator(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    _pay(booking, _open_payment(booking), card=sandbox.AVAILABLE_AT_ONCE)
    person = booking.creator.user
    cancel_booking(booking_id=booking.pk, person=person, now=clock.now(), reason=UNWELL)


def _let_lapse(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    _open_payment(booking)
    _move_call_back(booking)
    _lapse(booking)


def _decline(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    intent_id = _open_payment(booking)
    _move_call_back(booking)
    booking.payment.failure_code = DECLINE
    _write_unsent(booking, lambda: mails.payment_failed(booking=booking, payment=booking.payment))
    _pay(booking, intent_id, card=sandbox.EMPTY_CARD)
    _lapse(booking)


def _give_up(offer: CallOffer, fan: User) -> None:
    booking = _book(offer, fan)
    _move_call_back(booking)
    give_up(booking_id=booking.pk, fan=fan, now=clock.now())
    ageing.move_back_booking(booking.pk)


def _lapse(booking: Booking) -> None:
    now = clock.now()
    _write_unsent(booking, lambda: mails.hold_lapsed(booking=booking))
    ageing.end_hold(booking.pk, at=now)
    expire_hold(booking_id=booking.pk, now=now)
    ageing.move_back_booking(booking.pk)


def _book(offer: CallOffer, fan: User) -> Booking:
    return reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking


def _open_payment(booking: Booking) -> str:
    return start_payment(booking_id=booking.pk, fan=booking.fan, now=clock.now()).intent_id


def _move_call_back(booking: Booking) -> None:
    """Put the call where it belongs before it is paid for or free again: no room is made, nobody finds it free."""
    ageing.move_back_offer(booking.offer_id, by=DETOUR)
    booking.offer.refresh_from_db()


def _pay(booking: Booking, intent_id: str, card: str = sandbox.CARD) -> None:
    sandbox.pay(intent_id, card)
    settle_payment(booking_id=booking.pk, now=clock.now())


def _write_unsent(booking: Booking, write: Callable[[], None]) -> None:
    """Write a mail down as taken back before it is due: when its cause comes, it exists already and is not sent."""
    with transaction.atomic():
        write()
        skip_emails(reason="demo", metadata={"booking": str(booking.pk)}, now=clock.now())


_ENDS: Mapping[End, Callable[[CallOffer, User], None]] = {
    End.COMPLETED: _complete,
    End.FAN_ABSENT: _miss_it,
    End.CREATOR_ABSENT: _be_stood_up,
    End.CONTESTED: _contest,
    End.DISPUTED: _complete,
    End.DISPUTE_WON: _complete,
    End.REFUNDED_LATER: _complete,
    End.FAN_CANCELLED: _cancel_as_fan,
    End.CREATOR_CANCELLED: _cancel_as_creator,
    End.LAPSED: _let_lapse,
    End.DECLINED: _decline,
    End.GIVEN_UP: _give_up,
    End.CONFIRMED: _confirm,
    End.RESERVED: _reserve_for,
}

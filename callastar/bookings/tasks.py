"""Jobs of bookings: each takes an id, reloads, calls one operation."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.bookings.operations import lapse, names, recording, refunded, settle
from callastar.calls.operations.recording import TELL as TELL_RECORDING
from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.payments.operations.refunds import TELL


@app.task(name=names.EXPIRE_HOLD, retry=Backoff(tries=5), queue="bookings")
def expire_hold(*, booking_id: str) -> None:
    """End a booking exactly when its hold lapses."""
    lapse.expire_hold(booking_id=UUID(booking_id), now=clock.now())


@app.task(name=names.CLOSE_PAYMENT, retry=Backoff(tries=60), queue="money")
def close_payment(*, booking_id: str) -> None:
    """Close the intent of an ended booking; the reconciling job goes on where the tries end."""
    settle.close_payment(booking_id=UUID(booking_id), now=clock.now())


@app.task(name=names.SETTLE_PAYMENT, retry=Backoff(tries=10), queue="money")
def settle_payment(*, booking_id: str) -> None:
    """Ask Stripe how a booking's payment stands."""
    settle.settle_payment(booking_id=UUID(booking_id), now=clock.now())


@app.task(name=TELL, retry=Backoff(tries=10), queue="bookings")
def tell_refunded(*, refund_id: str) -> None:
    """Tell people that money is on its way back."""
    refunded.tell_refunded(refund_id=UUID(refund_id), now=clock.now())


@app.task(name=TELL_RECORDING, retry=Backoff(tries=10), queue="bookings")
def tell_recording(*, recording_id: str) -> None:
    """Tell both people of a call that its recording is ready."""
    recording.tell_recording(recording_id=UUID(recording_id), now=clock.now())

"""Why a booking cannot be made, paid or found: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.bookings.rules import ContestState, Obstacle
from callastar.core.errors import Refusal


class OfferNotFoundError(Refusal):
    """There is no such offer (for this person)."""

    code = "offer_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This call does not exist.")


class BookingNotFoundError(Refusal):
    """There is no such booking, or it is somebody else's: the answer is the same."""

    code = "booking_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This booking does not exist.")


class OfferTakenError(Refusal):
    """Somebody else has booked or holds the offer."""

    code = Obstacle.TAKEN
    text = _("Somebody was faster: this call is already booked.")


class OfferCancelledError(Refusal):
    """The offer is not there any more."""

    code = Obstacle.CANCELLED
    text = _("This call is no longer offered.")


class OfferInPastError(Refusal):
    """The offer's time has come."""

    code = Obstacle.PAST
    text = _("The time of this call has passed.")


class CreatorNotPayableError(Refusal):
    """The creator's account cannot take money."""

    code = Obstacle.CREATOR_NOT_PAYABLE
    text = _("This creator cannot receive payments at the moment.")


class OfferReservedError(Refusal):
    """The offer is for one other fan."""

    code = Obstacle.RESERVED
    text = _("This call is reserved for somebody else.")


class OwnOfferError(Refusal):
    """A creator tried to book themselves."""

    code = Obstacle.OWN
    text = _("You cannot book your own call.")


class HoldLapsedError(Refusal):
    """The time to pay is over."""

    code = "hold_lapsed"
    text = _("The time to pay is over and the call was released. You can book it again if it is still free.")


class AlreadyPaidError(Refusal):
    """The booking is confirmed; there is nothing to pay."""

    code = "already_paid"
    text = _("This booking is already paid.")


class BookingCancelledError(Refusal):
    """The booking was cancelled."""

    code = "booking_cancelled"
    text = _("This booking was cancelled.")


class BookingCompletedError(Refusal):
    """The call is over: there is nothing to cancel."""

    code = "booking_completed"
    text = _("This call is over.")


class CallStartedError(Refusal):
    """The call has begun: what it was worth is then decided by its outcome."""

    code = "call_started"
    text = _("This call has already begun: it cannot be cancelled any more.")


class RefundChangedError(Refusal):
    """Another amount would go back than the one that was agreed to; nothing was cancelled."""

    code = "refund_changed"
    text = _(
        "The refund has changed meanwhile: it is now %(amount)s. Nothing was cancelled; please look again."
    )


class OutcomeNotKnownError(Refusal):
    """The call is not over, or it is still being found out what became of it."""

    code = ContestState.NOT_YET
    text = _("It is not known yet how this call went.")


class OutcomeDecidedError(Refusal):
    """Our team has decided, or the outcome is final."""

    code = ContestState.DECIDED
    text = _("How this call went has been decided: this cannot be changed any more.")


class OutcomeChangedError(Refusal):
    """The outcome, or what is left to give back, is not what the decision was about; nothing was decided."""

    code = "outcome_changed"
    text = _("This has changed since the page was shown. Please look again before you decide.")


class AlreadyContestedError(Refusal):
    """Each side contests once."""

    code = ContestState.MINE
    text = _("You have already told us that you do not agree. Our team looks into it.")


class ContestTooLateError(Refusal):
    """The time to contest is over."""

    code = ContestState.TOO_LATE
    text = _("The time to object is over.")


class ContestTextError(Refusal):
    """What went wrong must be said, in so many words as somebody can read."""

    code = "contest_text"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Please tell us what happened, in 10 to 2000 characters.")


CONTEST_REFUSALS: dict[ContestState, type[Refusal]] = {
    ContestState.NOT_YET: OutcomeNotKnownError,
    ContestState.DECIDED: OutcomeDecidedError,
    ContestState.MINE: AlreadyContestedError,
    ContestState.TOO_LATE: ContestTooLateError,
}
OBSTACLES: dict[Obstacle, type[Refusal]] = {
    Obstacle.TAKEN: OfferTakenError,
    Obstacle.CANCELLED: OfferCancelledError,
    Obstacle.PAST: OfferInPastError,
    Obstacle.CREATOR_NOT_PAYABLE: CreatorNotPayableError,
    Obstacle.RESERVED: OfferReservedError,
    Obstacle.OWN: OwnOfferError,
}

"""Why an offer cannot be saved or withdrawn: stable codes, translated texts, the field that each is about."""

from collections.abc import Mapping
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal
from callastar.offers.rules import MAX_MINUTES, MIN_MINUTES, OfferProblem


class OfferRefusal(Refusal):
    """Base of the refusals about offers; `field` names what must change."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = ""

    @property
    def field_errors(self) -> Mapping[str, list[str]]:
        """The text beside its field."""
        return {self.field: [self.detail]} if self.field else {}


class PriceTooLowError(OfferRefusal):
    """Below 1.00."""

    code = OfferProblem.PRICE_TOO_LOW.value
    field = "price"
    text = _("A call costs 1.00 at least.")


class PriceTooHighError(OfferRefusal):
    """More than one payment can be."""

    code = OfferProblem.PRICE_TOO_HIGH.value
    field = "price"
    text = _("This is more than one payment can be.")


class FeesExceedPriceError(OfferRefusal):
    """Nothing would be left for the creator."""

    code = OfferProblem.FEES_EXCEED_PRICE.value
    field = "price"
    text = _("The fees would eat up this price: nothing would be left for you. Please ask for more.")


class DurationError(OfferRefusal):
    """Not 5 to 180 minutes."""

    code = OfferProblem.DURATION.value
    field = "duration_minutes"
    text = _("A call lasts %(shortest)s to %(longest)s minutes.")

    def __init__(self) -> None:
        super().__init__(shortest=MIN_MINUTES, longest=MAX_MINUTES)


class OfferInPastError(OfferRefusal):
    """It would begin before now."""

    code = OfferProblem.IN_PAST.value
    field = "time"
    text = _("This time is over. Please choose one that is still to come.")


class OfferTooFarError(OfferRefusal):
    """More than a year ahead."""

    code = OfferProblem.TOO_FAR.value
    field = "day"
    text = _("Please choose a day within the next twelve months.")


class OfferOverlapsError(OfferRefusal):
    """The database holds another live offer of the creator at that time."""

    code = "offer_overlaps"
    status = HTTPStatus.CONFLICT
    field = "time"
    text = _("You already have a call at this time. Please choose another time or a shorter call.")


class OfferBookedError(OfferRefusal):
    """Somebody is paying for it, or has paid."""

    code = "offer_booked"
    status = HTTPStatus.CONFLICT
    text = _(
        "Somebody is paying for this call or has booked it: its price, time and duration stay as they were agreed."
    )


class OfferHeldError(OfferRefusal):
    """It cannot be withdrawn while somebody holds it."""

    code = "offer_held"
    status = HTTPStatus.CONFLICT
    text = _("Somebody is paying for this call or has booked it. To call it off, cancel the booking.")


class OfferOverError(OfferRefusal):
    """Cancelled, held or past."""

    code = "offer_over"
    status = HTTPStatus.CONFLICT
    text = _("This offer is over: it can no longer be changed.")


PROBLEMS: Mapping[OfferProblem, type[OfferRefusal]] = {
    OfferProblem.PRICE_TOO_LOW: PriceTooLowError,
    OfferProblem.PRICE_TOO_HIGH: PriceTooHighError,
    OfferProblem.FEES_EXCEED_PRICE: FeesExceedPriceError,
    OfferProblem.DURATION: DurationError,
    OfferProblem.IN_PAST: OfferInPastError,
    OfferProblem.TOO_FAR: OfferTooFarError,
}

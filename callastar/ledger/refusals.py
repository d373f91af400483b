"""Why an entry by hand is not posted."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class ReasonMissingError(Refusal):
    """What is posted by hand says why."""

    code = "reason_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Please say why: it is kept with the entry.")


class ReferenceMissingError(Refusal):
    """An adjustment names the movement at Stripe that it is for."""

    code = "reference_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Please give Stripe’s id of the movement.")


class NothingMovesError(Refusal):
    """An adjustment of nothing."""

    code = "nothing_moves"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("An adjustment moves an amount above or below zero.")


class AlreadyReversedError(Refusal):
    """The entry was taken back before."""

    code = "already_reversed"
    text = _("This entry has been taken back already.")


class AlreadyAdjustedError(Refusal):
    """The same movement at Stripe was booked before."""

    code = "already_adjusted"
    text = _("An adjustment for this id has been booked already.")

"""What notifications say of the outcome of a call, by what happened and whom they are for."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_SENTENCES = {
    "HELD": _("The call took place."),
    "FAN_NO_SHOW": _("The fan did not come."),
    "CREATOR_NO_SHOW": _("The creator did not come."),
    "NOBODY_CAME": _("Nobody came."),
    "TECHNICAL": _("A technical problem kept the two apart."),
    "UNKNOWN": _("It cannot be found out what happened."),
}


def outcome_sentence(code: str) -> Text:
    """What an admin decided that became of a call."""
    return _SENTENCES.get(code, _SENTENCES["UNKNOWN"])


_MISSED = _("You were not at your call with %(other_name)s")
_STOOD_UP = _("%(other_name)s did not come to your call")
_NOBODY = _("Nobody came to your call with %(other_name)s")
_TO_DECIDE = _("To be decided: the call of %(creator_name)s and %(other_name)s")

# what: title and message; `decided` names a code
OUTCOMES: dict[str, tuple[Text, Text]] = {
    "fan_no_show_fan": (
        _MISSED,
        _(
            "“%(offer_title)s”: %(other_name)s was there, so nothing goes back. If that is not right, tell us by"
            " %(until_at)s."
        ),
    ),
    "fan_no_show_creator": (
        _STOOD_UP,
        _("“%(offer_title)s”: you were there, so the call is paid to you all the same."),
    ),
    "creator_no_show_fan": (
        _STOOD_UP,
        _("“%(offer_title)s”: we are sorry. You get all of your money back; you need to do nothing."),
    ),
    "creator_no_show_creator": (
        _MISSED,
        _(
            "“%(offer_title)s”: %(other_name)s was there and gets everything back. If that is not right, tell us by"
            " %(until_at)s."
        ),
    ),
    "nobody_came_fan": (
        _NOBODY,
        _(
            "“%(offer_title)s”: you get all of your money back. If that is not right, tell us by %(until_at)s."
        ),
    ),
    "nobody_came_creator": (
        _NOBODY,
        _("“%(offer_title)s”: the fan gets everything back. If that is not right, tell us by %(until_at)s."),
    ),
    "technical": (
        _("Your call with %(other_name)s did not work out"),
        _(
            "“%(offer_title)s”: you could not talk, for technical reasons. Our team looks into it. Without a decision"
            " by %(refund_at)s, all of the money goes back to the fan."
        ),
    ),
    "unknown": (
        _("We could not see how your call with %(other_name)s went"),
        _("“%(offer_title)s”: our team looks into it and decides. You need to do nothing."),
    ),
    "contested": (
        _("%(other_name)s does not agree with how your call was recorded"),
        _("“%(offer_title)s”: our team looks into it. Nothing is paid out until it has decided."),
    ),
    "decided": (
        _("We have decided about your call with %(other_name)s"),
        _("“%(offer_title)s”: %(reason)s Our answer: %(answer)s"),
    ),
    "admin_technical": (
        _TO_DECIDE,
        _(
            "“%(offer_title)s”: they could not talk, for technical reasons. Without a decision, the fan is"
            " refunded after 72 hours."
        ),
    ),
    "admin_unknown": (
        _TO_DECIDE,
        _("“%(offer_title)s”: not enough is known of what happened. Its money waits for your decision."),
    ),
    "admin_contested": (
        _TO_DECIDE,
        _("“%(offer_title)s”: the outcome is contested. Nothing is paid out until you decide."),
    ),
}

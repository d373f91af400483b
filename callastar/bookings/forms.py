"""Forms of bookings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from callastar.bookings.rules import LONGEST_CONTEST, SHORTEST_CONTEST
from callastar.core.forms import TextField

MOST_WORDS = 300  # characters; as much as a refund's row keeps


class CancelForm(forms.Form):
    """Confirms what the page has shown: the refund in minor units, and why, if the person wants to say."""

    expected_refund = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = TextField(
        label=_("Why are you cancelling?"),
        help_text=_("Only our team reads this."),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ContestForm(forms.Form):
    """What happened, in the person's own words."""

    text = TextField(
        label=_("What happened?"),
        help_text=_(
            "When you came, what you saw and heard, what did not work. Our team reads it, nobody else."
        ),
        min_length=SHORTEST_CONTEST,
        max_length=LONGEST_CONTEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

"""Forms of payouts: how one wants to be paid."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callastar.core.money import Currency, Money
from callastar.payouts.models import Frequency, PayoutPolicy, Weekday
from callastar.payouts.operations.policy import PolicyChoice

LEAST, MOST = Decimal(1), Decimal(10_000)


class PolicyForm(forms.Form):
    """What a creator decides themselves; the minimum in major units of their currency."""

    frequency = forms.ChoiceField(
        label=_("How often?"),
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Payouts leave at 06:00 of your time zone. Those that you ask for, our team approves first."
        ),
    )
    weekday = forms.TypedChoiceField(
        label=_("On which day?"),
        choices=Weekday.choices,
        coerce=int,
        help_text=_("Counts if you are paid every week."),
    )
    minimum = forms.DecimalField(
        min_value=LEAST,
        max_value=MOST,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        help_text=_("Less than this waits for the next payout. From 1.00 to 10,000.00."),
    )
    is_paused = forms.BooleanField(
        label=_("Pause my payouts"),
        required=False,
        help_text=_("Your earnings stay in your Stripe account until you go on, or ask for a payout."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = Currency(currency)
        self.fields["minimum"].label = _("Smallest payout in %(currency)s") % {"currency": currency}

    def choice(self) -> PolicyChoice:
        """What was chosen."""
        said = self.cleaned_data
        return PolicyChoice(
            frequency=Frequency(said["frequency"]),
            weekday=Weekday(said["weekday"]),
            is_paused=said["is_paused"],
            minimum=Money.from_major(said["minimum"], self.currency).minor,
        )


def policy_initial(policy: PayoutPolicy, currency: str) -> dict[str, Any]:
    """What the form shows of a policy."""
    return {
        "frequency": policy.frequency,
        "weekday": policy.weekday,
        "minimum": Money(policy.minimum, Currency(currency)).major,
        "is_paused": policy.is_paused,
    }

"""What an admin fills in. Amounts are typed in major units and read as minor ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callastar.backoffice.evidence import FIELDS
from callastar.bookings.models import Outcome
from callastar.bookings.operations.decide import LONGEST_REASON
from callastar.core.forms import TextField
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.payouts.models import BlockReason


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


# As people type amounts: a decimal comma, unbroken spaces, a real minus.
_TYPED = str.maketrans({",": ".", "\u00a0": None, "\u202f": None, "\u2212": "-"})


class AmountField(forms.DecimalField):
    """An amount in major units; both decimal signs are understood, the value is in minor units."""

    def __init__(self, *, is_signed: bool = False, may_be_zero: bool = False, **kwargs: Any) -> None:
        least = None if is_signed else Decimal(0) if may_be_zero else Decimal("0.01")
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(min_value=least, max_digits=9, decimal_places=2, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.translate(_TYPED) if value else value)

    def prepare_value(self, value: Any) -> Any:
        """Minor units of the page's initial value as a person types them."""
        return Money(value, Currency.EUR).major if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        return Money.from_major(super().clean(value), Currency.EUR).minor


class ReasonForm(forms.Form):
    """Why something is refused."""

    reason = TextField(label=_("Reason, told to the creator"), max_length=300, widget=_long(3))


class ApproveForm(forms.Form):
    """Yes, to the amount that was shown."""

    expected = forms.IntegerField(widget=forms.HiddenInput)


class RefundForm(forms.Form):
    """How much goes back to the fan, and why."""

    amount = AmountField(label=_("Amount"))
    reason = TextField(label=_("Reason, kept with the refund"), max_length=300, widget=_long(3))
    left = forms.IntegerField(widget=forms.HiddenInput)


class RoomForm(forms.Form):
    """Yes, to another room in the place of the one that was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class OutcomeForm(forms.Form):
    """What became of a call, what its fan gets back, and why.

    `seen` and `left` are the outcome, and what could be given back (minor units), that the admin was shown.
    """

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(one.value, one.label) for one in Outcome if one is not Outcome.UNKNOWN],
    )
    refund = AmountField(label=_("Given back to the fan"), may_be_zero=True)
    reason = TextField(label=_("Reason, told to fan and creator"), max_length=LONGEST_REASON, widget=_long(4))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    left = forms.IntegerField(widget=forms.HiddenInput)


class SettleForm(forms.Form):
    """How much of a debt came back otherwise, and how."""

    amount = AmountField(label=_("Amount"))
    note = TextField(label=_("Note, kept with the debt"), max_length=300, widget=_long(3))
    forgiven = forms.BooleanField(
        label=_("Forgiven: nothing was paid"),
        required=False,
        help_text=_("What was forgiven is not given back when the dispute behind it is won."),
    )
    remaining = forms.IntegerField(widget=forms.HiddenInput)


class CorrectionForm(forms.Form):
    """Why an entry of the journal is taken back."""

    reason = TextField(label=_("Reason, kept with the entry"), max_length=200, widget=_long(3))


class AdjustmentForm(forms.Form):
    """What moved at Stripe by hand: how much, on whose balance, and why."""

    reference = forms.RegexField(
        r"^[a-z]{2,}_[A-Za-z0-9_]+$",
        label=_("Stripe’s id of the movement"),
        max_length=64,
        help_text=_("As in txn_… or po_…: it is booked once."),
    )
    amount = AmountField(
        label=_("Amount"), is_signed=True, help_text=_("Above zero what came in, below what left.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(one.value, one.value) for one in Currency])
    creator = forms.CharField(
        label=_("Creator"),
        required=False,
        max_length=60,
        help_text=_("The name of their page, if it moved on their balance. Empty: the platform’s."),
    )
    reason = TextField(label=_("Reason, kept with the entry"), max_length=200, widget=_long(3))

    def clean_creator(self) -> Creator | None:
        """Whose balance; None for the platform's."""
        slug = self.cleaned_data["creator"]
        creator = Creator.objects.select_related("user").filter(slug=slug).first() if slug else None
        if slug and creator is None:
            raise forms.ValidationError(_("There is no creator with this page."))
        return creator


class BlockForm(forms.Form):
    """Why a creator's payouts are held."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in BlockReason if reason != BlockReason.FAILURES],
    )
    note = TextField(label=_("Note, told to the creator"), max_length=300, required=False, widget=_long(3))


class EvidenceForm(forms.Form):
    """What the bank is told about a disputed payment, by Stripe's names of its parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in FIELDS:
            widget = forms.TextInput() if part.rows == 1 else _long(part.rows)
            self.fields[part.name] = TextField(
                label=part.label, max_length=part.most, required=False, widget=widget
            )

    @property
    def evidence(self) -> dict[str, str]:
        """What was filled in."""
        return {name: text for name, text in self.cleaned_data.items() if text}


class PeriodForm(forms.Form):
    """Days of an export, both included, in the viewer's time zone."""

    since = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_until(self) -> date:
        """A period does not end before it begins."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data["until"]
        if since and until < since:
            raise forms.ValidationError(_("The last day is before the first one."))
        return until

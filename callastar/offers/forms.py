"""Forms of offers: finding creators, and a creator's slot."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from callastar.core.forms import TextField
from callastar.core.money import MINOR_PER_MAJOR
from callastar.creators.models import Category
from callastar.offers.browse import Sort, Wishes
from callastar.offers.models import CallOffer
from callastar.offers.operations import OfferData
from callastar.offers.rules import (
    MAX_MINUTES,
    MIN_MINUTES,
    LocalTimeError,
    LocalTimeProblem,
    moment_of,
)

LOCAL_TIME_TEXTS = {
    LocalTimeProblem.NONEXISTENT: _(
        "This time does not exist that day: the clocks go forward over it. Please choose another one."
    ),
    LocalTimeProblem.AMBIGUOUS: _(
        "This time exists twice that day: the clocks go back over it. Please choose another one."
    ),
}


def _price_field(label: Any, **attributes: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal", **attributes})
    return forms.DecimalField(label=label, max_digits=8, decimal_places=2, widget=widget)


class BrowseForm(forms.Form):
    """What a fan looks for; what makes no sense is left out rather than refused."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or subject")}),
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("All categories")), *Category.choices]
    )
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    price_min = _price_field(_("Price from"), min="0")
    price_max = _price_field(_("Price to"), min="0")
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            (Sort.SOONEST.value, _("Soonest free time")),
            (Sort.PRICE.value, _("Price")),
            (Sort.RATING.value, _("Rating")),
            (Sort.NEWEST.value, _("Newest")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("price_min", "price_max"):
            self.fields[name].required = False

    @property
    def is_narrow(self) -> bool:
        """Whether more than words was asked for: the filters are shown open then."""
        return any(self.data.get(name) for name in self.fields if name != "q")

    def wishes(self) -> Wishes:
        """What was understood."""
        self.is_valid()
        said = self.cleaned_data
        return Wishes(
            text=said.get("q", ""),
            category=said.get("category", ""),
            price_min=_minor(said.get("price_min")),
            price_max=_minor(said.get("price_max")),
            day=said.get("day"),
            sort=Sort(said.get("sort") or Sort.SOONEST),
        )


def _minor(price: Decimal | None) -> int | None:
    return None if price is None else int(price * MINOR_PER_MAJOR)


class OfferForm(forms.Form):
    """One slot, its time as clocks show it in the creator's zone."""

    title = TextField(
        label=_("Title"), max_length=120, help_text=_("What the call is about, in a few words.")
    )
    description = TextField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    duration_minutes = forms.IntegerField(
        label=_("Duration in minutes"),
        min_value=MIN_MINUTES,
        max_value=MAX_MINUTES,
        widget=forms.NumberInput(attrs={"step": "5", "inputmode": "numeric"}),
    )
    price = _price_field(_("Price"), min="1")

    def __init__(self, *args: Any, zone: ZoneInfo, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["price"].label = _("Price in %(currency)s") % {"currency": currency}

    def clean(self) -> dict[str, Any]:
        """Make one moment of day and time; what the clocks skip or repeat is reported at the time."""
        values = super().clean() or self.cleaned_data
        if "day" in values and "time" in values:
            try:
                values["starts_at"] = moment_of(datetime.combine(values["day"], values["time"]), self.zone)
            except LocalTimeError as error:
                self.add_error("time", LOCAL_TIME_TEXTS[error.problem])
        return values

    def offer(self) -> OfferData:
        """What was entered, as the operations take it."""
        values = self.cleaned_data
        names = ("title", "description", "starts_at", "duration_minutes")
        return OfferData(
            price=int(values["price"] * MINOR_PER_MAJOR), **{name: values[name] for name in names}
        )


def offer_initial(offer: CallOffer, zone: ZoneInfo) -> dict[str, Any]:
    """What the form of an existing slot starts with."""
    starts_at = offer.starts_at.astimezone(zone)
    return {
        "title": offer.title,
        "description": offer.description,
        "day": starts_at.date(),
        "time": starts_at.time(),
        "duration_minutes": offer.duration_minutes,
        "price": offer.amount.major,
    }


def new_offer_initial(day: date | None = None) -> dict[str, Any]:
    """What the form of a new slot starts with."""
    return {"day": day, "duration_minutes": 20}

"""Forms of a creator's mails: their words and colour, and what of them is to be looked at."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from callastar.core.forms import TextField
from callastar.creators.mail_preview import Sample
from callastar.creators.models import MailStyle
from callastar.creators.operations import StyleData
from callastar.creators.queries import STYLE_TEXTS
from callastar.mail.colours import PLATFORM_ACCENT, is_colour
from callastar.mail.own_words import OF_A_CALL, PEOPLE, Placeholder, tidied, unknown_piece

STYLE_FORM = "mail-style"  # its id in the page
MEANINGS = {
    Placeholder.FAN_NAME: _("your fan’s name"),
    Placeholder.CREATOR_NAME: _("your name"),
    Placeholder.CALL_TITLE: _("the title of the call"),
    Placeholder.DATE: _("the day, in your fan’s language"),
    Placeholder.TIME: _("the time, in your fan’s time zone, which it names"),
    Placeholder.DURATION: _("how long the call is"),
}


def _select() -> forms.Select:
    return forms.Select(attrs={"form": STYLE_FORM})


class WordsField(TextField):
    """A plain text with placeholders."""

    def __init__(self, *, allowed: Collection[Placeholder], rows: int, **kwargs: Any) -> None:
        self.allowed = allowed
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return tidied(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if piece := unknown_piece(value, self.allowed):
            raise ValidationError(
                _("%(piece)s cannot be filled in here. Between braces there can be: %(known)s."),
                code="unknown_placeholder",
                params={"piece": piece, "known": ", ".join(f"{{{name}}}" for name in self.allowed)},
            )


class MailStyleForm(forms.Form):
    """A creator's own words and colour in the mails to their fans."""

    accent = forms.CharField(
        label=_("Your colour"),
        help_text=_(
            "For the line below the heading, the button and the links. We keep them readable, also in the dark."
        ),
        widget=forms.TextInput(attrs={"type": "color"}),
        required=False,
    )
    welcome = WordsField(
        label=_("Your welcome sentence"),
        allowed=PEOPLE,
        rows=2,
        max_length=MailStyle.LONGEST_LINE,
        help_text=_("At the top of the mails about your fans’ bookings, those about a cancelled call too."),
    )
    confirmation_text = WordsField(
        label=_("Your text when a call is booked"),
        allowed=OF_A_CALL,
        rows=5,
        max_length=MailStyle.LONGEST_TEXT,
        help_text=_("Beside date, price and link, which the mail says by itself."),
    )
    reminder_text = WordsField(
        label=_("Your text before a call"),
        allowed=OF_A_CALL,
        rows=5,
        max_length=MailStyle.LONGEST_TEXT,
        help_text=_("In the reminders, a day and 15 minutes before."),
    )
    signature = WordsField(
        label=_("Your signature"),
        allowed=PEOPLE,
        rows=2,
        max_length=MailStyle.LONGEST_LINE,
        help_text=_("In the place of ours, at the end of the same mails."),
    )

    def clean_accent(self) -> str:
        accent = self.cleaned_data["accent"].lower()
        if accent and not is_colour(accent):
            raise ValidationError(_("Choose a colour, such as #f5c049."), code="not_a_colour")
        return str(accent)

    def style(self) -> StyleData:
        """What was entered, as the operations take it."""
        return StyleData(**{name: self.cleaned_data[name] for name in STYLE_TEXTS})

    def draft(self) -> MailStyle:
        """What is being written, to be looked at: with a mistake in it, as it was typed."""
        typed = {name: tidied(self.data.get(name, ""))[: MailStyle.LONGEST_TEXT] for name in STYLE_TEXTS}
        return MailStyle(**(asdict(self.style()) if self.is_valid() else typed))


class PreviewForm(forms.Form):
    """Which mail is looked at, in which language, in light or in dark; sent along with what is being written."""

    mail = forms.ChoiceField(
        label=_("Mail"),
        choices=[
            (Sample.CONFIRMATION.value, _("Booking confirmed")),
            (Sample.REMINDER.value, _("Reminder the day before")),
            (Sample.CANCELLATION.value, _("Booking cancelled")),
        ],
        widget=_select(),
    )
    language = forms.ChoiceField(label=_("Your fan’s language"), choices=settings.LANGUAGES, widget=_select())
    ground = forms.ChoiceField(
        label=_("Appearance"), choices=[("light", _("Light")), ("dark", _("Dark"))], widget=_select()
    )


def style_initial(style: MailStyle | None) -> dict[str, str]:
    """What a creator's form starts with."""
    values = {name: getattr(style, name) for name in STYLE_TEXTS} if style else {}
    return {**values, "accent": values.get("accent") or PLATFORM_ACCENT}

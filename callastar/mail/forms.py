"""The form by which somebody chooses what they get by email."""

from collections.abc import Mapping
from typing import Any

from django import forms

from callastar.mail.kinds import Kind

_BETWEEN = ","


class ChoicesForm(forms.Form):
    """A switch for each kind.

    Browsers do not send what is switched off, so the form says which switches there were: a kind that was not among
    them stays as it is.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, choices: Mapping[Kind, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = list(choices)
        self.fields["shown"].initial = _BETWEEN.join(self.kinds)
        self.fields.update({kind.value: _switch(kind, wanted) for kind, wanted in choices.items()})

    def wanted(self) -> dict[Kind, bool]:
        """What was chosen, of the kinds that were shown."""
        shown = self.cleaned_data["shown"].split(_BETWEEN)
        return {kind: self.cleaned_data[kind.value] for kind in self.kinds if kind in shown}


def _switch(kind: Kind, wanted: bool) -> forms.BooleanField:
    return forms.BooleanField(
        label=kind.label,
        help_text=str(kind.explanation),
        required=False,
        initial=wanted,
        widget=forms.CheckboxInput(attrs={"role": "switch"}),
    )

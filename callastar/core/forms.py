"""What forms share: fields for what people write, and refusals beside the field they are about, else above the form."""

from typing import Any

from django import forms

from callastar.core.errors import Refusal
from callastar.core.storable import is_storable, legible


class TextField(forms.CharField):
    """What a person writes, without characters that nobody sees; what cannot be kept is refused, not left out."""

    def to_python(self, value: Any) -> str | None:
        can_be_kept = isinstance(value, str) and is_storable(value)
        return super().to_python(legible(value) if can_be_kept else value)


def add_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show a refusal where the person can mend it."""
    about = {name: errors for name, errors in refusal.field_errors.items() if name in form.fields}
    for name, errors in about.items():
        for error in errors:
            form.add_error(name, error)
    if not about:
        form.add_error(None, refusal.detail)

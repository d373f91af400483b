"""Forms of the accounts."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from callastar.accounts.models import Locale, User
from callastar.core.forms import TextField
from callastar.core.timezones import known_zones

NAME_LENGTH = 80


class TimeZoneField(forms.TypedChoiceField):
    """A choice among the IANA zones."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(choices=_zone_choices, **kwargs)


def _zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in known_zones()]


class SignupForm(allauth_forms.SignupForm):
    """Email, name, password and time zone; the language is the page's."""

    name = TextField(
        label=_("Your name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    timezone = TimeZoneField(
        help_text=_("Times are shown in this time zone."),
        widget=forms.Select(attrs={"data-fill-timezone": ""}),
    )
    field_order = ["name", "email", "password1", "timezone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["timezone"] = timezone.get_current_timezone_name()

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Save; of two sign-ups with one address at the same moment the second is told what a later one would be."""
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep what was asked beside email and password."""
        user.name = self.cleaned_data["name"]
        user.timezone = self.cleaned_data["timezone"]
        user.locale = _page_locale()
        user.save(update_fields=["name", "timezone", "locale"])


def _page_locale() -> Locale:
    return Locale.EN if (get_language() or "").startswith("en") else Locale.FR


class ProfileForm(forms.ModelForm):
    """Name, time zone and language of an account."""

    name = TextField(
        label=_("Your name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    timezone = TimeZoneField(help_text=_("All times are shown in this time zone, and mails use it too."))
    locale = forms.ChoiceField(
        label=_("Language"),
        choices=[(Locale.FR, "Français"), (Locale.EN, "English")],
        help_text=_("The language of the site and of your mails."),
    )

    class Meta:
        model = User
        fields = ("name", "timezone", "locale")


class AddKeyForm(AddWebAuthnForm):
    """A passkey or security key, in words that say what one gets."""

    name = TextField(
        label=_("Name of the key"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=_("To tell your keys apart."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        help_text=_(
            "No address and no password to type. Without this, it is asked for after your password; older security"
            " keys can only do that."
        ),
    )
    field_order = ["name", "passwordless"]


class RenameKeyForm(EditWebAuthnForm):
    """Another name for a key."""

    name = TextField(label=_("Name of the key"), max_length=NAME_LENGTH)

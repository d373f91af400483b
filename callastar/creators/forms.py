"""Forms of creators: the public face, and country and currency of the account."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from callastar.core.forms import TextField
from callastar.core.money import Currency
from callastar.creators.countries import USUAL_CURRENCY, country_choices
from callastar.creators.images import BANNER, MEDIA_TYPES, PORTRAIT, NotAnImageError, Size, reencode
from callastar.creators.models import Category, Creator
from callastar.creators.operations import ProfileData
from callastar.creators.rules import LinkProblem, Network, is_slug, link_problem

LINK_FIELDS = {network: f"link_{network.value}" for network in Network}
LINK_TEXTS = {
    LinkProblem.NOT_A_WEB_ADDRESS: _("Enter a web address, such as https://www.instagram.com/you."),
    LinkProblem.NOT_HTTPS: _("Enter an address that begins with https://."),
    LinkProblem.OTHER_HOST: _("This is not an address of that network."),
}


class ImageUploadField(forms.FileField):
    """An upload that is re-encoded while it is checked; its value is the new image, or None."""

    def __init__(self, *, size: Size, **kwargs: Any) -> None:
        self.size = size
        widget = forms.FileInput(attrs={"accept": ",".join(MEDIA_TYPES)})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> "ContentFile[bytes] | None":
        upload = super().clean(data, None)
        if not isinstance(upload, UploadedFile):
            return None
        try:
            return reencode(cast(Any, upload), self.size)
        except NotAnImageError as error:
            raise ValidationError(
                _("Choose a JPEG, PNG or WebP picture of at most 8 MB."), code="not_an_image"
            ) from error


class LinkField(forms.CharField):
    """A link to a creator's page on one network."""

    def __init__(self, *, network: Network, label: Any) -> None:
        self.network = network
        widget = forms.URLInput(attrs={"placeholder": "https://"})
        super().__init__(required=False, max_length=200, label=label, widget=widget)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (problem := link_problem(self.network, value)):
            raise ValidationError(LINK_TEXTS[problem], code=problem.value)


class ProfileForm(forms.Form):
    """A creator's public face."""

    slug = forms.CharField(
        label=_("Address of your page"),
        max_length=60,
        help_text=_("Small letters, digits and hyphens. Fans find you at /creators/<b>your-address</b>."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    expertise = TextField(
        label=_("What you are known for"),
        max_length=120,
        required=False,
        help_text=_("A few words, such as “jazz singer and voice coach”."),
    )
    bio = TextField(
        label=_("About you"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What fans can talk about with you."),
    )
    profile_image = ImageUploadField(
        label=_("Portrait"), size=PORTRAIT, help_text=_("JPEG, PNG or WebP, at most 8 MB.")
    )
    banner_image = ImageUploadField(
        label=_("Banner"), size=BANNER, help_text=_("A wide picture for the top of your page.")
    )
    link_instagram = LinkField(network=Network.INSTAGRAM, label="Instagram")
    link_tiktok = LinkField(network=Network.TIKTOK, label="TikTok")
    link_x = LinkField(network=Network.X, label="X (Twitter)")
    link_other = LinkField(network=Network.OTHER, label=_("Another website"))

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip().lower()
        if not is_slug(slug):
            raise ValidationError(
                _("Use 3 to 60 small letters, digits and single hyphens."), code="slug_not_possible"
            )
        return slug

    def profile(self) -> ProfileData:
        """What was entered, as the operations take it."""
        values = self.cleaned_data
        links = {network.value: values[name] for network, name in LINK_FIELDS.items() if values[name]}
        names = ("slug", "category", "expertise", "bio", "profile_image", "banner_image")
        return ProfileData(social_links=links, **{name: values[name] for name in names})


class TermsForm(forms.Form):
    """Where the creator lives and what they charge in; fixed once the account at Stripe exists."""

    country = forms.ChoiceField(label=_("Country"), help_text=_("Where you live and have your bank account."))
    currency = forms.ChoiceField(
        label=_("Currency of your prices"), choices=[(c.value, c.value) for c in Currency]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices()

    def terms(self) -> dict[str, str]:
        """Country and currency, as the operations take them."""
        return {name: self.cleaned_data[name] for name in ("country", "currency")}


class BecomeForm(TermsForm, ProfileForm):
    """All that is asked of somebody who becomes a creator."""

    field_order = ["slug", "category", "expertise", "bio", "country", "currency"]


class EditForm(ProfileForm):
    """The profile of a creator whose account exists."""


class EditWithTermsForm(BecomeForm):
    """The profile of a creator who has not been to Stripe yet: country and currency may still change."""


def become_initial(name: str) -> dict[str, Any]:
    """A proposal for somebody who becomes a creator."""
    return {"slug": slugify(name)[:60], "country": "FR", "currency": USUAL_CURRENCY["FR"].value}


def profile_initial(creator: Creator) -> dict[str, Any]:
    """What a creator's form starts with."""
    links = {LINK_FIELDS[Network(name)]: url for name, url in creator.social_links.items()}
    names = ("slug", "category", "expertise", "bio", "currency")
    return {**{name: getattr(creator, name) for name in names}, "country": creator.stripe_country, **links}

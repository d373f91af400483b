"""A creator's own words and colour in the mails of their calls, with a look at what fans will get."""

from typing import Any, cast

from csp.decorators import csp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from callastar.core import clock
from callastar.creators.access import for_creators
from callastar.creators.mail_preview import Sample, sample_mail
from callastar.creators.mail_style_forms import MEANINGS, MailStyleForm, PreviewForm, style_initial
from callastar.creators.models import Creator, MailStyle
from callastar.creators.operations import set_mail_style
from callastar.creators.queries import style_values
from callastar.mail.frames import IN_A_FRAME, framed


@for_creators
@require_http_methods(["GET", "POST"])
def edit_mail_style(request: HttpRequest, creator: Creator) -> HttpResponse:
    """The form, and beside it a mail as it would be."""
    form = MailStyleForm(request.POST or None, initial=style_initial(_saved(creator)))
    if not form.is_valid():
        return _page(request, form)
    set_mail_style(creator=creator, style=form.style(), now=clock.now())
    messages.success(request, gettext("Your mails are saved."))
    return redirect("creators:mail_style")


def _page(request: HttpRequest, form: MailStyleForm) -> HttpResponse:
    looked_at = PreviewForm(initial={"language": get_language(), **request.POST.dict()})
    context = {"form": form, "preview": looked_at, "placeholders": MEANINGS.items()}
    return render(request, "creators/mail_style.html", context, status=422 if form.is_bound else 200)


@never_cache
@xframe_options_sameorigin
@for_creators
@require_http_methods(["GET", "POST"])
def _mail_preview(request: HttpRequest, creator: Creator) -> HttpResponse:
    """A mail as the page's frame shows it: with what was posted, else with what is saved."""
    wanted = PreviewForm(request.POST or request.GET)
    chosen = wanted.cleaned_data if wanted.is_valid() else {}
    style = MailStyleForm(request.POST).draft() if request.POST else _saved(creator)
    email = sample_mail(
        creator=creator,
        style=style_values(style, creator_name=creator.user.name) if style else None,
        sample=Sample(chosen.get("mail", Sample.CONFIRMATION)),
        locale=chosen.get("language", get_language()),
        now=clock.now(),
    )
    return HttpResponse(framed(email.html, dark=chosen.get("ground") == "dark"))


# The library's types know views without arguments only.
mail_preview = cast(Any, csp(IN_A_FRAME))(_mail_preview)


def _saved(creator: Creator) -> MailStyle | None:
    return MailStyle.objects.filter(creator=creator).first()

"""The recordings of a call: a link at the click, and deletion."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from callastar.accounts.people import person
from callastar.bookings.operations import recording as operations
from callastar.bookings.refusals import BookingNotFoundError
from callastar.calls.refusals import RecordingNotFoundError, RecordingUnavailableError
from callastar.core import clock


@never_cache
@login_required
@require_safe
def recording(request: HttpRequest, booking_id: UUID, recording_id: UUID) -> HttpResponse:
    """To the file, at an address that is made now and good for minutes; 404 for everybody but the call's two people."""
    try:
        link = operations.recording_link(
            booking_id=booking_id, recording_id=recording_id, person=person(request), now=clock.now()
        )
    except (BookingNotFoundError, RecordingNotFoundError) as error:
        raise Http404 from error
    except RecordingUnavailableError as refusal:
        messages.error(request, refusal.detail)
        return redirect("bookings:detail", booking_id)
    response = HttpResponseRedirect(link)
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_required
@require_POST
def delete(request: HttpRequest, booking_id: UUID, recording_id: UUID) -> HttpResponse:
    """Delete it, for both."""
    try:
        operations.delete_recording(
            booking_id=booking_id, recording_id=recording_id, person=person(request), now=clock.now()
        )
    except (BookingNotFoundError, RecordingNotFoundError) as error:
        raise Http404 from error
    messages.success(request, gettext("The recording is being deleted. Nobody can fetch it any more."))
    return redirect("bookings:detail", booking_id)

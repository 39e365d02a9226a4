"""Letters, with the address of this site in them; and the switch for them."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from indicators import mail
from indicators.models import Record
from indicators.views.access import user_of


@require_POST
def mail_wish(request: HttpRequest) -> HttpResponse:
    """Switch one's own letters on or off."""
    is_wanted = request.POST.get("wanted") == "yes"
    mail.set_wanted(user_of(request), is_wanted=is_wanted)
    said = _("You get mail when something waits.") if is_wanted else _("You get no such mail.")
    messages.success(request, said)
    return redirect("my_work")


def tell_reviewers(request: HttpRequest) -> None:
    """Say to those who may approve that something waits; called when it is written."""
    by = user_of(request)
    mail.remember_language(by, get_language() or "")
    mail.tell_reviewers(by=by, at=timezone.now(), absolute=request.build_absolute_uri)


def tell_authors(request: HttpRequest, returned: Iterable[Record]) -> None:
    """Say to those who entered the records that they came back; called when it is written."""
    by = user_of(request)
    mail.remember_language(by, get_language() or "")
    authors = {record.entered_by_id for record in returned}
    mail.tell_authors(authors, by=by, at=timezone.now(), absolute=request.build_absolute_uri)

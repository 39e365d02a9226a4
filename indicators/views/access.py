"""The one door to a record: who may not see it learns nothing of it."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from indicators.permissions import visible_records
from indicators.values import with_words
from strategy.models import User
from strategy.vocabulary import RecordKind


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the access policy lets nobody else here."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The record with all that its values name, or the same answer as for one that is not there."""
    records = with_words(visible_records(user_of(request), kind), kind)
    record = records.filter(reference=reference).first()
    if record is None:
        raise Http404(
            _("There is no record “%(reference)s” that you may see.") % {"reference": reference}
        )
    return record

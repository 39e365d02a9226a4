"""The one door to a record: who may not see it learns nothing of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from indicators.permissions import deleted_records, visible_records
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
    return _one_or_404(with_words(visible_records(user_of(request), kind), kind), reference)


def deleted_record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The deleted record that the person might have seen."""
    return _one_or_404(deleted_records(user_of(request), kind), reference)


def _one_or_404(records: QuerySet[Any], reference: str) -> Any:
    record = records.filter(reference=reference).first()
    if record is None:
        raise Http404(
            _("There is no record “%(reference)s” that you may see.") % {"reference": reference}
        )
    return record

"""The one door to a record: who may not see it learns nothing of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from indicators.permissions import deleted_records, visible_records
from indicators.values import with_words
from indicators.views.typed import token_in
from strategy.choices import RecordKind
from strategy.models import User


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the access policy lets nobody else here."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def record_or_404(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The record with all that its values name, or the same answer as for one that is not there."""
    return _one_or_404(with_words(visible_records(user_of(request), kind), kind), reference)


def record_to_edit(request: HttpRequest, kind: RecordKind, reference: str) -> Any:
    """The record of a form, even when its reference was changed or it was deleted meanwhile."""
    token, user = token_in(request), user_of(request)
    if token:
        for records in (visible_records(user, kind), deleted_records(user, kind)):
            found = with_words(records, kind).filter(creation_token=token).first()
            if found is not None:
                return found
    return record_or_404(request, kind, reference)


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

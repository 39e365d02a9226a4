"""What somebody typed in the form of a record, for the pages that say that it was not saved."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from indicators import keeping
from indicators.screens import SCREENS
from indicators.typed_answers import typed_answers
from strategy.choices import RecordKind
from strategy.models import User


def typed_on(request: HttpRequest, kind: RecordKind) -> dict[str, Any]:
    """What the form sent, or what is kept of one and asked for: ``typed``, and names of ``files``.

    It is the person's own: nothing is read of any record.
    """
    answers = answers_in(request, kind) if request.method == "POST" else _kept(request, kind)
    files = [file.name for file in request.FILES.getlist("new_files")]
    return {"typed": typed_answers(kind, answers), "files": files}


def answers_in(request: HttpRequest, kind: RecordKind) -> keeping.Answers:
    """The answers that a form sent; files are none."""
    asked = SCREENS[kind].form.base_fields
    fields = [name for name in asked if not name.endswith("_files")]
    return keeping.answers_of(request.POST, fields)


def token_in(request: HttpRequest) -> uuid.UUID | None:
    """The name that every form has of its own: sent with it, or asked for to go on with it."""
    try:
        return uuid.UUID(request.POST.get("creation_token") or request.GET.get("kept", ""))
    except ValueError:
        return None


def _kept(request: HttpRequest, kind: RecordKind) -> keeping.Answers:
    token = token_in(request)
    if token is None or not isinstance(request.user, User):
        return {}
    kept = keeping.kept_of(request.user, timezone.now(), kind=kind, token=token)
    return kept[0].answers if kept else {}

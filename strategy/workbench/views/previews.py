"""A change of a plan that can move figures: a preview first, then a reason, then saved whole."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from strategy.models import Plan, User
from strategy.plan.change_texts import describe_details
from strategy.plan.effects import FigureEffect, Figures, find_figure_effects, read_figures
from strategy.plan.figure_data import FigureDataChange, read_figure_data, save_change
from strategy.text import normalize_text
from strategy.workbench.fields import check_text

REASON, PREVIEWED = "figure_reason", "figure_previewed"
"""The names of the two inputs of the preview, which is sent with the form's own."""

SEEN = "seen_state"
"""The input with the state of the row that the form was filled with."""


@dataclass(frozen=True)
class SaveAttempt:
    """A saved form: its response, its change, and whether it was rolled back.

    ``figures`` are those after the change; ``problem`` says why they cannot be computed.
    """

    response: HttpResponse
    change: FigureDataChange
    is_saved: bool
    figures: Figures = field(default_factory=dict)
    problem: str = ""

    def find_effects(self) -> list[FigureEffect]:
        if self.problem:
            return []
        return find_figure_effects(read_figures(timezone.localdate()), self.figures)


def save_if_previewed(request: HttpRequest, save: Callable[[], HttpResponse]) -> SaveAttempt:
    """Save; roll back what can move figures and was not sent from its preview with a reason."""
    with transaction.atomic():
        # Lock the plans: the difference below must be that of this form alone.
        list(Plan.including_drafts.select_for_update().order_by("pk").values_list("pk"))
        before = read_figure_data()
        response = save()
        change = FigureDataChange(before, read_figure_data())
        if not change.details:
            return SaveAttempt(response, change, is_saved=True)
        figures, problem = _try_figures()
        if _is_previewed(request, change) and not (problem or find_reason_error(request)):
            by = get_signed_in(request)
            save_change(change, reason=read_reason(request), by=by, at=timezone.now())
            return SaveAttempt(response, change, is_saved=True)
        transaction.set_rollback(True)
    return SaveAttempt(response, change, False, figures, problem)


def build_preview(request: HttpRequest, attempt: SaveAttempt) -> Mapping[str, object]:
    """Return the context of the preview of an attempt that was rolled back."""
    own = ("csrfmiddlewaretoken", REASON, PREVIEWED)
    answers = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in own
        for value in values
    ]
    return {
        "answers": answers,
        "details": describe_details(attempt.change.details),
        "effects": attempt.find_effects(),
        "problem": attempt.problem,
        "reason": read_reason(request),
        "reason_error": find_reason_error(request) if REASON in request.POST else "",
        "is_outdated": REASON in request.POST and not _is_previewed(request, attempt.change),
        "token": _make_token(attempt.change),
    }


def get_signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def read_reason(request: HttpRequest) -> str:
    return normalize_text(request.POST.get(REASON, "")).strip()


def find_reason_error(request: HttpRequest) -> str:
    """Return why the reason cannot be stored; empty when it can."""
    reason = read_reason(request)
    if not reason:
        return _("Write the reason.")
    return check_text(reason)


def digest_row(row: models.Model) -> str:
    """Return a digest of the row as stored; empty for a row that is not stored."""
    stored = type(row)._base_manager.filter(pk=row.pk)
    return hashlib.sha256(serializers.serialize("json", stored).encode()).hexdigest()


def _try_figures() -> tuple[Figures, str]:
    """Return the figures, or why the plan as it is now allows none."""
    try:
        return read_figures(timezone.localdate()), ""
    except ValidationError as error:
        return {}, " ".join(error.messages)


def _is_previewed(request: HttpRequest, change: FigureDataChange) -> bool:
    return request.POST.get(PREVIEWED) == _make_token(change)


def _make_token(change: FigureDataChange) -> str:
    """Return the digest of a change, to compare with the change that the preview showed."""
    return hashlib.sha256(json.dumps(change.details).encode()).hexdigest()

"""Publishing a draft, and taking a plan back that nothing depends on."""

from collections.abc import Iterator

from django.db import models, transaction
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from strategy.models import Keyed, Plan
from strategy.plan.validation import PARTS, PlanContents, PlanProblem, validate_plan
from strategy.text import join_plain


class PlanNotReady(Exception):
    """The plan stays as it is; ``str(error)`` is shown to the user."""


def publish_plan(plan: Plan) -> list[PlanProblem]:
    """Publish a draft; return the problems that prevent it, without its warnings."""
    with transaction.atomic():
        # Lock the plan: what is checked must be what is published.
        draft = Plan.including_drafts.select_for_update().get(pk=plan.pk)
        problems = [problem for problem in validate_plan(draft) if not problem.is_warning]
        if draft.follows and draft.follows.is_draft:
            problems.append(PlanProblem(draft, _("It follows a draft. Publish that plan first.")))
        if not problems:
            draft.is_draft = False
            draft.save()
    return problems


def unpublish_plan(plan: Plan) -> None:
    """Make a plan a draft again; raise PlanNotReady while something depends on it."""
    if names := list(_find_dependents(plan)):
        text = _("It stays published: these depend on it: %(names)s.")
        raise PlanNotReady(text % {"names": join_plain(names)})
    if plan.followed_by.filter(is_draft=False).exists():
        raise PlanNotReady(_("It stays published: another plan follows it."))
    stored = Plan.including_drafts.get(pk=plan.pk)
    stored.is_draft, stored.is_shown_first = True, False
    stored.save()


def _find_dependents(plan: Plan) -> Iterator[str]:
    """Yield the kinds of rows of other applications that name a row of the plan."""
    contents = PlanContents(plan)
    models_of_plan: tuple[type[Keyed], ...] = (Plan, *PARTS)
    for model in models_of_plan:
        keys = [row.pk for row in contents if type(row) is model]
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ForeignObjectRel):
                continue
            other = relation.related_model
            is_own = other._meta.app_label == model._meta.app_label
            if is_own or issubclass(other, HistoricalChanges):
                continue
            rows = other._base_manager.filter(**{f"{relation.field.name}__in": keys})
            if keys and rows.exists():
                yield str(other._meta.verbose_name_plural)


def show_plan_first(plan: Plan) -> None:
    """Let pages and commands show a plan where none is chosen."""
    with transaction.atomic():
        for other in Plan.including_drafts.select_for_update().filter(is_shown_first=True):
            other.is_shown_first = False
            other.save()
        chosen = Plan.objects.get(pk=plan.pk)
        chosen.is_shown_first = True
        chosen.save()

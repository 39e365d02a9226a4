"""One row of a plan: changed, added, moved or removed at its place in the tree."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from strategy.models import Keyed, Plan, Rubric, Target, TargetVersion
from strategy.plan.validation import validate_relations
from strategy.workbench.forms import (
    RowForm,
    build_form,
    explain_outdated,
    make_row,
    set_last_number,
)
from strategy.workbench.ordering import move_row
from strategy.workbench.rows import KIND_OF_MODEL, KINDS, RowKind
from strategy.workbench.views.pages import (
    OpenRow,
    build_row_url,
    get_plan_or_404,
    redirect_to_row,
    render_tree,
)
from strategy.workbench.views.previews import (
    SEEN,
    build_preview,
    digest_row,
    get_signed_in,
    read_reason,
    save_if_previewed,
)


class RowRejected(Exception):
    """The row is not saved; ``str(error)`` is shown to the user."""


class RowOutdated(Exception):
    """The row was changed after its form was opened."""


def get_row_or_404(plan: Plan, word: str, number: int) -> tuple[RowKind, Keyed]:
    kind = _get_kind_or_404(word)
    return kind, get_object_or_404(kind.filter_rows(plan), pk=number)


def _get_kind_or_404(word: str) -> RowKind:
    if word not in KINDS:
        raise Http404
    return KINDS[word]


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_row(request: HttpRequest, plan_code: str, word: str, number: int) -> HttpResponse:
    """Change a row: its form is open at its place in the tree."""
    plan = get_plan_or_404(plan_code)
    kind, row = get_row_or_404(plan, word, number)
    answers: Any = request.POST if request.method == "POST" else None
    form = build_form(kind)(answers, instance=row, plan=plan, today=timezone.localdate())
    opened = OpenRow(
        f"{word}-{number}",
        kind,
        form,
        seen=request.POST.get(SEEN) or digest_row(row),
        url=build_row_url("row", plan, word, number),
    )
    return _answer(request, plan, opened)


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_add(
    request: HttpRequest, plan_code: str, word: str, owner: int, new: str
) -> HttpResponse:
    """Add a row of the kind ``new`` to the row ``word`` ``owner``."""
    plan = get_plan_or_404(plan_code)
    owner_kind, owner_row = get_row_or_404(plan, word, owner)
    kind = _get_kind_or_404(new)
    if new not in owner_kind.parts:
        raise Http404
    answers: Any = request.POST if request.method == "POST" else None
    row, today = make_row(kind, owner_row), timezone.localdate()
    form = build_form(kind, leave_out=(kind.owner,))(answers, instance=row, plan=plan, today=today)
    opened = OpenRow(
        f"{new}-new-{owner}", kind, form, url=build_row_url("add", plan, word, owner, new)
    )
    if isinstance(row, Target):
        version = TargetVersion(target=row, in_force_from=plan.starts_on)
        form_class = build_form(KINDS["version"], leave_out=("in_force_from",))
        opened = replace(
            opened,
            version_form=form_class(
                answers, instance=version, plan=plan, today=today, prefix="version"
            ),
        )
    return _answer(request, plan, opened)


def _answer(request: HttpRequest, plan: Plan, opened: OpenRow) -> HttpResponse:
    """Show the open form; save it when it is sent and nothing is left to ask."""
    forms = [form for form in (opened.form, opened.version_form) if form]
    if request.method != "POST" or request.POST.get("back"):
        return render_tree(request, plan, opened)
    # Every form is read, so that all errors show.
    if any([not form.is_valid() for form in forms]):  # noqa: C419
        return render_tree(request, plan, opened, status=400)
    return save_row(request, plan, opened, lambda: _save_forms(request, forms), forms[0])


def _save_forms(request: HttpRequest, forms: list[RowForm]) -> str:
    """Save the forms, of which each belongs to the one before; return the key of the row."""
    for form in forms:
        vars(form.instance)["_change_reason"] = read_reason(request) or None
        if isinstance(form.instance, TargetVersion) and form.instance.pk is None:
            form.instance.target = Target.objects.get(pk=form.instance.target.pk)
            form.instance.created_at = timezone.now()
            form.instance.created_by = get_signed_in(request)
        if form.instance.pk is None:
            # Within the lock of the plans: another row may have come last.
            set_last_number(form.kind, form.instance)
        form.save()
    row = forms[0].instance
    return f"{forms[0].kind.word}-{row.pk}"


def save_row(
    request: HttpRequest,
    plan: Plan,
    opened: OpenRow,
    save: Callable[[], str],
    form: RowForm | None = None,
) -> HttpResponse:
    """Save a change of a row, or show why not, or what it moves; ``save`` returns its key."""
    stored = form.instance if form and form.instance.pk else None

    def save_checked() -> HttpResponse:
        if stored and digest_row(stored) != opened.seen:
            raise RowOutdated
        known = _list_problems(plan)
        key = save()
        current = get_plan_or_404(plan.code)
        found = _list_problems(current)
        if not current.is_draft and (added := [each for each in found if each not in known]):
            raise RowRejected(" ".join(added))
        return redirect_to_row(current, key)

    try:
        attempt = save_if_previewed(request, save_checked)
    except RowOutdated:
        assert form is not None
        form.add_error(None, explain_outdated(form))
        newest = digest_row(form.instance)
        return render_tree(request, plan, replace(opened, seen=newest), status=409)
    except RowRejected as error:
        return render_tree(request, plan, _reject(opened, form, str(error)), status=400)
    if attempt.is_saved:
        messages.success(request, _("Saved."))
        return attempt.response
    preview = build_preview(request, attempt)
    return render_tree(request, plan, replace(opened, extra={**opened.extra, "preview": preview}))


def _list_problems(plan: Plan) -> list[str]:
    """Return what is wrong between rows, but for a rubric that no indicator has yet.

    Its steps are added one by one.
    """
    return [
        str(problem)
        for problem in validate_relations(plan)
        if not isinstance(problem.row, Rubric) or problem.row.indicators.exists()
    ]


def _reject(opened: OpenRow, form: RowForm | None, reason: str) -> OpenRow:
    text = _("Nothing is saved: the plan would not be well formed. %(problem)s")
    sentence = text % {"problem": reason}
    if form is None:
        return replace(opened, extra={**opened.extra, "problem": sentence})
    form.add_error(None, sentence)
    return opened


@require_http_methods(["GET", "HEAD", "POST"])
def workbench_remove(request: HttpRequest, plan_code: str, word: str, number: int) -> HttpResponse:
    """Ask before a row is removed, with what belongs to it and the figures that go."""
    plan = get_plan_or_404(plan_code)
    kind, row = get_row_or_404(plan, word, number)
    if not (kind.owner or plan.is_draft):
        raise Http404
    url = build_row_url("remove", plan, word, number)
    opened = OpenRow(f"{word}-{number}", kind, url=url, extra={"is_removal": True})
    if request.method != "POST" or request.POST.get("back"):
        return render_tree(request, plan, opened)
    if isinstance(row, Plan):
        return _remove_draft(request, row, opened)
    owner = getattr(row, kind.owner)

    def remove() -> str:
        vars(row)["_change_reason"] = read_reason(request) or None
        try:
            row.delete()
        except (models.ProtectedError, models.RestrictedError) as error:
            names = ", ".join(sorted(str(each) for each in error.args[1]))
            text = _("It is used by: %(rows)s. Change them first.")
            raise RowRejected(text % {"rows": names}) from error
        return f"{KIND_OF_MODEL[type(owner)].word}-{owner.pk}"

    return save_row(request, plan, opened, remove)


def _remove_draft(request: HttpRequest, plan: Plan, opened: OpenRow) -> HttpResponse:
    if plan.changes.exists():
        text = _("It was published and changed: its changes stay, so the draft stays too.")
        problem = replace(opened, extra={**opened.extra, "problem": text})
        return render_tree(request, plan, problem, status=400)
    plan.delete()
    messages.success(request, _("The draft is removed."))
    return redirect("strategy:workbench")


@require_POST
def workbench_move(request: HttpRequest, plan_code: str, word: str, number: int) -> HttpResponse:
    """Move a row up or down among those of the same owner."""
    plan = get_plan_or_404(plan_code)
    kind, row = get_row_or_404(plan, word, number)
    if not (kind.owner and kind.is_ordered):
        raise Http404
    direction = request.POST.get("direction")
    if direction not in ("up", "down"):
        raise BadRequest(_("Choose whether the row goes up or down."))
    move_row(kind, row, is_up=direction == "up")
    return redirect_to_row(plan, f"{word}-{number}")

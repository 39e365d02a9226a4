"""The records of a project, a country or an office."""

import re
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Q, QuerySet

from indicators.counting.registry import RECORD_SOURCES, RecordSource
from indicators.models import Initiative, Project, Record, RecordQuerySet, Status
from indicators.models.references import SEPARATOR
from strategy.choices import RecordKind
from strategy.models import Subject, SubjectKind, User


def select_records(kind: RecordKind, subject: Subject, user: User) -> RecordQuerySet[Record]:
    """Return the records of a kind that belong to the subject and that the user may see."""
    source = RECORD_SOURCES[kind]
    return source.model.objects.visible_to(user).filter(build_condition(source, subject))


def has_path(kind: RecordKind, subject: Subject) -> bool:
    """Whether records of a kind can belong to such a subject."""
    source = RECORD_SOURCES[kind]
    if subject.kind == SubjectKind.OFFICE or source.project_path is not None:
        return True
    return subject.kind == SubjectKind.COUNTRY and bool(source.country_paths)


def build_condition(source: RecordSource, subject: Subject) -> Q:
    """Return the condition of a subject's records; no record of a kind without a path to it."""
    if subject.kind == SubjectKind.OFFICE:
        return Q(office__code=subject.code)
    if subject.kind == SubjectKind.COUNTRY and source.country_paths:
        return reduce(
            or_, (source.with_value(path, [subject.code]) for path in source.country_paths)
        )
    if source.project_path and _is_text(source, source.project_path[0]):
        return Q(**{f"{source.project_path[0]}__iregex": _build_pattern(subject.code)})
    return _build_project_condition(source, _select_projects(subject))


def _is_text(source: RecordSource, name: str) -> bool:
    return isinstance(source.model._meta.get_field(name), CharField)


def _build_pattern(reference: str) -> str:
    """Return the pattern of a text of references in which one is the project's."""
    words = r"\s+".join(map(re.escape, reference.split()))
    return rf"(^|{SEPARATOR})\s*{words}\s*({SEPARATOR}|$)"


def _select_projects(subject: Subject) -> QuerySet[Project]:
    """Return the project itself, or the projects with an approved initiative in the country."""
    if subject.kind == SubjectKind.PROJECT:
        return Project.objects.with_same_reference(subject.code)
    initiatives = Initiative.objects.filter(
        countries__code=subject.code, status=Status.APPROVED
    ).order_by()
    return Project.objects.filter(pk__in=initiatives.values("project"))


def _build_project_condition(source: RecordSource, projects: QuerySet[Project]) -> Q:
    if source.project_path is None:
        return Q(pk__in=[])
    parents: QuerySet[Any] = projects.order_by().values("pk")
    if not source.project_path:
        return Q(pk__in=parents)
    name, *names = source.project_path
    column = source.model._meta.get_field(name)
    for parent in names:
        parents = QuerySet(column.related_model).filter(**{f"{parent}__in": parents}).values("pk")
    return Q(**{f"{name}__in": parents})

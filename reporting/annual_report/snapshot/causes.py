"""Why a figure of an earlier report differs today: records, target, plan, rating or software."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from indicators.counting.rules import known_records, record_source
from indicators.models import Activity, Record, RecordQuerySet, Status
from indicators.models.reading.confidentiality import build_pseudonym, is_pseudonym
from reporting.annual_report.snapshot.citations import build_citations
from reporting.annual_report.snapshot.framework import read_versions, serialize_version
from reporting.annual_report.snapshot.reader import list_comparable, round_if_known
from reporting.annual_report.snapshot.stored import CauseKind, StoredCause
from reporting.exports.results import format_exact
from reporting.figures.people_trained import select_sessions
from reporting.figures.rollup import TargetRow
from reporting.models import AnnualReport, ReportedActual, ReportedEvidence
from strategy.choices import Measure
from strategy.dates.periods import Period
from strategy.models import Plan, PlanChange, Target, TargetVersion

DEFINITION = ("record_kind", "measure", "dimension", "frequency", "due_months")
"""The columns of a target that a report stores and that its value depends on."""

COUNTING_PACKAGES = (
    "strategy.dates",
    "strategy.models",
    "indicators.models",
    "indicators.counting",
    "reporting.figures",
)

Citations = Mapping[str, tuple[object, ...]]
"""By reference, the parts of a citation that a figure can depend on."""


def find_causes(
    report: AnnualReport, was: ReportedActual, row: TargetRow, *, has_other_parts: bool = False
) -> list[StoredCause]:
    """Return the causes of a difference between a reported figure and the row of today.

    ``has_other_parts``: parts of the figure differ that the row has not, such as countries on the
    map. If the plan or the software changed, a record is a cause only if it changed after the
    issue.
    """
    causes: list[StoredCause] = []
    is_redefined = _is_redefined(report, was, row)
    changes = list(
        PlanChange.objects.filter(targets=row.target.pk, changed_at__gt=report.issued_at)
    )
    if has_other_parts or _has_other_numbers(was, row):
        causes += _find_record_causes(report, was, row, is_redefined=is_redefined)
    if was.rating != row.rating:
        causes += [
            build_cause(CauseKind.TARGET, versions=pair, reason=_find_reason(pair, changes))
            for pair in find_version_changes(was, row.target, report.as_of)
        ]
        causes += _find_override_causes(was, row)
        is_redefined |= _has_other_thresholds(report, row.target.plan)
    if is_redefined:
        reasons = [change.reason for change in changes if not _is_of_versions(change)]
        causes += [build_cause(CauseKind.PLAN, reason=reason) for reason in reasons or [""]]
    is_recoded = report.code_digest != build_code_digest()
    return causes or [build_cause(CauseKind.RULE if is_recoded else CauseKind.UNKNOWN)]


def find_people_causes(report: AnnualReport) -> list[StoredCause]:
    """Return the sessions that changed since a report whose numbers of people trained differ."""
    elapsed = Period(report.plan.starts_on, report.as_of)
    sessions = select_sessions(Activity.all_objects.all(), elapsed).filter(
        changed_at__gt=report.issued_at
    )
    moved: dict[CauseKind, list[str]] = {}
    hidden_sessions = Activity.all_objects.hidden_from(None).filter(pk__in=sessions.values("pk"))
    hidden = set(hidden_sessions.values_list("pk", flat=True))
    for session in sessions.exclude(approved_at=None):
        counts = session.status == Status.APPROVED and session.deleted_at is None
        kind = CauseKind.CHANGED if counts else CauseKind.WITHDRAWN
        is_new = counts and session.entered_at > report.issued_at
        name = session.pseudonym if session.pk in hidden else session.reference
        moved.setdefault(CauseKind.ADDED if is_new else kind, []).append(name)
    causes = [build_cause(kind, references) for kind, references in sorted(moved.items())]
    is_recoded = report.code_digest != build_code_digest()
    return causes or [build_cause(CauseKind.RULE if is_recoded else CauseKind.UNKNOWN)]


def find_removal_causes(report: AnnualReport) -> list[StoredCause]:
    """Return why targets were removed from the plan since a report."""
    model = Target._meta.model_name
    changes = PlanChange.objects.filter(plans=report.plan, changed_at__gt=report.issued_at)
    reasons = [
        change.reason
        for change in changes
        if any(each["model"] == model and not each["field"] for each in change.details)
    ]
    return [build_cause(CauseKind.PLAN, reason=reason) for reason in reasons or [""]]


@cache
def build_code_digest() -> str:
    """Return a digest of the code that counts: another one is a new version of the software."""
    folders = (Path(settings.BASE_DIR, *name.split(".")) for name in COUNTING_PACKAGES)
    files = sorted(path for folder in folders for path in folder.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def build_cause(
    kind: CauseKind,
    records: Iterable[str] = (),
    versions: tuple[TargetVersion, TargetVersion] | None = None,
    reason: str = "",
) -> StoredCause:
    return {
        "kind": kind.value,
        "records": sorted(records),
        "before": serialize_version(versions[0]) if versions else None,
        "after": serialize_version(versions[1]) if versions else None,
        "reason": reason,
    }


def find_version_changes(
    was: ReportedActual, target: Target, as_of: date
) -> Iterator[tuple[TargetVersion, TargetVersion]]:
    """Yield each version that asks for something else than the report knew, after the one before.

    Of a version that was corrected, both have the same day.
    """
    then = {version.in_force_from: version for version in read_versions(was, target)}
    now = [each for each in target.all_versions if each.in_force_from <= as_of]
    now = now or [target.all_versions[0]]
    if was.versions is None:
        # Older reports know only the version of their last day.
        pairs = [(then[target.plan.starts_on], now[-1])]
    else:
        pairs = [
            (then.get(version.in_force_from, before), version)
            for before, version in pairwise([now[0], *now])
        ]
        pairs += [
            (version, target.version_at(day))
            for day, version in then.items()
            if day not in {each.in_force_from for each in now}
        ]
    yield from (pair for pair in pairs if _get_range(pair[0]) != _get_range(pair[1]))


def _find_reason(pair: tuple[TargetVersion, TargetVersion], changes: Iterable[PlanChange]) -> str:
    """Return the reason of a version; of a corrected version that of its last correction."""
    before, after = pair
    if after.in_force_from > before.in_force_from:
        return after.reason
    return next(
        (change.reason for change in reversed(list(changes)) if _is_of_versions(change)), ""
    )


def _is_of_versions(change: PlanChange) -> bool:
    """Whether a change of the plan corrects versions of targets and nothing else."""
    return all(detail["model"] == TargetVersion._meta.model_name for detail in change.details)


def _get_range(version: TargetVersion) -> tuple[object, ...]:
    return version.minimum, version.maximum, version.dated_milestones


def _differ(then: Mapping[str, Decimal], now: Mapping[str, Decimal]) -> bool:
    return any(then.get(code) != now.get(code) for code in list_comparable(then, now))


def _has_other_numbers(was: ReportedActual, row: TargetRow) -> bool:
    measured = row.actual.measurement
    years = [format_exact(year.value) for year in row.years]
    return (
        was.value != round_if_known(row.value, row.target)
        or was.this_year != round_if_known(row.this_year.value, row.target)
        or was.denominator != round_if_known(measured.denominator)
        or [year["value"] for year in was.years] != years
        or _differ(
            {part["code"]: Decimal(part["value"]) for part in was.slices},
            {part.code: part.value for part in measured.slices},
        )
    )


def _find_record_causes(
    report: AnnualReport, was: ReportedActual, row: TargetRow, *, is_redefined: bool
) -> Iterator[StoredCause]:
    names = _CitedNames(row.target)
    then = names.map_citations(was.evidence.all())
    now = names.map_citations(build_citations(row.actual))
    is_recoded = report.code_digest != build_code_digest()
    unchanged: set[str] = set()
    if is_redefined or is_recoded:
        unchanged = names.find_unchanged(report)
    moved = {
        CauseKind.ADDED: now.keys() - then.keys(),
        CauseKind.CHANGED: {key for key in now.keys() & then.keys() if now[key] != then[key]},
        CauseKind.WITHDRAWN: then.keys() - now.keys(),
    }
    if not any(moved.values()):
        moved = _find_uncited(report, was, row, names)
    for kind, references in moved.items():
        if references - unchanged:
            yield build_cause(kind, references - unchanged)
    if is_recoded and any(references & unchanged for references in moved.values()):
        yield build_cause(CauseKind.RULE)


class _CitedNames:
    """What a new report calls the records of a target's kind: no reference of a hidden one.

    A record may have become confidential since a report cited it, or may be so no longer.
    """

    def __init__(self, target: Target) -> None:
        self.records = record_source(target).model.all_objects.all()
        self.hidden = dict(self._list_pseudonyms(self.records.hidden_from(None)))
        """The pseudonyms of the hidden records, by reference."""

    def _list_pseudonyms(self, records: RecordQuerySet[Record]) -> Iterator[tuple[str, str]]:
        for reference, token in records.values_list("reference", "creation_token"):
            yield reference, build_pseudonym(records.model.KIND, token)

    def map_citations(self, citations: Iterable[ReportedEvidence]) -> Citations:
        """Return the parts of each citation; of a confidential one those that a report tells."""
        return {
            name: (
                *(() if is_pseudonym(name) else (each.begins, each.ends, each.year)),
                *(() if is_pseudonym(name) else (sorted(each.countries), sorted(each.codes))),
                each.numerator,
                each.denominator,
            )
            for each, name in self._name_each(list(citations))
        }

    def _name_each(
        self, citations: Sequence[ReportedEvidence]
    ) -> Iterator[tuple[ReportedEvidence, str]]:
        then = {each.reference for each in citations if is_pseudonym(each.reference)}
        known: dict[str, str] = {}
        if then - {*self.hidden.values()}:
            known = {name: reference for reference, name in self._list_pseudonyms(self.records)}
            known = {name: reference for name, reference in known.items() if name in then}
        for each in citations:
            reference = known.get(each.reference, each.reference)
            yield each, self.hidden.get(reference, reference)

    def find_unchanged(self, report: AnnualReport) -> set[str]:
        records = self.records.filter(changed_at__lte=report.issued_at)
        return self.list_names(records)

    def list_names(self, records: RecordQuerySet[Record]) -> set[str]:
        references = records.values_list("reference", flat=True)
        return {self.hidden.get(reference, reference) for reference in references}


def _find_uncited(
    report: AnnualReport, was: ReportedActual, row: TargetRow, names: _CitedNames
) -> dict[CauseKind, set[str]]:
    """Return records that changed a figure but no citation: by an amount, or by being known.

    A count without data becomes zero when a record of the kind is known, in any status.
    """
    changed = record_source(row.target).model.all_objects.filter(changed_at__gt=report.issued_at)
    if was.value is not None and row.value is not None:
        counted = row.actual.evidence.filter(pk__in=changed.values("pk"))
        return {CauseKind.CHANGED: names.list_names(counted)}
    known = known_records(row.target, row.actual.window)
    if was.value is None:
        # Nothing was known then, so every record known now was added.
        records, kind = known, CauseKind.ADDED
    else:
        records, kind = changed.exclude(pk__in=known.values("pk")), CauseKind.WITHDRAWN
    return {kind: names.list_names(records)}


def _find_override_causes(was: ReportedActual, row: TargetRow) -> Iterator[StoredCause]:
    then = was.override["at"] if was.override else None
    now = row.override.at.astimezone(UTC).isoformat() if row.override else None
    if then != now:
        yield build_cause(CauseKind.RATING, reason=row.override.reason if row.override else "")


def _is_redefined(report: AnnualReport, was: ReportedActual, row: TargetRow) -> bool:
    """Whether the plan now counts other things, or over other days."""
    plan, target = row.target.plan, row.target
    days = ("starts_on", "ends_on", "year_starts_in")
    conditions = [
        (
            *(each.dimension, each.test, sorted(each.values)),
            *(list(each.scopes_without_value), each.is_numerator),
        )
        for each in target.conditions.all()
    ]
    stored = [
        (
            *(each["dimension"], each["test"], sorted(each["values"])),
            *(each["scopes_without_value"], each.get("is_numerator", False)),
        )
        for each in was.conditions
    ]
    return (
        any(getattr(report, name) != getattr(plan, name) for name in days)
        or any(getattr(was, name) != getattr(target, name) for name in DEFINITION)
        or was.numbers not in (None, list(target.number_columns))
        or stored != conditions
        or (target.measure == Measure.SMALLEST_SHARE and _has_other_fields(was, row))
    )


def _has_other_fields(was: ReportedActual, row: TargetRow) -> bool:
    then = {part["code"] for part in was.slices}
    now = {part.code for part in row.actual.measurement.slices}
    return bool(then and now and then != now)


def _has_other_thresholds(report: AnnualReport, plan: Plan) -> bool:
    return any(Decimal(text) != getattr(plan, name) for name, text in report.thresholds.items())

"""Test data: users, offices and records, created directly in the database.

Rows are named by their codes: ``make_record("initiative", countries=["NE"], status="approved")``.
Missing reference data is created too, so no test must load a fixture.
"""

import itertools
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import ForeignKey, Model

from indicators.counting.registry import RECORD_SOURCES
from indicators.models import Assessment, Evidence, HistoryAction, Record, Status
from indicators.workflow.history import no_automatic_history, write_history
from strategy.choices import RecordKind, Role
from strategy.models import (
    Country,
    Indicator,
    Objective,
    Office,
    Plan,
    Priority,
    Target,
    TargetVersion,
    User,
)

NOON = datetime(2019, 6, 3, 16, 0, tzinfo=UTC)
"""When records of the tests are entered unless they say otherwise."""

MODELS: Mapping[RecordKind, type[Record]] = {
    kind: source.model for kind, source in RECORD_SOURCES.items()
}

COUNTRIES = {
    "BF": ("854", "Burkina Faso", "Burkina Faso"),
    "CA": ("124", "Canada", "Canada"),
    "CD": ("180", "Congo (DRC)", "Congo (RDC)"),
    "CI": ("384", "Côte d’Ivoire", "Côte d’Ivoire"),
    "CR": ("188", "Costa Rica", "Costa Rica"),
    "HN": ("340", "Honduras", "Honduras"),
    "MG": ("450", "Madagascar", "Madagascar"),
    "NE": ("562", "Niger", "Niger"),
    "NG": ("566", "Nigeria", "Nigéria"),
    "SN": ("686", "Senegal", "Sénégal"),
    "TG": ("768", "Togo", "Togo"),
}

OFFICES = {"niamey": ("Niamey", "NE"), "dakar": ("Dakar", "SN"), "montreal": ("Montreal", "CA")}

DEFAULTS: Mapping[RecordKind, Mapping[str, Any]] = {
    RecordKind.PROJECT: {"title": "Child-friendly police, Niger", "starts_on": "2018"},
    RecordKind.INITIATIVE: {
        "title": "Niger: police training",
        "countries": ["NE"],
        "fields_of_activity": ["justice"],
        "target_groups": ["security_forces"],
        "starts_on": "2018-03",
    },
    RecordKind.ACTIVITY: {"title": "Police training, first session", "starts_on": "2018-03-12"},
    RecordKind.COUNTRY_SUPPORT: {
        "title": "Niger: advice on the children's code",
        "country": "NE",
        "support": "technical",
        "starts_on": "2018-03",
    },
    RecordKind.DECISION: {
        "title": "Decree on interview rooms",
        "instrument": "decree",
        "authority": "Ministry of the Interior",
        "authority_country": "NE",
        "contribution": "Wrote the specifications.",
        "occurred_on": "2018-05-14",
    },
    RecordKind.NETWORK: {
        "title": "Francophone child rights defenders",
        "support": "member",
        "starts_on": "2018",
    },
    RecordKind.EVENT: {
        "title": "Conference on child witnesses",
        "role": "organised",
        "kind": "conference",
        "occurred_on": "2018-09-11",
    },
    RecordKind.SECTOR_STRENGTHENED: {
        "title": "Quebec: course for the police",
        "sector": "police_security",
        "country": "CA",
        "state": "in_use",
        "occurred_on": "2018-09-03",
    },
    RecordKind.SPONSOR: {"title": "UNICEF Niger", "first_agreement_on": "2018-02"},
    RecordKind.ANNUAL_BUDGET: {
        "year": "2018",
        "amount": "1000000",
        "currency": "CAD",
        "basis": "approved",
    },
    RecordKind.ACTION_REPORT: {
        "title": "Report on actions 2018",
        "year_covered": "2018",
        "issued_on": "2019-03-13",
    },
    RecordKind.POLICY_UPDATE: {
        "title": "Staff handbook",
        "areas": ["human_resources"],
        "change": "revised",
        "occurred_on": "2018-11-05",
    },
    RecordKind.EVALUATION: {
        "title": "Final evaluation, Niger",
        "level": "final",
        "completed_on": "2018-11",
    },
    RecordKind.RECOMMENDATION: {"title": "Train the trainers first", "done_on": "2018-12"},
    RecordKind.LESSON: {
        "title": "Courses last where schools own them",
        "year": "2018",
        "level": "final",
        "learned": "A course goes on once the school's own teachers teach it.",
    },
    RecordKind.PARTNER: {
        "title": "National school of social work",
        "partner_type": "institutions",
        "starts_on": "2018",
    },
    RecordKind.ADVOCACY_STRATEGY: {
        "title": "Niger: a children's code",
        "change_sought": "A code that protects child witnesses.",
        "starts_on": "2018",
    },
    RecordKind.TEAM_YEAR: {"year": "2018", "staff": 30},
    RecordKind.ASSESSMENT: {"value": 12, "justification": "Interviews in four offices."},
}

ONE_A_YEAR = (RecordKind.ANNUAL_BUDGET, RecordKind.TEAM_YEAR)
"""Kinds that have one record for the year, so that a second one needs another year."""

_numbers = itertools.count(1)


def make_country(code: str) -> Country:
    """Return the country of that code; it exists already where fixtures are loaded."""
    numeric, english, french = COUNTRIES.get(code, ("999", f"Country {code}", f"Pays {code}"))
    country, _made = Country.objects.get_or_create(
        code=code,
        defaults={"numeric": numeric, "name_en": english, "name_fr": french, "name": english},
    )
    return country


def make_office(code: str = "niamey") -> Office:
    name, country = OFFICES.get(code, (code.title(), "NE"))
    office, _made = Office.objects.get_or_create(
        code=code, defaults={"name_en": name, "name": name, "country": make_country(country)}
    )
    return office


def make_user(
    role: Role | str | None = Role.STAFF, office: Office | str = "niamey", **values: Any
) -> User:
    """Create a user with a role, named after it unless ``username`` is given."""
    if isinstance(office, str):
        office = make_office(office)
    username = values.pop("username", f"{role or 'nobody'}-{next(_numbers)}")
    user = User.objects.create_user(username=username, office=office, **values)
    if role:
        user.groups.add(Group.objects.get_or_create(name=str(Role(role)))[0])
    return user


def make_record(
    kind: RecordKind | str,
    /,
    *,
    status: Status | str = Status.DRAFT,
    evidence: int | Iterable[str] | None = None,
    entered_by: User | None = None,
    at: datetime = NOON,
    **values: Any,
) -> Any:
    """Create a record of the kind with one row of history.

    ``evidence`` is a number of links, or their URLs; by default an approved record has one link.
    Foreign keys and many-to-many values are given as rows or as codes.
    """
    kind = RecordKind(kind)
    model = MODELS[kind]
    values = {**_build_defaults(kind), **values}
    if kind == RecordKind.ASSESSMENT:
        values = _complete_assessment(values)
    if kind == RecordKind.ACTIVITY and "initiative" not in values:
        values["initiative"] = make_record(RecordKind.INITIATIVE, entered_by=entered_by)
    many = {f.name: values.pop(f.name) for f in model._meta.many_to_many if f.name in values}
    person = entered_by or make_user()
    record = model(
        **_build_status(model, Status(status), person, at), **_build_values(model, values)
    )
    record.full_clean(exclude=["reference"], validate_unique=False, validate_constraints=False)
    with no_automatic_history([record]):
        record.save()
        model._base_manager.filter(pk=record.pk).update(entered_at=at, changed_at=at)
        for name, rows in many.items():
            getattr(record, name).set(_load_rows(model._meta.get_field(name).related_model, rows))
    if evidence is None:
        evidence = int(status == Status.APPROVED)
    add_evidence(record, evidence)
    record.refresh_from_db()
    write_history([record], by=person, at=at, act=HistoryAction.CREATED)
    return record


def _build_defaults(kind: RecordKind) -> dict[str, Any]:
    """Return the default values; a kind with one record per name gets a number after the first."""
    values = dict(DEFAULTS[kind])
    model: Any = MODELS[kind]
    is_named = kind in (RecordKind.NETWORK, RecordKind.SPONSOR, RecordKind.PARTNER)
    if is_named and model.all_objects.filter(title=values["title"]).exists():
        values["title"] += f" {next(_numbers)}"
    return values


def make_indicator() -> Indicator:
    """Return the first indicator; of a new plan if there is none."""
    found = Indicator.objects.order_by("pk").first()
    if found:
        return found
    plan = Plan.objects.create(
        code="made", title="Made", starts_on=date(2017, 1, 1), ends_on=date(2020, 12, 31)
    )
    priority = Priority.objects.create(plan=plan, number=1, title="Made")
    objective = Objective.objects.create(
        priority=priority, number=1, code="1", statement="Made", short_title="Made"
    )
    return Indicator.objects.create(objective=objective, code="1", statement="Made")


def _complete_assessment(values: dict[str, Any]) -> dict[str, Any]:
    """Add the indicator and a day without assessment; a step or a numerator replaces the value."""
    if values.get("step") or values.get("numerator") is not None:
        values["value"] = None
    values.setdefault("indicator", make_indicator())
    number = Assessment.all_objects.count()
    return {"assessed_on": str(date(2018, 12, 31) - timedelta(days=number)), **values}


def make_approved(kind: RecordKind | str, /, **values: Any) -> Any:
    return make_record(kind, status=Status.APPROVED, **values)


def add_evidence(record: Record, evidence: int | Iterable[str] = 1) -> None:
    """Add links to a record, without history."""
    if isinstance(evidence, int):
        evidence = [f"https://example.org/{record.reference}/{n + 1}" for n in range(evidence)]
    for url in evidence:
        Evidence.objects.create(record=record, url=url, added_by=record.entered_by)


def _build_status(
    model: type[Record], status: Status, person: User, at: datetime
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "status": status,
        "entered_by": person,
        "changed_by": person,
        "office": person.office,
        "creation_token": uuid.uuid4(),
    }
    if status in (Status.SUBMITTED, Status.APPROVED, Status.RETURNED):
        values["submitted_at"] = at
    if status == Status.APPROVED:
        values |= {"approved_at": at, "approved_by": make_user(Role.MANAGER)}
    if status in (Status.RETURNED, Status.WITHDRAWN):
        values["note_on_return"] = "Which month did it start?"
    return values


def _build_values(model: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = {"reference": values.get("reference") or model.new_reference()}
    for name, value in values.items():
        field = model._meta.get_field(name)
        is_code = isinstance(field, ForeignKey) and isinstance(value, str)
        attributes[name] = _load_row(field.related_model, value) if is_code else value
    return attributes


def _load_rows(model: Any, codes: Iterable[Any] | str) -> list[Model]:
    rows = codes.split(";") if isinstance(codes, str) else codes
    return [_load_row(model, row) if isinstance(row, str) else row for row in rows]


def _load_row(model: Any, code: str) -> Model:
    if model is Country:
        return make_country(code)
    if model is Indicator or issubclass(model, Record):
        key = "reference" if issubclass(model, Record) else "code"
        return model._default_manager.get(**{key: code})  # type: ignore[no-any-return]
    row, _made = model._default_manager.get_or_create(
        code=code, defaults={"name": code.replace("_", " ").capitalize()}
    )
    return row  # type: ignore[no-any-return]


def with_version(target: Target, **values: Any) -> Target:
    """Return an unsaved target that always has the same version."""
    target.all_versions = (TargetVersion(target=target, in_force_from=date.min, **values),)
    return target.as_of(date.min)

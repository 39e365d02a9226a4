"""A confidential record is told to nobody but its office and the officers, on any page.

Every text of one of each kind has a word of its own. Users who may not know of them request every
route, every list and every figure; a page that is added later is requested too.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse

from indicators.models import Evidence, HistoryAction, Initiative, Record, Status
from indicators.models.reading.confidentiality import EVERYONE
from indicators.workflow.history import write_history
from reporting.annual_report.content.data_files import build_data_files
from reporting.annual_report.issuing import issue_annual_report
from reporting.annual_report.pdf import document
from reporting.annual_report.snapshot.corrections import list_restatements
from reporting.annual_report.snapshot.reader import find_changed_rows, load_rows, read_snapshot
from reporting.exports.results import build_json
from reporting.figures.rollup import build_rollup
from reporting.models import AnnualReport
from strategy.choices import RecordKind, Role
from strategy.models import Plan, RestrictedContext, Target, User
from tests.conftest import client_of
from tests.factories import MODELS, NOON, make_approved, make_country, make_record, make_user
from tests.support.routes import routes

MARCH_2019 = datetime(2019, 3, 14, 15, 0, tzinfo=UTC)
END = date(2018, 12, 31)
WORD = "okapizebu"
"""In every text of the confidential records, and in no other; too long to stand in a token."""
DAYS = ("2018-05-23", "May 23, 2018", "23 May 2018")
"""The day of the confidential records, as pages and files write it."""
TOKEN = re.compile(r'value="[0-9A-Za-z_-]{60,}"')
OTHER_ROLES = (Role.MANAGER, Role.BOARD, Role.ADMIN)
SHORTEST = 20
"""Characters of a column that holds a text of people: codes and currencies are shorter."""


def plant(record: Record) -> None:
    """Put the word into each text of the record, its evidence and its history."""
    texts = [
        field.name
        for field in type(record)._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField)
        and not field.choices
        and (field.max_length or SHORTEST) >= SHORTEST
    ]
    values: dict[str, Any] = {name: f"{WORD} {record.KIND} {name}" for name in texts}
    values |= {"reference": f"{WORD}-{record.KIND}", "confidential": True}
    values["folded_reference"] = values["reference"]
    if "folded_title" in {field.name for field in type(record)._meta.concrete_fields}:
        values["folded_title"] = values["title"]
    if "year" in values:
        del values["year"]
    type(record)._base_manager.filter(pk=record.pk).update(**values)
    record.refresh_from_db()
    Evidence.objects.create(record=record, url=f"https://{WORD}.org/", added_by=record.entered_by)
    name = f"{WORD}.pdf"
    Evidence.objects.create(
        record=record, file=f"evidence/{name}", name=name, added_by=record.entered_by
    )
    write_history([record], by=record.entered_by, at=NOON, act=HistoryAction.CHANGED)


@pytest.fixture
def author() -> User:
    return make_user(Role.STAFF, "niamey", username=f"{WORD}-author", last_name=WORD.title())


@pytest.fixture
def confidential(plan: Plan, author: User) -> dict[str, Record]:
    """One confidential record of each kind of one office, counted where its kind counts."""
    project = make_approved("project", entered_by=author)
    initiative = make_approved("initiative", project=project, countries=["TG"], entered_by=author)
    records: dict[str, Record] = {"project": project, "initiative": initiative}
    more: dict[str, dict[str, Any]] = {
        RecordKind.ACTIVITY: {"initiative": initiative, "country": "TG", "women": 12},
        RecordKind.ACTION_REPORT: {"filed_under": ["3.1"], "year_covered": "2018"},
        RecordKind.SECTOR_STRENGTHENED: {"sector": "education"},
        RecordKind.COUNTRY_SUPPORT: {"country": "TG"},
        RecordKind.EVALUATION: {"project": project},
        RecordKind.DECISION: {"authority_country": "TG", "occurred_on": DAYS[0]},
        RecordKind.EVENT: {"occurred_on": DAYS[0]},
    }
    for kind in MODELS:
        if kind not in records:
            records[kind] = make_approved(kind, entered_by=author, **more.get(kind, {}))
    for record in records.values():
        plant(record)
    return records


@pytest.fixture
def named(confidential: dict[str, Record]) -> list[Record]:
    """Records of another office that name confidential ones, in columns and in texts."""
    staff, project = make_user(Role.STAFF, "dakar"), confidential["project"]
    references = f"{project.reference}; {confidential['initiative'].reference}"
    return [
        make_approved("initiative", project=project, entered_by=staff, countries=["SN"]),
        make_approved("activity", initiative=confidential["initiative"], entered_by=staff),
        make_approved("evaluation", project=project, entered_by=staff),
        make_approved("recommendation", evaluation=confidential["evaluation"], entered_by=staff),
        make_approved(
            "lesson", project=project, state="applied", applied_in=references, entered_by=staff
        ),
        make_approved("partner", projects=project.reference, entered_by=staff),
        make_record("event", status=Status.SUBMITTED, title="A conference", entered_by=staff),
    ]


def read_content(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        files = zipfile.ZipFile(io.BytesIO(content))
        content = b"\n".join(files.read(name) for name in files.namelist())
    return str(content.decode(errors="replace"))


def list_addresses(records: Iterable[Record]) -> Iterator[str]:
    """Yield every route, and the pages of each kind, figure and open record."""
    # The list of accounts names everyone, and no record.
    people = reverse("strategy:people")
    yield from (each.address for each in routes() if not each.address.startswith(people))
    for kind in MODELS:
        address = reverse("indicators:record_list", args=[kind])
        yield from (address, f"{address}?q={WORD}", f"{address}?sort=when&who={WORD}-author")
        yield reverse("indicators:record_export", args=[kind, "csv"])
        yield reverse("indicators:record_export", args=[kind, "xlsx"])
        yield reverse("indicators:record_create", args=[kind])
    for target in Target.objects.all():
        yield reverse("reporting:target", args=[target.code])
        for counts in ("yes", "no", "once_approved"):
            query = {"target": target.code, "plan": target.plan.code, "counts": counts}
            yield reverse("indicators:record_list", args=[target.record_kind], query=query)
    for record in records:
        for page in ("record_detail", "record_history", "record_edit"):
            yield reverse(f"indicators:{page}", args=[record.KIND, record.reference])
    yield from ("/reports/2018/1/", "/reports/2018/1/page/", "/reports/2018/1/page/method/")
    yield from (f"/reports/2018/1/?target={target.code}" for target in Target.objects.all())


def find_traces(text: str) -> list[str]:
    return [trace for trace in (WORD, *DAYS) if trace in text.lower() or trace in text]


@pytest.fixture
def report(plan: Plan, named: list[Record]) -> AnnualReport:
    issued = issue_annual_report(plan, "2018", make_user(Role.OFFICER), MARCH_2019)
    return AnnualReport.objects.get(pk=issued.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role",
    [Role.STAFF, *(pytest.param(role, marks=pytest.mark.one_database) for role in OTHER_ROLES)],
)
def test_nobody_else_finds_a_trace_on_any_page(
    role: Role, report: AnnualReport, named: list[Record], caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(make_user(role, "dakar"))
    # What fails on a page is for the tests of that page.
    client.raise_request_exception = False
    found, opened = {}, 0
    for address in list_addresses(named):
        answer = client.get(address)
        opened += answer.status_code == 200
        # What was asked for is shown as it was written.
        text = read_content(answer).replace(f"q={WORD}", "").replace(f'value="{WORD}"', "")
        text = text.replace(f"Search: {WORD}", "").replace(f"who={WORD}-author", "")
        text = text.replace(f"“{WORD}-author” is not one of these", "")
        if traces := find_traces(text):
            found[address] = traces, text[max(0, text.lower().find(WORD) - 200) :][:400]
    assert found == {}, "\n".join(f"{key}: {value}" for key, value in found.items())
    assert opened > (80 if role in (Role.MANAGER, Role.STAFF) else 5), "the control"
    assert WORD not in caplog.text
    assert not any(WORD in f"{letter.subject} {letter.body}" for letter in mail.outbox)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "office"), [(Role.OFFICER, "dakar"), (Role.MANAGER, "niamey")])
def test_officers_and_its_office_see_it(
    role: Role, office: str, confidential: dict[str, Record]
) -> None:
    client = client_of(make_user(role, office))
    for kind, record in confidential.items():
        for page in ("record_detail", "record_history"):
            address = reverse(f"indicators:{page}", args=[kind, record.reference])
            assert WORD in client.get(address).content.decode()
        listed = client.get(reverse("indicators:record_list", args=[kind]), {"q": WORD})
        assert record.reference in listed.content.decode()


@pytest.mark.django_db
def test_no_trace_is_in_a_report_its_data_and_its_pdf(report: AnnualReport) -> None:
    rows = load_rows(report)
    files = build_data_files(rows, read_snapshot(rows), is_draft=False)
    texts = [file.content.decode() for file in files] + [document.render_html(rows, "en")]
    texts += [str(list(model.objects.values())) for model in (AnnualReport, *_list_row_models())]
    assert [find_traces(text) for text in texts] == [[] for _text in texts]
    assert "confidential record" in texts[len(files)], "the control"
    cited = [citation for some in rows.evidence for citation in some]
    hidden = [one for one in cited if one.reference.startswith("confidential-")]
    assert hidden
    assert not any(one.title or one.begins or one.countries or one.office for one in hidden)


def _list_row_models() -> list[Any]:
    return [relation.related_model for relation in AnnualReport._meta.related_objects]


@pytest.mark.django_db
def test_the_figures_are_those_without_the_mark(
    plan: Plan, confidential: dict[str, Record], named: list[Record]
) -> None:
    marked = build_json(build_rollup(plan, END, audience=None)), build_rollup(plan, END)
    for record in confidential.values():
        type(record)._base_manager.filter(pk=record.pk).update(confidential=False)
    unmarked = build_json(build_rollup(plan, END, audience=None)), build_rollup(plan, END)
    assert marked[0] == unmarked[0]
    for then, now in zip(marked[1].targets, unmarked[1].targets, strict=True):
        assert (then.value, then.rating, then.years) == (now.value, now.rating, now.years)


@pytest.mark.django_db
def test_few_records_of_a_country_are_those_of_other_countries(
    plan: Plan, confidential: dict[str, Record]
) -> None:
    def read_countries() -> dict[str, int]:
        rows = {row.target.code: row for row in build_rollup(plan, END, audience=EVERYONE).targets}
        return {part.code: part.records for part in rows["1.1-countries"].actual.measurement.slices}

    assert read_countries() == {"other": 1}
    for _number in range(4):
        make_approved("initiative", countries=["TG"])
    assert read_countries() == {"TG": 5}


@pytest.mark.django_db
def test_its_page_is_that_of_no_record(
    confidential: dict[str, Record], django_assert_num_queries: Any
) -> None:
    manager = make_user(Role.MANAGER, "dakar")
    client, pages = client_of(manager), []
    client.get("/records/event/NO-SUCH/")
    for reference in (confidential["event"].reference, "NO-SUCH"):
        answer = client.get(reverse("indicators:record_detail", args=["event", reference]))
        assert answer.status_code == 404
        pages.append(TOKEN.sub("", answer.content.decode().replace(reference, "X")))
    assert pages[0] == pages[1]


@pytest.mark.django_db
def test_a_restricted_context_makes_its_countries_records_confidential(plan: Plan) -> None:
    staff, manager = make_user(Role.STAFF, "niamey"), make_user(Role.MANAGER, "dakar")
    records = [
        make_approved("initiative", countries=["TG", "SN"], entered_by=staff),
        make_approved("country_support", country="TG", entered_by=staff),
        make_approved("decision", authority_country="TG", entered_by=staff),
    ]
    elsewhere = make_approved("initiative", countries=["SN"], entered_by=staff)
    context = RestrictedContext.objects.create(
        country=make_country("TG"), starts_on=date(2018, 1, 1), ends_on=date(2018, 12, 31)
    )

    def is_seen(record: Record) -> bool:
        return bool(type(record).objects.visible_to(manager).filter(pk=record.pk).exists())

    assert all(map(is_seen, records)), "it is over"
    RestrictedContext.objects.filter(pk=context.pk).update(ends_on=None)
    assert not any(map(is_seen, records))
    assert is_seen(elsewhere)


@pytest.mark.django_db
def test_a_reference_of_a_confidential_record_is_answered_like_an_unknown_one(
    confidential: dict[str, Record], client: Client
) -> None:
    client = client_of(make_user(Role.STAFF, "dakar"))
    answers = []
    for reference in (confidential["project"].reference, "NO-SUCH"):
        data = {"title": "A partner", "partner_type": "institutions", "projects": reference}
        page = client.post(reverse("indicators:record_create", args=["partner"]), data)
        text = page.content.decode().replace(reference, "X")
        assert "There is no record" in text, page.context["form"].errors
        answers.append(text[text.index("There is no record") :][:120])
    assert answers[0] == answers[1]


@pytest.mark.django_db
def test_what_a_user_does_not_see_stays_when_the_record_is_saved(named: list[Record]) -> None:
    lesson, evaluation = named[4], named[2]
    client = client_of(make_user(Role.STAFF, "dakar"))
    before = type(lesson).objects.get(pk=lesson.pk).applied_in
    for record in (lesson, evaluation):
        address = reverse("indicators:record_edit", args=[record.KIND, record.reference])
        form = client.get(address).context["form"]
        data = {
            name: value
            for name, field in form.fields.items()
            if (value := form[name].value()) not in (None, [], False)
        }
        answer = client.post(address, {**data, "notes": "Another note."})
        assert answer.status_code == 302, answer.context["form"].errors
        stored = type(record).objects.get(pk=record.pk)
        assert stored.notes == "Another note."
        assert stored.project_id == record.project_id
    assert type(lesson).objects.get(pk=lesson.pk).applied_in == before


@pytest.mark.django_db
def test_a_record_marked_later_stays_in_an_issued_report_and_is_no_restatement(
    plan: Plan, named: list[Record]
) -> None:
    officer, staff = make_user(Role.OFFICER), make_user(Role.STAFF, "niamey")
    later = make_approved("event", title="Later", occurred_on="2017-03-04", entered_by=staff)
    make_approved("initiative", title="Later too", countries=["TG"], starts_on="2017-03")
    issued = issue_annual_report(plan, "2017", officer, MARCH_2019)
    for record in (later, *Initiative.objects.filter(title="Later too")):
        type(record)._base_manager.filter(pk=record.pk).update(confidential=True)
    rows = load_rows(AnnualReport.objects.get(pk=issued.pk))
    assert "Later" in [one.title for some in rows.evidence for one in some]
    assert find_changed_rows(read_snapshot(rows), build_rollup(plan, date(2017, 12, 31))) == {}
    assert list_restatements(plan, plan.year("2018")) == []
    # A cause of a difference is not named either.
    type(later)._base_manager.filter(pk=later.pk).update(status=Status.WITHDRAWN)
    [restated] = list_restatements(plan, plan.year("2018"))
    assert [cause["records"] for cause in restated["causes"]] == [[later.pseudonym]]
    assert later.reference not in str(restated)

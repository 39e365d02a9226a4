"""Possible duplicates: shown before saving; the user may save all the same."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rapidfuzz import fuzz

from indicators.forms import duplicates
from indicators.forms.duplicates import (
    DuplicateMatches,
    DuplicateSearch,
    find_duplicates,
)
from indicators.models import Initiative, Status
from indicators.values.similarity import ComparedRecord
from strategy.choices import RecordKind, Role
from strategy.dates.periods import PartialDate
from strategy.models import Country, Plan, User
from strategy.text import fold_accents
from tests.conftest import client_of
from tests.factories import make_record, make_user
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import answers, post_edit, post_new, read_text

TITLE = "Niger: police training kit"


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_places")


def alike(user: User, **values: Any) -> list[str]:
    typed = {"title": TITLE, "starts_on": PartialDate("2018-03"), **values}
    typed.setdefault("countries", [Country.objects.get(code="NE")])
    found = find_duplicates(RecordKind.INITIATIVE, typed, user=user)
    return [one.reference for one in found.records]


@pytest.mark.parametrize(
    ("there", "is_alike"),
    [
        ({}, True),
        ({"title": "NIGER – Police-training kít"}, True),
        ({"title": "Police training kit, Niger"}, True),
        ({"title": "Niger: police trainning kit"}, True),
        ({"title": "Niger: guide for judges"}, False),
        ({"title": "Niger"}, False),
        ({"countries": ["TG"]}, False),
        ({"countries": ["TG", "NE"]}, True),
        ({"countries": []}, True),
        ({"starts_on": "2018-05-20"}, True),
        ({"starts_on": "2018"}, True),
        ({"starts_on": None}, True),
        ({"starts_on": "2019-03"}, False),
        ({"starts_on": "2017-10-30"}, False),
        ({"status": Status.WITHDRAWN}, False),
    ],
)
def test_alike_is_the_same_country_a_like_title_and_a_date_near(
    there: dict[str, Any], is_alike: bool, staff: User
) -> None:
    stored = {"title": TITLE, "starts_on": "2018-03-12", "countries": ["NE"], **there}
    make_record("initiative", entered_by=staff, reference="THERE", **stored)
    assert alike(staff) == (["THERE"] if is_alike else [])


def test_what_may_be_the_same_is_shown_and_nothing_is_saved(
    staff: User, staff_client: Client
) -> None:
    there = make_record("initiative", entered_by=staff, title=TITLE)
    given = {"title": TITLE, "starts_on": "March 2018", "summary": "Eight stations"}
    response = post_new(staff_client, RecordKind.INITIATIVE, **given, submit="yes")

    page = response.content.decode()
    assert response.status_code == 409
    assert Initiative.objects.count() == 1
    assert "<title>Error: " in page
    assert reverse("indicators:record_detail", args=["initiative", there.reference]) in page
    assert 'value="March 2018"' in page
    assert "Eight stations" in page
    assert 'name="is_another" value="submit"' in page


@pytest.mark.parametrize(
    ("pressed", "status"),
    [("submit", Status.SUBMITTED), ("another", Status.DRAFT), ("yes", Status.DRAFT)],
)
def test_saved_all_the_same_it_goes_where_the_first_press_meant(
    pressed: str, status: Status, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE, reference="THERE")
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE, is_another=pressed)
    assert response.status_code == 302
    assert Initiative.objects.exclude(reference="THERE").get().status == status
    assert response.url.endswith("/new/") == (pressed == "another")


def test_records_of_another_office_are_counted_and_not_named(
    staff: User, staff_client: Client
) -> None:
    dakar = make_user(Role.STAFF, "dakar")
    make_record("initiative", entered_by=dakar, title=TITLE, reference="SECRET-1")
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE)
    assert response.status_code == 409
    assert "1 record of another office, which you may not open" in read_text(response)
    assert "SECRET-1" not in response.content.decode()

    officer = make_user(Role.OFFICER, "montreal")
    assert (
        "SECRET-1"
        in post_new(client_of(officer), RecordKind.INITIATIVE, title=TITLE).content.decode()
    )


def test_a_form_sent_twice_is_no_duplicate_of_itself(staff_client: Client) -> None:
    given = answers(RecordKind.INITIATIVE, title=TITLE)
    address = reverse("indicators:record_create", args=["initiative"])
    first, second = (staff_client.post(address, given) for _press in range(2))
    assert (first.status_code, second.url) == (302, first.url)
    assert Initiative.objects.count() == 1


def test_a_record_that_becomes_like_another_is_shown_it_before_saving(
    staff: User, staff_client: Client
) -> None:
    there = make_record("initiative", entered_by=staff, title=TITLE)
    other = make_record("initiative", entered_by=staff, title="Togo: guide", countries=["TG"])
    response = post_edit(staff_client, other, title=TITLE, countries="Niger")
    assert response.status_code == 409
    assert (
        reverse("indicators:record_detail", args=["initiative", there.reference])
        in response.content.decode()
    )
    assert Initiative.objects.get(pk=other.pk).title == "Togo: guide"

    given = {"title": TITLE, "countries": "Niger", "is_another": "submit"}
    assert post_edit(staff_client, other, **given).status_code == 302
    other.refresh_from_db()
    assert (other.title, other.status) == (TITLE, Status.SUBMITTED)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_a_record_is_no_duplicate_of_itself(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    record = make_record(kind, entered_by=staff)
    assert post_edit(staff_client, record, reference="OTHER-1").status_code == 302
    assert post_edit(staff_client, type(record).objects.get(pk=record.pk)).status_code == 302


def test_a_change_of_something_else_asks_nothing_of_what_was_alike_before(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE)
    twin = make_record("initiative", entered_by=staff, title=TITLE)
    given = {"title": TITLE, "summary": "Eight stations"}
    assert post_edit(staff_client, twin, **given).status_code == 302


def test_files_that_the_browser_forgets_are_asked_for_again(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title=TITLE)
    file = SimpleUploadedFile("decree.pdf", PDF)
    response = post_new(staff_client, RecordKind.INITIATIVE, title=TITLE, new_files=file)
    assert response.status_code == 409
    assert "Choose the files again" in read_text(response)


def test_to_compare_with_many_is_one_query(staff: User) -> None:
    for number in range(30):
        make_record("initiative", entered_by=staff, title=f"{TITLE} {number}")
    values = {"title": TITLE, "countries": [Country.objects.get(code="NE")]}
    assert staff.role
    with CaptureQueriesContext(connection) as asked:
        found = find_duplicates(RecordKind.INITIATIVE, values, user=staff)
    assert len(asked) == 1
    assert len(found.records) == 5


@pytest.mark.parametrize("kind", list(RecordKind))
def test_answers_of_every_kind_are_foreseen_and_nothing_is_written(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff, title="Togo: guide for judges")
    address = reverse("indicators:record_contributions", args=[kind])
    for given in (answers(kind), {}, {"title": "x" * 400, "starts_on": "3/4/2018"}):
        with CaptureQueriesContext(connection) as asked:
            response = staff_client.post(address, given)
        assert response.status_code == 200
        assert "<html" not in response.content.decode()
        written = [q["sql"] for q in asked if re.match("INSERT|UPDATE|DELETE", q["sql"])]
        assert written == []


def test_while_one_types_the_page_says_what_it_counts_towards(staff_client: Client) -> None:
    address = reverse("indicators:record_contributions", args=["initiative"])
    given = answers(RecordKind.INITIATIVE, countries="Canada; Niger", starts_on="mars 2018")
    page = read_text(staff_client.post(address, given))
    assert "Once approved, it would count towards 1.1." in page
    assert "not before this is answered: Which fields of activity?" in page

    page = read_text(staff_client.post(address, given | {"countries": "Canada"}))
    assert "As answered so far, it would count towards nothing." in page
    assert "Outside the geography of the target. Canada counts under 1.3." in page


def test_who_may_not_record_foresees_nothing(board_client: Client) -> None:
    assert (
        board_client.post(reverse("indicators:record_contributions", args=["event"])).status_code
        == 403
    )


DAYS = ("2018", "2019", "2018-01", "2018-03", "2018-06", "2018-04-02", "2018-12-31", None)
WORDS = ("Police training", "Training of police", "Police training kit", "Judges’ guide")
NUMBERS = ("", "1", "2", "2 1", "1 2", "2018")
COUNTRIES = ((), ("NE",), ("TG",), ("NE", "TG"), ("ML",))


def may_be_the_same(one: ComparedRecord, other: ComparedRecord) -> bool:
    """Say it plainly, for one pair: what the rules say, with no regard for time."""
    titles = fold_accents(one.title), fold_accents(other.title)
    numbers = [sorted(re.findall(r"\d+", title)) for title in titles]
    is_near = (
        one.when is None
        or other.when is None
        or (
            one.when.first - other.when.last <= timedelta(days=92)
            and other.when.first - one.when.last <= timedelta(days=92)
        )
    )
    return (
        fuzz.token_sort_ratio(*titles) >= 82
        and (not all(numbers) or numbers[0] == numbers[1])
        and (not one.countries or not other.countries or bool(one.countries & other.countries))
        and is_near
    )


def test_rows_of_a_file_resemble_those_that_each_pair_says(staff: User) -> None:
    keys = dict(Country.objects.values_list("code", "pk"))
    rows = [
        ComparedRecord(
            0,
            f"{words} {number}".strip(),
            PartialDate(day) if day else None,
            frozenset(keys[code] for code in codes),
        )
        for words, number, day, codes in product(WORDS, NUMBERS, DAYS, COUNTRIES)
    ]
    chosen = random.Random(11).sample(rows, 250)
    compared = [
        ComparedRecord(place, row.title, row.when, row.countries)
        for place, row in enumerate(chosen)
    ]
    found = DuplicateSearch(RecordKind.INITIATIVE, compared, user=staff, is_file=True).find()
    assert len(found) > 100
    for row in compared:
        expected = {one.number for one in compared[: row.number] if may_be_the_same(row, one)}
        told = set(found[row.number].rows) if row.number in found else set()
        assert told <= expected
        assert len(told) == min(len(expected), 5)


@pytest.fixture
def similar_records(staff: User) -> Sequence[ComparedRecord]:
    """Stored initiatives with similar titles, on different days and in different countries."""
    for number, (words, day, codes) in enumerate(product(WORDS, DAYS[2:], (["NE"], ["TG"], []))):
        title = f"{words} {number % 3 or ''}".strip()
        make_record("initiative", entered_by=staff, title=title, starts_on=day, countries=codes)
    return duplicates.compare_records(list(Initiative.objects.prefetch_related("countries")))


def test_a_record_resembles_the_stored_records_that_each_pair_says(
    similar_records: Sequence[ComparedRecord], staff: User
) -> None:
    assert len(similar_records) > duplicates.MAX_NARROWED, "the control: all are read"
    found = DuplicateSearch(RecordKind.INITIATIVE, similar_records, user=staff).find()
    for record in similar_records:
        expected = [
            one for one in similar_records if one.pk != record.pk and may_be_the_same(record, one)
        ]
        told = found.get(record.number)
        assert (len(told.records) if told else 0) == min(len(expected), 5)


def test_few_records_resemble_the_same_ones_as_many_do(
    similar_records: Sequence[ComparedRecord], staff: User
) -> None:
    of_all = DuplicateSearch(RecordKind.INITIATIVE, similar_records, user=staff).find()

    def ask(records: Sequence[ComparedRecord]) -> Mapping[int, DuplicateMatches]:
        return DuplicateSearch(RecordKind.INITIATIVE, records, user=staff).find()

    alone = {record.number: ask([record]).get(record.number) for record in similar_records}
    assert {number: told for number, told in alone.items() if told} == of_all
    dated = [record for record in similar_records if record.when and record.countries][:30]
    assert ask(dated) == {r.number: of_all[r.number] for r in dated if r.number in of_all}


def test_titles_of_other_sessions_and_places_are_not_compared_at_all(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = []
    extract = duplicates.process.extract

    def count(title: str, others: list[str], **options: Any) -> Any:
        pairs.append(len(others))
        return extract(title, others, **options)

    monkeypatch.setattr(duplicates.process, "extract", count)
    sessions = [ComparedRecord(n, f"Training {n}", None, frozenset()) for n in range(200)]
    places = [ComparedRecord(n, "Training", None, frozenset({n})) for n in range(200)]
    years = [
        ComparedRecord(n, "Training", PartialDate(str(1800 + 2 * n)), frozenset())
        for n in range(50)
    ]
    for compared in (sessions, places, years):
        found = DuplicateSearch(RecordKind.INITIATIVE, compared, user=staff, is_file=True).find()
        assert not found
    assert sum(pairs) == 0

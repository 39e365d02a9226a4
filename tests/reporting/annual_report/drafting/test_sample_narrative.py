"""The sample narrative says nothing that the sample records do not bear out."""

import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from indicators.import_export.demo import load_sample_records
from reporting.annual_report.drafting.demo import load_sample_narrative
from reporting.figures.rollup import build_rollup
from reporting.models import DraftTextType, NarrativeSection, NarrativeText, ReportDraft
from strategy.choices import Rating
from strategy.models import Plan, User
from tests.factories import NOON

FILE = settings.BASE_DIR / "fixtures" / "narrative" / "sample.json"
SAMPLES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
YEARS = [sample["year"] for sample in SAMPLES]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("sample", SAMPLES, ids=YEARS)
def test_a_sample_says_that_it_is_one_and_stands_in_every_language(
    sample: dict[str, Any],
) -> None:
    assert list(sample["texts"]) == [section.value for section in NarrativeSection]
    texts = [*sample["texts"].values(), *sample["comments"].values()]
    for words in texts:
        assert list(words) == LANGUAGES
        assert len({text.count("\n") for text in words.values()}) == 1, "as many lines in each"
    assert sample["texts"]["summary"]["en"].startswith("Sample text")


def test_the_numbers_that_it_names_are_those_of_the_figures(
    plan: Plan, staff: User, manager: User
) -> None:
    folder = settings.BASE_DIR / "fixtures" / "records"
    load_sample_records(folder, by=staff, approver=manager, at=NOON)
    told: dict[str, list[Decimal | None]] = {}
    unknown: dict[str, int] = {}
    for sample in SAMPLES:
        rollup = build_rollup(plan, date(int(sample["year"]), 12, 31))
        values = {line.target.code: line.value for line in rollup.targets}
        initiatives, countries = values["1.1-initiatives"], values["1.1-countries"]
        for language in sample["texts"]["summary"]:
            said = re.findall(r"(?<!\d)\d{2}(?!\d)", sample["texts"]["summary"][language])
            assert said == [str(initiatives), str(countries)], (sample["year"], language)
        unknown[sample["year"]] = sum(line.rating == Rating.NO_DATA for line in rollup.targets)
        told[sample["year"]] = [
            values[code] for code in ("2.1-countries", "2.1-decisions", "2.3-events")
        ]
    assert told == {
        "2017": [None, None, 0],
        "2018": [None, 3, 2],
        "2019": [2, 3, 4],
        "2020": [2, 4, 5],
    }
    ratings = Counter(line.rating for line in rollup.objectives)
    assert ratings == {Rating.NOT_ACHIEVED: 5, Rating.NO_DATA: 5}, "as the last summary says"
    assert unknown["2017"] == 8, "as its first decision says"
    assert unknown["2020"] == 6, "as its first risk says"
    [balance] = [line for line in rollup.targets if line.target.code == "1.2-fields"]
    assert balance.actual.measurement.denominator == 20, "as its comment says"


def test_every_year_of_the_plan_has_one(plan: Plan) -> None:
    assert [year.label for year in plan.years] == YEARS


def test_it_is_drafted_once_and_what_is_there_stays(plan: Plan, officer: User) -> None:
    ReportDraft.objects.create(plan=plan, year="2018")
    drafted = load_sample_narrative(FILE, by=officer, at=NOON)
    assert [draft.year for draft in drafted] == ["2017", "2019", "2020"]
    assert not NarrativeText.objects.filter(draft__year="2018").exists()
    assert NarrativeText.objects.filter(draft__year="2019", part=DraftTextType.COMMENT).exists()
    assert load_sample_narrative(FILE, by=officer, at=NOON) == []


def test_a_plan_that_is_not_here_has_no_sample(officer: User) -> None:
    assert load_sample_narrative(FILE, by=officer, at=NOON) == []

"""Countries and lists of words, in the form and in a file."""

import pytest
from django.test import Client

from indicators.import_export.rows.results import RowStatus
from indicators.models import Event, Initiative
from strategy.choices import RecordKind
from strategy.models import User
from tests.support.samples.two_doors import check_case, read_at_both

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

CONGO = "“Congo” may be either of two countries. Write CD for Kinshasa or CG for Brazzaville."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Democratic Republic of Congo", "Democratic Republic of the Congo"),
        ("sen", "Senegal"),
        ("Congo", CONGO),
        ("Sengal", "“Sengal” is not a country. Did you mean Senegal?"),
    ],
)
def test_form_and_file_read_one_country(
    text: str, value: str, officer: User, officer_client: Client
) -> None:
    kind, column = RecordKind.EVENT, "country"
    in_form, in_file = read_at_both(kind, column, text, officer, officer_client)
    assert [*map(str, in_form)] == [*map(str, in_file)] == [value]


def test_spellings_of_countries_are_read_and_told(officer: User) -> None:
    checked = check_case("country-spellings.csv", RecordKind.EVENT, officer)
    checked.write()
    codes = Event.objects.order_by("reference").values_list("country__code", flat=True)
    assert list(codes) == ["CD", "CD", "SN", "CI", "CD", "CD", "CG", "CI", "CI", "BF", "GN", "SZ"]
    assert sum("was read as" in notice for notice in checked.outcome.notices) == 12


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("congo-alone.csv", [f"row 2, country: {CONGO}"]),
        (
            "kosovo.csv",
            [
                f"row {row}, country: The list of countries has no Kosovo (XK), which "
                "ISO 3166-1 lacks. Ask an administrator to add it, with the number 983."
                for row in (2, 3)
            ],
        ),
    ],
)
def test_a_country_that_only_people_can_name(
    name: str, sentences: list[str], officer: User
) -> None:
    checked = check_case(name, RecordKind.EVENT, officer)
    assert [str(problem) for problem in checked.outcome.problems] == sentences


def test_words_with_commas_between_them_are_several_and_told(officer: User) -> None:
    checked = check_case("lists-with-commas.csv", RecordKind.INITIATIVE, officer)
    checked.write()
    for record in Initiative.objects.all():
        assert {country.code for country in record.countries.all()} == {"SN", "ML"}
    assert checked.outcome.counts[RowStatus.NEW] == 2
    told = [notice for notice in checked.outcome.notices if "was read as several" in notice]
    assert [notice.partition("“")[2].partition("”")[0] for notice in told] == [
        "SN, ML",
        "Senegal, Mali",
        "justice, violence",
    ]

"""Errors of an import: by row and column, with the remedy."""

import pytest
from django.utils.translation import override

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.rows.columns import build_widgets, display_headings
from indicators.import_export.rows.widgets import ChoiceWidget
from indicators.workflow.actions import InvalidTransition
from strategy.choices import EventKind, EventRole, RecordKind
from strategy.models import User
from tests.factories import make_record
from tests.support.samples.import_files import check, summarize

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def errors(kind: str, text: str, by: User) -> list[str]:
    """Return the problems of a file, after checking that nothing was written."""
    checked = check(kind, text, by)
    with pytest.raises(InvalidTransition, match="Nothing was written"):
        checked.write()
    assert not RECORD_SOURCES[RecordKind(kind)].model._base_manager.exists()
    return [str(problem) for problem in checked.outcome.problems]


def problems(kind: str, text: str, by: User) -> list[str]:
    """Return the problems of a file in the active language."""
    return [str(problem) for problem in check(kind, text, by).outcome.problems]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("A,x,country,Sengal,,,", "countries: “Sengal” is not a country. Did you mean Senegal?"),
        ("A,x,country,Atlantis,,,", "countries: “Atlantis” is not a country. Write its name or"),
        ("A,x,country,NE;XX,,,", "countries: “XX” is not a country."),
        ("A,x,country,,,,", "countries: Enter the country."),
        ("A,,country,NE,,,", "title: Enter the title."),
        ("A,x,continental,NE,,,", "scope: “continental” is not one of these: One country,"),
        ("A,x,country,NE,2018-02-30,,", "starts_on: “2018-02-30” does not exist in the calendar."),
        ("A,x,country,NE,spring,,", "starts_on: “spring” is not a date. Write 2018, 2018-03"),
        (
            "A,x,country,NE,03/04/2018,31/12/2018,\nB,y,country,NE,12/31/2018,,",
            "starts_on: “03/04/2018” can be read in two ways. Write 2018-04-03 or 2018-03-04.",
        ),
        (
            "A,x,country,NE,٣/٤/٢٠١٨,31/12/2018,\nB,y,country,NE,12/31/2018,,",
            "starts_on: “٣/٤/٢٠١٨” can be read in two ways. Write 2018-04-03 or 2018-03-04.",
        ),
        ("A,x,country,NE,30.03.18,,", "starts_on: Write the year of “30.03.18” with four digits."),
        ("A,x,country,NE,31/31/2018,,", "starts_on: “31/31/2018” does not exist in the calendar."),
        ("A,x,country,NE,2019,2018-12,", "ends_on: Enter a date that is not before 2019"),
        ("A,x,country,NE,,,PRJ-9", "project: There is no project “PRJ-9”. Import it first"),
        ("A/B,x,country,NE,,,", "reference: Write the reference with letters"),
        ("new,x,country,NE,,,", "reference: “new” cannot be a reference."),
        (f"{'A' * 41},x,country,NE,,,", "reference: The text has 41 characters; at most 40"),
        (f"A,{'x' * 251},country,NE,,,", "title: The text has 251 characters; at most 250"),
        ("A,x\x07y,country,NE,,,", "title: It holds a character that cannot be shown."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_initiative_is_said_by_row_and_column(cells, words, officer):
    text = f"reference,title,scope,countries,starts_on,ends_on,project\n{cells}\n"
    found = errors("initiative", text, officer)
    assert any(error.startswith(f"row 2, {words}") for error in found), found


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("annual_budget", "year,amount\n2018,a lot", "amount: “a lot” is not a number."),
        ("annual_budget", "year,amount\n2018,$100", "amount: “$100” is not a number."),
        ("annual_budget", "year,amount\n2018,1e5", "amount: “1e5” is not a number."),
        ("annual_budget", "year,amount\n2018,NaN", "amount: “NaN” is not a number."),
        (
            "annual_budget", 'year,amount\n2018,"1,234"',
            "amount: “1,234” can be read in two ways. Write 1234, or 1.23.",
        ),
        ("annual_budget", "year,amount\n2018,0.1234", "amount: “0.1234” has more than 2 decimals."),
        ("annual_budget", "year,amount\n2018,9876543210123", "amount: “9876543210123” is too"),
        ("annual_budget", "year,amount\n2018,", "amount: Enter the amount."),
        ("annual_budget", "year,amount\nlast,1", "year: Write the year as 2018"),
        ("annual_budget", "year,amount\n2018-2020,1", "year: Enter two years that follow"),
        (
            "annual_budget", "year,amount,currency\n2018,1,dollars",
            "currency: “dollars” is not the code",
        ),
        (
            "annual_budget",
            "year,amount,currency,basis\n2018,1,CAD,approved\n2018,2,CAD,approved",
            "row 3, year: There is such a record already: row 2 (“2018: 1 CAD”).",
        ),
        ("sponsor", "title,amount\nUNICEF,5", "Currency: Enter the currency of the amount"),
        ("sponsor", "title,evidence_url\nUNICEF,ibcr", "evidence_url: “ibcr” is no"),
        (
            "sponsor", "title,evidence_url\nUNICEF,https://a.org/b;www.c",
            "evidence_url: “www.c” is not a link.",
        ),
        (
            "sponsor", f"title,evidence_url\nUNICEF,https://a.org/{'x' * 1000}",
            "evidence_url: The link has 1014 characters; at most 1000",
        ),
        ("activity", "title,initiative,women\nx,INI-9,many", "women: “many” is not a whole"),
        ("activity", "title,initiative,men\nx,INI-9,-3", "men: “-3” is not a whole number."),
        ("activity", "title,initiative,men\nx,INI-9,9999999999", "men: “9999999999” is too large."),
        ("activity", "title,initiative\nx,", "initiative: Enter the initiative."),
        ("action_report", "title,filed_under\nx,9.9", "filed_under: “9.9” is not one of the"),
        (
            "policy_update", "title,change,areas\nx,new,human_ressources",
            "areas: “human_ressources” is not one of these: Human resources, Professional",
        ),
        ("event", "title,role\nx,organised", "file: The column “Kind of event” is missing. New"),
        (
            "decision", "title,tittle\nx,y",
            "row 1, tittle: There is no such column. Did you mean Title?",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_remedy(kind, text, words, officer):
    found = errors(kind, text, officer)
    words = words if words.startswith(("row ", "file: ")) else f"row 2, {words}"
    assert any(error.startswith(words) for error in found), found


FRENCH = (
    "Référence;Titre;Rôle de l'IBCR;Type d’événement;Pays hôte\n"
    "A;Table ronde;organised;conférance;Sengal\n"
    "B;;organised;conference;\n"
)


def test_a_column_is_called_as_the_file_calls_it(officer):
    assert [error.partition(":")[0] for error in errors("event", FRENCH, officer)] == [
        "row 2, Type d’événement",
        "row 2, Pays hôte",
        "row 3, Titre",
    ]
    text = "titre;DATE DE DÉBUT;Pays ciblés\nx;Niger;Niger\n"
    [found] = problems("initiative", text, officer)
    assert found.startswith("row 2, DATE DE DÉBUT: ")
    notices = check("initiative", text, officer).outcome.notices
    assert "Pays ciblés: “Niger” was read as NE (Niger)." in notices


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_a_column_that_the_file_has_not_is_called_as_its_reader_calls_it(language, officer):
    with override(language):
        currency = display_headings(RecordKind.SPONSOR)["currency"]
        [found] = problems("sponsor", "title,amount\nUNICEF,5\n", officer)
        kind = display_headings(RecordKind.EVENT)["kind"]
        [missing] = problems("event", "title,role\nx,organised\n", officer)
    assert currency in found
    assert " currency:" not in found
    assert kind in missing
    assert " kind" not in missing


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_words_and_columns_to_choose_from_are_those_of_the_reader(language, officer):
    with override(language):
        role, kind = str(EventRole.CO_ORGANISED.label), str(EventKind.CONFERENCE.label)
        text = f"title,role,kind\nx,nothing,{kind}z\n"
        words = " ".join(problems("event", text, officer))
        [_unknown, columns] = problems("event", "title,tittle\nx,y\n", officer)
        [nothing] = problems("event", "foo,bar\nx,y\n", officer)
        called = display_headings(RecordKind.EVENT)
    assert role in words
    assert "co_organised" not in words
    assert kind in words
    assert "conference" not in words
    for sentence in (columns, nothing):
        assert all(heading in sentence for heading in called.values())
        assert "evidence_url" not in sentence


def test_every_word_that_an_error_offers_is_taken(officer):
    for kind in RecordKind:
        for language in ("en", "fr", "es", "ar"):
            with override(language):
                for cell in build_widgets(kind).values():
                    if isinstance(cell, ChoiceWidget):
                        words = cell.words
                        assert all(
                            words.find(words.display_word(word)) == word for word in words.all
                        )


def test_characters_that_no_database_holds_are_an_error_and_no_failure(officer):
    blank = "\n" * 5_000
    text = f"reference,title,countries,project{blank}\nA\x00B,x\x00,N\x00,P\x00\n"
    found = errors("initiative", text, officer)
    sentence = "It holds a character that cannot be shown. Type the text anew."
    columns = ("reference", "title", "project", "countries")
    assert found == [f"row 5002, {column}: {sentence}" for column in columns]


def test_all_that_is_wrong_in_all_rows_is_told_at_once_and_nothing_is_written(officer):
    good = "A,x,country,NE,2018,2019,\n"
    bad = "B,,country,Sengal,2019,2018,\nA,x,regional,,,,\n"
    text = f"reference,title,scope,countries,starts_on,ends_on,project\n{good}{bad}"
    assert errors("initiative", text, officer) == [
        "row 3, title: Enter the title.",
        "row 3, countries: “Sengal” is not a country. Did you mean Senegal?",
        "row 3, ends_on: Enter a date that is not before 2019, or correct that one.",
        "row 4, reference: “A” is in row 2 too. Give each record its own reference.",
    ]


def test_every_unknown_word_gets_its_suggestion_whatever_the_language(officer):
    rows = "".join(f"E{n},x,organised{n},conference,Senegal{n}\n" for n in range(60))
    rows += "F,x,organised,conférance,Costa de Marfill\n"
    found = errors("event", f"reference,title,role,kind,country\n{rows}", officer)
    assert len(found) == 122
    assert sum("Did you mean Organised?" in error for error in found) == 60
    assert sum("Did you mean Senegal?" in error for error in found) == 60
    assert found[-2].endswith("Did you mean Conference?")
    assert found[-1].endswith("Did you mean Côte d'Ivoire?")


def test_two_unchanged_rows_with_one_reference_are_an_error_too(officer):
    make_record("event", reference="EVT-1")
    row = "EVT-1,Conference on child witnesses\n"
    checked = check("event", f"reference,title\n{row}{row}", officer)
    assert "row 3, reference: “EVT-1” is in row 2 too." in str(next(checked.outcome.problems))


BUDGET_HEAD = "reference,year,amount,currency,basis\n"


def test_a_budget_without_currency_or_basis_is_an_error(officer):
    found = errors("annual_budget", f"{BUDGET_HEAD}A,2018,5,,\n", officer)
    assert any("currency: Enter the currency" in error for error in found), found
    assert any("basis: Enter the basis" in error for error in found), found


def test_a_budget_that_is_there_under_another_reference_is_an_error(officer):
    make_record("annual_budget", reference="BUD-1", year="2018")
    found = check("annual_budget", f"{BUDGET_HEAD}BUD-2,2018,5,CAD,approved\n", officer)
    assert [str(problem) for problem in found.outcome.problems] == [
        "row 2, year: There is such a record already: BUD-1. Change that one instead."
    ]
    moved = f"{BUDGET_HEAD}BUD-1,2019,5,CAD,approved\nBUD-2,2018,5,CAD,approved\n"
    assert (
        summarize(check("annual_budget", moved, officer))
        == "new 1, changed 1, unchanged 0, error 0"
    )

"""Texts that identify a child, and harmless texts that resemble them, in the four languages."""

import csv
import time

import pytest
from django.test import Client

from indicators.forms.fields import TEXT_LENGTH
from indicators.import_export.importer import validate_file
from indicators.models import Event, Status
from indicators.safeguarding.detection import (
    FindingType,
    find_cell_errors,
    find_identifiers,
    unresolved_findings,
)
from indicators.workflow import actions
from strategy.choices import RecordKind
from strategy.models import Plan, User
from tests.factories import NOON, make_approved, make_record
from tests.support.recount import RECORDS
from tests.support.samples.form_answers import post_edit, post_new, read_text

TELLING = {
    "Amina, 9 ans": FindingType.NAME_WITH_AGE,
    "Ahmed (12)": FindingType.NAME_WITH_AGE,
    "une fille de 14 ans nommée Fatou": FindingType.NAME_WITH_AGE,
    "A girl aged 14 named Fatou": FindingType.NAME_WITH_AGE,
    "9-year-old Amina was heard": FindingType.NAME_WITH_AGE,
    "Amina is 9 years old": FindingType.NAME_WITH_AGE,
    "Kouadio, 9 ans, est venu": FindingType.NAME_WITH_AGE,
    "Interview with Kouadio Yao (13)": FindingType.NAME_WITH_AGE,
    "María, niña de 9 años": FindingType.NAME_WITH_AGE,
    "la niña María Fernanda, de 9 años, declaró": FindingType.NAME_WITH_AGE,
    "nine-year-old Kouassi": FindingType.NAME_WITH_AGE,
    "Mamadou D., 11 ans": FindingType.NAME_WITH_AGE,
    "AMINA, 9 ANS": FindingType.NAME_WITH_AGE,
    "amina, 9 ans": FindingType.NAME_WITH_AGE,
    "Fatou a 9 ans": FindingType.NAME_WITH_AGE,
    "Ibrahim, who is 10 years old": FindingType.NAME_WITH_AGE,
    "أمينة، 9 سنوات": FindingType.NAME_WITH_AGE,
    "أمينة (٩ سنوات)": FindingType.NAME_WITH_AGE,
    "أحمد عمره ١٢ سنة": FindingType.NAME_WITH_AGE,
    "الطفلة أمينة": FindingType.NAMED_CHILD,
    "فتاة تدعى زينب": FindingType.NAMED_CHILD,
    "طفلة عمرها تسع سنوات اسمها هاجر": FindingType.NAME_WITH_AGE,
    "the boy Moussa was placed": FindingType.NAMED_CHILD,
    "la petite Fatou": FindingType.NAMED_CHILD,
    "Tel. +227 20 73 45 67": FindingType.TELEPHONE,
    "call 514-932-7656": FindingType.TELEPHONE,
    "(514) 932-7656": FindingType.TELEPHONE,
    "70 12 34 56": FindingType.TELEPHONE,
    "هاتف: ٠٦١٢٣٤٥٦٧٨": FindingType.TELEPHONE,
    "13.5127, 2.1126": FindingType.COORDINATES,
    "https://maps.google.com/?q=13.5127,2.1126": FindingType.COORDINATES,
    "13°30'45\"N 2°06'45\"E": FindingType.COORDINATES,
    "passport no. A1234567": FindingType.IDENTITY_NUMBER,
    "carte d'identité n° 123456789": FindingType.IDENTITY_NUMBER,
    "acte de naissance n° 1234/2009": FindingType.IDENTITY_NUMBER,
    "birth certificate No 12345": FindingType.IDENTITY_NUMBER,
    "DNI 0801-1990-12345": FindingType.IDENTITY_NUMBER,
    "رقم الهوية ١٢٣٤٥٦٧٨": FindingType.IDENTITY_NUMBER,
    "case no. 123/2018": FindingType.CASE_NUMBER,
    "dossier n° 2018-45": FindingType.CASE_NUMBER,
    "née le 12/03/2009": FindingType.BORN,
    "born on 12 March 2009": FindingType.BORN,
    "date de naissance : 12/03/2009": FindingType.BORN,
    "nacida el 3 de mayo de 2010": FindingType.BORN,
    "01234567890123": FindingType.LONG_NUMBER,
    "Amina (F, 9)": FindingType.NAME_WITH_AGE,
    "Ahmed, 12, and his sister": FindingType.NAME_WITH_AGE,
    "Story of Kouadio, a boy of 9 years": FindingType.NAME_WITH_AGE,
    "un enfant prénommé Kouakou": FindingType.NAMED_CHILD,
    "un niño llamado Pedro": FindingType.NAMED_CHILD,
    "Témoignage d'une fillette de 9 ans, Rakia, à Zinder": FindingType.NAME_WITH_AGE,
}
"""Texts that may identify a child, with the type of the finding."""

HARMLESS = (
    "Training of 12 police officers aged 30",
    "Training of 45 Police Officers aged 25 to 40",
    "Burkina Faso: 5-year project",
    "Niger, 5 ans",
    "Projet de 5 ans",
    "Five-year project putting compulsory",
    "Children aged 6 to 12 in Niger",
    "Enfants de 6 à 12 ans",
    "Filles (10-14 ans) de Zinder",
    "under 18 years old in Senegal",
    "les enfants de moins de 5 ans à Dakar",
    "Participants: Niger (12), Mali (8), Senegal (15)",
    "Femmes (12), hommes (8)",
    "Police (12)",
    "Juges (15) et procureurs (9)",
    "UNICEF (12)",
    "Convention's 30th anniversary",
    "'72 hours' for the Convention's 30th anniversary, Ouagadougou",
    "7,759 people sensitised, 835 of them women",
    "GAC project CA-3-D001606001",
    "Décret n° 2018-0123/PRES/PM/MJDHPC",
    "Law No. 2018-22 of 12 March 2018",
    "From 2017 to 2020; 2017-2020",
    "12 000 000 FCFA",
    "CAD 12500000",
    "Depuis 5 ans, le Bureau travaille à Niamey",
    "Durée : 3 ans",
    "Pendant 2 ans, Ministère de la Justice",
    "Hace 5 años",
    "Proyecto de 3 años, Honduras",
    "Plan de 5 años en Costa Rica",
    "خلال 5 سنوات",
    "مشروع مدته 3 سنوات في النيجر",
    "تدريب 12 ضابطا من الشرطة",
    "القضاة (12)",
    "الأطفال من 6 إلى 12 سنة",
    "Observatoire de l'enfant",
    "droits de l'enfant au Niger",
    "Child Protection Secretariat",
    "a tool called Batela Mwana",
    "10-13 July and 24-28 July 2017",
    "Workshop of 12 March (15)",
    "Distribution of 150,000 birth certificates in 2018",
    "birth certificate 2018: campaign",
    "Campaign on birth certificates: 150,000 delivered",
    "5 ans d'expérience",
    "condamné à 10 ans de prison",
    "Training for judges, Dakar, 12 March",
    "Session 3, 12 participants",
    "Phase II, 3 ans",
    "Amina Diallo, 34 ans, formatrice",
    "Resolution 1325 (2000)",
    "Articles 9 and 12 of the Convention",
    "Formation de 9 mois au Sénégal",
    "A 9-month course in Zinder",
    "The Convention is 30 years old",
    "26 sessions of 12 officers",
    "Article (12)",
)

REFUSED = {FindingType.COORDINATES, FindingType.IDENTITY_NUMBER}


@pytest.mark.parametrize("text", TELLING)
def test_a_text_that_tells_who_a_child_is_is_found(text: str) -> None:
    findings = find_identifiers(text)
    assert [finding.type for finding in findings] == [TELLING[text]]
    assert findings[0].phrase in findings[0].sentence


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert find_identifiers(text) == []


@pytest.mark.parametrize("text", TELLING)
def test_only_what_no_record_needs_is_refused_outright(text: str) -> None:
    is_labelled_birthday = text.startswith("date de naissance")
    assert find_identifiers(text)[0].is_refused == (
        TELLING[text] in REFUSED or is_labelled_birthday
    )


def test_the_phrase_is_named_as_it_stands_in_the_text() -> None:
    text = "Séance à Zinder avec Kouadio Yao, 9 ans, et le +227 20 73 45 67."
    phrases = [finding.phrase for finding in find_identifiers(text)]
    assert phrases == ["Kouadio Yao, 9 ans", "+227 20 73 45 67"]


def test_marks_that_nobody_sees_hide_nothing() -> None:
    assert find_identifiers("Ami\u200bna, 9\u00a0ans")[0].phrase == "Amina, 9 ans"
    assert find_identifiers("\u200fأمي\u0640نة، ٩ سنوات")[0].phrase == "أمينة، 9 سنوات"


def test_no_text_of_the_sample_records_is_found() -> None:
    texts = 0
    for path in RECORDS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found = [
                    find_identifiers(text) for name, text in row.items() if name != "evidence_url"
                ]
                assert not any(found), (path.stem, row["reference"])
                texts += len(row)
    assert texts > 1000


def test_a_confirmed_phrase_passes_and_no_other() -> None:
    text = "The office: +227 20 73 45 67. Amina, 9 ans."
    assert [one.phrase for one in unresolved_findings(text)] == ["+227 20 73 45 67", "Amina, 9 ans"]
    assert [one.phrase for one in unresolved_findings(text, ["+227 20 73 45 67"])] == [
        "Amina, 9 ans"
    ]
    assert unresolved_findings(text, ["+227 20 73 45 67", "Amina, 9 ans"]) == []


def test_what_is_refused_cannot_be_confirmed() -> None:
    text = "At 13.5127, 2.1126"
    assert unresolved_findings(text, ["13.5127, 2.1126"])[0].is_refused


def test_a_phrase_that_was_there_before_is_not_asked_for_again() -> None:
    before = "The office: +227 20 73 45 67."
    assert unresolved_findings(before, before=before) == []
    assert unresolved_findings(f"{before} It moved.", before=before) == []
    more = unresolved_findings(f"{before} Amina, 9 ans.", before=before)
    assert [one.phrase for one in more] == ["Amina, 9 ans"]


def test_an_imported_cell_is_told_what_to_do() -> None:
    errors = find_cell_errors(
        {"title": "Training", "notes": "Amina, 9 ans", "summary": "At 13.5127, 2.1126"}
    )
    assert errors.keys() == {"notes", "summary"}
    assert "by hand" in errors["notes"] and "by hand" not in errors["summary"]


@pytest.mark.parametrize(
    "part",
    [
        *("1 ", "9 ans ", "12 34 ", "Amina ", "a", "passport 1", "fille "),
        *("12345678 ", "passport no 1 ", "case no ", "tel 1 ", "1.111 "),
        *("mother of ", "Fatou - ", "victim ", "born 2008 ", "A. ", "أم "),
    ],
)
def test_a_long_text_takes_no_longer_than_its_length_asks(part: str) -> None:
    text = part * (TEXT_LENGTH.limit_value // len(part))
    start = time.process_time()
    find_identifiers(text)
    assert time.process_time() - start < 3


# Where texts are checked


def test_a_form_refuses_coordinates_and_keeps_nothing(
    plan: Plan, staff_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = post_new(staff_client, RecordKind.EVENT, notes="Held at 13.5127, 2.1126.")
    assert response.status_code == 400
    assert "“13.5127, 2.1126” looks like the coordinates of a place" in read_text(response)
    assert "13.5127, 2.1126" in response.context["form"]["notes"].value()
    assert not Event.objects.exists() and not Event.history.exists()
    assert "13.5127" not in caplog.text


def test_a_form_asks_about_a_phrase_and_keeps_it_once_confirmed(
    plan: Plan, staff_client: Client
) -> None:
    notes = "Amina, 9 ans; the office is +227 20 73 45 67."
    asked = post_new(staff_client, RecordKind.EVENT, notes=notes)
    assert asked.status_code == 400
    assert "I have checked: “Amina, 9 ans” is not about a child." in read_text(asked)
    assert "There are 2 things to correct" in read_text(asked)
    assert not Event.objects.exists()

    half = post_new(staff_client, RecordKind.EVENT, notes=notes, not_a_child=["Amina, 9 ans"])
    assert half.status_code == 400 and not Event.objects.exists()
    assert "There is 1 thing to correct" in read_text(half)

    both = ["Amina, 9 ans", "+227 20 73 45 67"]
    assert (
        post_new(staff_client, RecordKind.EVENT, notes=notes, not_a_child=both).status_code == 302
    )
    assert Event.objects.get().notes == notes


def test_a_confirmed_phrase_is_not_asked_for_when_something_else_is_changed(
    plan: Plan, staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, notes="The office: +227 20 73 45 67.")
    response = post_edit(staff_client, event, notes="The office: +227 20 73 45 67. It moved.")
    assert response.status_code == 302


def test_notes_on_a_return_and_a_withdrawal_tell_of_no_child(manager: User, staff: User) -> None:
    waiting = make_record("event", status=Status.SUBMITTED, evidence=1)
    with pytest.raises(actions.InvalidTransition, match="Amina, 9 ans"):
        actions.return_record(waiting, by=manager, at=NOON, note="Is Amina, 9 ans, meant?")
    counting = make_approved("event")
    with pytest.raises(actions.InvalidTransition, match="Amina, 9 ans"):
        actions.withdraw(counting, by=manager, at=NOON, note="Amina, 9 ans")
    waiting.refresh_from_db()
    assert (waiting.version, waiting.note_on_return) == (1, "")


def test_a_row_that_tells_of_a_child_is_an_error(plan: Plan, officer: User) -> None:
    file = b'title,role,kind,notes\nConference,organised,conference,"Amina, 9 ans"\n'
    checked = validate_file(RecordKind.EVENT, file, by=officer, at=NOON)
    (problem,) = checked.outcome.problems
    assert (problem.row, problem.column) == (2, "notes")
    assert "a name with an age" in problem.message
    assert "Amina" not in problem.message


def test_a_row_may_keep_a_phrase_that_was_confirmed_by_hand(plan: Plan, officer: User) -> None:
    event = make_record("event", notes="The office: +227 20 73 45 67.", reference="EVT-1")
    file = f"reference,notes\n{event.reference},The office: +227 20 73 45 67 (new)\n".encode()
    checked = validate_file(RecordKind.EVENT, file, by=officer, at=NOON)
    assert not list(checked.outcome.problems)

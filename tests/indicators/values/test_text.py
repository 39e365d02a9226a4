"""Texts, references and links are normalised at the door, in the form and in a file alike."""

import unicodedata

import pytest
from django.test import Client
from django.urls import reverse

from indicators.import_export.rows.results import RowStatus
from indicators.models import Event, Evidence
from indicators.values.links import parse_link, split_links
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import fold_accents, fold_spelling, is_storable, normalize_text
from tests.factories import make_record
from tests.support.samples.form_answers import post_edit, post_new, read_text
from tests.support.samples.import_files import check
from tests.support.samples.two_doors import check_case, read_at_both

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]

TITLE = "Réunion à Saint-Étienne"
HIDDEN = "It holds a character that cannot be shown. Type the text anew."
UNSEEN = "Characters that cannot be seen were taken out of: "


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (unicodedata.normalize("NFD", TITLE), TITLE),
        ("Work\u00adshop\u200b in Mali\ufeff", "Workshop in Mali"),
        ("a\x07b", HIDDEN),
        ("a\x9fb", HIDDEN),
        (
            "x" * 251,
            "The text has 251 characters; at most 250 are kept. Shorten it.",
        ),
    ],
)
def test_form_and_file_store_one_title(
    text: str, value: str, officer: User, officer_client: Client
) -> None:
    kind, column = RecordKind.EVENT, "title"
    assert read_at_both(kind, column, text, officer, officer_client) == ([value], [value])


def test_form_and_file_have_one_bound_of_long_texts(officer: User, officer_client: Client) -> None:
    text = "x" * 50_001
    sentence = "The text has 50001 characters; at most 50000 are kept. Shorten it."
    both = read_at_both(RecordKind.EVENT, "notes", text, officer, officer_client)
    assert both == ([sentence], [sentence])


def test_what_was_taken_out_is_told(officer: User, officer_client: Client) -> None:
    text = "title,role,kind\nWork\u200bshop,organised,workshop\n"
    assert f"{UNSEEN}row 2, title." in check("event", text, officer).outcome.notices
    response = post_new(officer_client, RecordKind.EVENT, title="Work\u200bshop")
    assert f"{UNSEEN}" in read_text(officer_client.get(response.url))


def test_a_decomposed_title_is_stored_composed_and_found(officer: User) -> None:
    check_case("nfd-title.csv", RecordKind.EVENT, officer).write()
    assert Event.objects.get().title == TITLE
    for word in ("Réunion", "reunion", "Saint-Étienne", "saint‑etienne"):
        assert Event.objects.matching(word).count() == 1


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Sœurs et cœur", ["soeurs", "SŒURS", "coeur"]),
        ("Soeurs", ["sœurs"]),
        ("Côte\u2011Nord", ["cote-nord", "côte\u2013nord"]),
        ("L’enfant", ["l'enfant"]),
        ("مُحَمَّد", ["محمد"]),
        ("محمد", ["مُحَمَّد", "محـمد"]),
        (unicodedata.normalize("NFD", "Éducation"), ["education", "éducation"]),
    ],
)
def test_a_search_finds_each_way_of_writing(title: str, words: list[str], officer: User) -> None:
    make_record("event", title=title, entered_by=officer)
    for word in words:
        assert Event.objects.matching(word).count() == 1
    assert not Event.objects.matching("strase").exists()


def test_a_reference_is_normalised_before_it_is_looked_up(officer: User) -> None:
    make_record("event", reference="A B", title="x", entered_by=officer)
    checked = check("event", 'reference,title\n"A\nB",y\nA  B,z\n', officer)
    assert [str(problem) for problem in checked.outcome.problems] == [
        "row 3, reference: “A B” is in row 2 too. Give each record its own reference."
    ]
    good = check("event", 'reference,title\n"A\nB",y\n', officer)
    assert good.outcome.counts[RowStatus.CHANGED] == 1
    good.write()
    assert Event.objects.get().title == "y"


@pytest.mark.parametrize(
    "link", ["https://example.org/doc;jsessionid=1", "https://example.org/a%3Bb?u=https://b.org"]
)
def test_saving_a_record_unchanged_keeps_its_link(
    link: str, officer: User, officer_client: Client
) -> None:
    text = f"reference,title,role,kind,evidence_url\nA,x,organised,conference,{link}\n"
    check("event", text, officer).write()
    version = Event.objects.get().version
    post_edit(officer_client, Event.objects.get(), title="x", reference="A", links=link)
    assert Event.objects.get().version == version
    assert Evidence.objects.get().url == link
    assert split_links(parse_link(link)) == [link]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("example.org/a", "https://example.org/a"),
        ("https://a.org/x;https://b.org", "https://a.org/x%3Bhttps://b.org"),
        ("https://a.org/x;", "https://a.org/x"),
    ],
)
def test_a_link_has_one_normal_form(text: str, link: str) -> None:
    assert parse_link(text) == parse_link(link) == link


def test_signs_of_arabic_numbers_are_no_invisible_characters() -> None:
    assert normalize_text("\u0600٥ \u200fنص") == "\u0600٥ نص"


def test_a_nul_is_refused_in_answers_and_in_notes(
    staff: User, officer: User, officer_client: Client
) -> None:
    response = post_new(officer_client, RecordKind.EVENT, title="a\x00b", country="N\x00")
    assert response.context["form"].errors == {"title": [HIDDEN], "country": [HIDDEN]}
    event = make_record("event", title="x", status="submitted", entered_by=staff)
    address = reverse("indicators:record_action", args=["event", event.reference, "return"])
    answers = {"note": "a\x00b", "version": event.version}
    response = officer_client.post(address, answers)
    assert response.status_code == 400
    assert HIDDEN in read_text(response)


def fold_by_letter(text: str) -> str:
    """What ``fold_accents`` returns, one letter after the other."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char for char in plain if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def test_plain_letters_are_folded_as_all_others_are() -> None:
    for code in (*range(0x700), *range(0x2000, 0x2100), 0x212A, 0xFB01, 0xFFFE):
        character = chr(code)
        for text in (character, f"A{character}b  {character}C"):
            assert fold_accents(text) == fold_by_letter(text)
            # With an accented letter it takes the way of text that is not ASCII.
            assert fold_spelling(f"{text} \u00e9") == f"{fold_spelling(text)} e".strip()
            assert normalize_text(f"{text}\u00e9") == normalize_text(text) + "\u00e9"
        is_control = unicodedata.category(character) == "Cc" and character not in "\t\n"
        assert is_storable(character) == (not is_control and code != 0xFFFE)

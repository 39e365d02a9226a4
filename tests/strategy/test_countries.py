"""Countries are found by the names of the lists that people copy from, and none wrongly."""

import csv

import pytest
from babel import Locale
from django.conf import settings

from strategy.countries import CountryNames
from strategy.models import Country, Plan

LANGUAGES = [code for code, _name in settings.LANGUAGES]
FOUND = 0.98
REGION = (
    "is a region. Write a country; where several are asked for, write each with ; between them."
)
NO_KOSOVO = (
    "The list of countries has no Kosovo (XK), which ISO 3166-1 lacks. "
    "Ask an administrator to add it, with the number 983."
)
SEVERAL = (
    "“Senegal/Mali” names several countries. Write one; "
    "where several are asked for, put ; between them."
)
LISTS = settings.BASE_DIR / "tests/fixtures/country_names.csv"


@pytest.fixture
def names(plan: Plan) -> CountryNames:
    return CountryNames()


def _read_names(source: str) -> list[tuple[str, str]]:
    if source != "cldr":
        with LISTS.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["list"] == source]
        return [(row["code"], row["name"]) for row in rows]
    codes = set(Country.objects.values_list("code", flat=True))
    return [
        (code, name)
        for language in LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if code in codes
    ]


@pytest.mark.parametrize(("source", "least"), [("un", 1500), ("cldr", 990), ("world_bank", 70)])
def test_names_of_lists_are_found_and_none_is_another(
    source: str, least: int, names: CountryNames
) -> None:
    listed = _read_names(source)
    found = [(names.find(name), code, name) for code, name in listed]
    assert len(listed) >= least
    assert [(c.code, code, name) for c, code, name in found if c and c.code != code] == []
    assert sum(country is not None for country, _code, _name in found) >= FOUND * len(listed)


def test_codes_of_two_and_three_letters_are_found_in_any_case(names: CountryNames) -> None:
    codes = {"SN": "SEN", "CD": "COD", "CI": "CIV", "CA": "CAN", "NE": "NER"}
    for two, three in codes.items():
        for text in (two, two.lower(), three, three.lower(), f" {three} "):
            country = names.find(text)
            assert country is not None
            assert country.code == two


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Congo, Democratic Republic of the", "CD"),
        ("Democratic Republic of Congo", "CD"),
        ("congo (kinshasa)", "CD"),
        ("la République démocratique du Congo", "CD"),
        ("Congo, Rep.", "CG"),
        ("Republic of the Congo", "CG"),
        ("cote d ivoire", "CI"),
        ("Cote-d’Ivoire", "CI"),
        ("Guinee Bissau", "GW"),
        ("Guinée-Conakry", "GN"),
        ("Guyane", "GF"),
        ("Guyana", "GY"),
        ("the Gambia", "GM"),
        ("Gambia, The", "GM"),
        ("Korea, Dem. People's Rep.", "KP"),
        ("Saint Lucia", "LC"),
        ("St Lucia", "LC"),
    ],
)
def test_order_articles_and_marks_make_no_difference(
    text: str, code: str, names: CountryNames
) -> None:
    country = names.find(text)
    assert country is not None
    assert country.code == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Congo",
            "“Congo” may be either of two countries. Write CD for Kinshasa or CG for Brazzaville.",
        ),
        (
            "Corée",
            "“Corée” may be either of two countries. Write KR for Seoul or KP for Pyongyang.",
        ),
        ("Kosovo", NO_KOSOVO),
        ("Québec", "“Québec” is a part of a country. Write Canada."),
        ("Zanzibar", "“Zanzibar” is a part of a country. Write United Republic of Tanzania."),
        ("Sahel", "“Sahel” " + REGION),
        ("Afrique de l’Ouest", "“Afrique de l’Ouest” " + REGION),
        ("Western Africa", "“Western Africa” " + REGION),
        ("غرب أفريقيا", "“غرب أفريقيا” " + REGION),
        ("Senegal/Mali", SEVERAL),
        ("Sengal", "“Sengal” is not a country. Did you mean Senegal?"),
        ("Atlantis", "“Atlantis” is not a country. Write its name or its code of two letters."),
    ],
)
def test_what_is_no_one_country_gets_a_remedy(
    text: str, sentence: str, names: CountryNames
) -> None:
    assert names.find(text) is None
    assert names.explain_unknown(text) == sentence


def test_every_country_is_found_by_the_name_that_screens_show(names: CountryNames) -> None:
    assert all(names.find(names.name_for(country)) == country for country in names.all)


def test_kosovo_is_read_once_the_list_has_it(plan: Plan) -> None:
    Country.objects.create(code="XK", numeric="983", name="Kosovo", name_en="Kosovo")
    names = CountryNames()
    for text in ("XK", "Kosovo"):
        country = names.find(text)
        assert country is not None
        assert country.code == "XK"

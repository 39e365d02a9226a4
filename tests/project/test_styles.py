"""Styles: one set of colours, fonts for every script, accessible forms."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from fontTools.ttLib import TTFont

from reporting.charts.svg import COLOURS
from strategy.choices import Rating

STATIC = Path(settings.BASE_DIR) / "ibcr_rbm" / "static"
SCREEN = (STATIC / "app.css").read_text()
PAPER = (STATIC / "print.css").read_text()
RATING_TOKENS = {
    "achieved": "blue-deep",
    "on_track": "blue",
    "at_risk": "ochre-mark",
    "off_track": "red-mark",
    "not_achieved": "wine",
    "too_early": "grey",
    "no_data": "grey",
    "no_target": "grey",
}
BUDGET = {"app.css": 40_000, "css/workbench.css": 5_000, "js/app.js": 20_000}


def test_french_quotes_have_no_break_spaces() -> None:
    assert 'q:lang(fr) { quotes: "«\\a0" "\\a0»"' in SCREEN


def tokens(css: str) -> dict[str, str]:
    """Return the first value of each colour token, which is the light one."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css):
        found.setdefault(name, value)
    return found


def test_paper_has_the_colours_of_the_screen() -> None:
    screen, paper = tokens(SCREEN), tokens(PAPER)
    assert paper
    assert paper == {name: screen[name] for name in paper}


def test_charts_have_the_colours_of_the_screen() -> None:
    screen = tokens(SCREEN)
    assert {rating: screen[name] for rating, name in RATING_TOKENS.items()} == COLOURS
    assert set(COLOURS) == set(Rating.values)


def test_every_rating_has_its_class_on_screen_and_paper() -> None:
    for rating in Rating.values:
        assert re.search(rf"\.{rating}\b", SCREEN)
        assert re.search(rf"\.{rating}\b", PAPER)
        for prefix in ("f", "s", "m"):
            assert f".{prefix}-{rating}" in SCREEN


@pytest.mark.parametrize("css", [SCREEN, PAPER])
def test_no_rule_has_a_physical_side(css: str) -> None:
    sides = r"(?:margin|padding|border|inset)-(?:left|right)\b|[;{]\s*(?:left|right|float)\s*:"
    assert not re.findall(sides, css)
    assert not re.findall(r"text-align\s*:\s*(?:left|right)", css)


def faces_of(css: str) -> set[str]:
    return {" ".join(face.split()) for face in re.findall(r"@font-face \{.*?\}", css, re.S)}


def test_the_administration_has_the_fonts_of_the_pages_in_both_weights() -> None:
    admin = faces_of((STATIC / "admin.css").read_text())
    assert admin <= faces_of(SCREEN)
    for letters in ("latin", "accents", "arabic"):
        assert sum(f"fonts/{letters}-" in face for face in admin) == 2


def letters_asked_for(ranges: str) -> set[int]:
    found: set[int] = set()
    for part in ranges.replace("U+", "").split(","):
        first, _, last = part.strip().partition("-")
        found |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


def test_a_font_file_is_loaded_only_for_letters_that_it_has() -> None:
    faces = re.findall(r'url\("(fonts/[\w-]+\.woff2)"\).*?unicode-range: ([^;]+);', SCREEN, re.S)
    assert len(faces) == 8
    for file, ranges in faces:
        has = set(TTFont(STATIC / file).getBestCmap())
        assert has <= letters_asked_for(ranges), file


def test_a_page_in_each_language_finds_its_letters() -> None:
    needed = {
        "latin": "Children’s “1,234” – 50 % × 3 Français Español",
        "accents": "Éèêëàâîïôùûü Œœ « » áíóúÁÍÓÚ ¿¡ñÑ".replace(" ", ""),
        "arabic": "المكتبالدوليلحقوقالطفلءآأؤإئةى،؛؟",
    }
    for name, text in needed.items():
        for weight in (400, 600):
            has = set(TTFont(STATIC / f"fonts/{name}-{weight}.woff2").getBestCmap())
            has |= set(TTFont(STATIC / f"fonts/latin-{weight}.woff2").getBestCmap())
            assert not {letter for letter in text if ord(letter) not in has} - {"\u202f"}


def test_the_pdf_has_all_letters_of_a_family_in_one_file() -> None:
    joined = "\ufedf\ufe94\ufe8e"
    for weight in (400, 600):
        latin = set(TTFont(STATIC / f"fonts/print-latin-{weight}.woff2").getBestCmap())
        arabic = set(TTFont(STATIC / f"fonts/print-arabic-{weight}.woff2").getBestCmap())
        assert set(map(ord, "Aé ŁŒ’–")) <= latin
        assert set(map(ord, f"م 25 %{joined}")) <= arabic


def test_style_and_script_keep_to_their_budget() -> None:
    for name, most in BUDGET.items():
        assert (STATIC / name).stat().st_size <= most


class Answers(forms.Form):
    title = forms.CharField(help_text="The country first.", error_messages={"required": "Name it"})
    groups = forms.MultipleChoiceField(
        choices=[("a", "Justice"), ("b", "Violence")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose a field"},
    )
    sure = forms.BooleanField(error_messages={"required": "Confirm it"})
    notes = forms.CharField(required=False)


def rendered(name: str, **context: object) -> ET.Element:
    """Return a component as a tree; names of empty attributes and elements are made XML first."""
    html: str = render_to_string(
        f"components/{name}", context, RequestFactory().get("/?q=a&page=2")
    )
    html = re.sub(r"<(input|br|img)\b([^>]*?)/?>", r"<\1\2/>", html)
    html = re.sub(r"\s(required|checked|disabled|autofocus)(?=[\s/>])", r' \1=""', html)
    return ET.fromstring(f"<div>{html}</div>".replace("&nbsp;", " "))


def test_every_error_of_the_summary_leads_to_its_control() -> None:
    form = Answers({})
    summary = rendered("error_summary.html", form=form)
    controls = ET.Element("div")
    for field in form:
        controls.append(rendered("field.html", field=field))
    ids = {element.get("id") for element in controls.iter()}
    links = [link.get("href", "").removeprefix("#") for link in summary.iter("a")]
    assert links == ["id_title", "id_groups_0", "id_sure"]
    assert set(links) <= ids


def test_the_summary_of_errors_takes_the_focus_and_is_absent_without_errors() -> None:
    box = rendered("error_summary.html", form=Answers({}))[0]
    assert (box.get("tabindex"), box.get("autofocus"), box.get("role")) == ("-1", "", "alert")
    assert len(rendered("error_summary.html", form=Answers())) == 0


def test_hint_and_error_are_read_out_with_the_control() -> None:
    tree = rendered("field.html", field=Answers({})["title"])
    (control,) = tree.iter("input")
    ids = {element.get("id") for element in tree.iter()}
    heard = control.get("aria-describedby", "").split()
    assert heard == ["id_title_helptext", "id_title_error"]
    assert set(heard) <= ids
    assert control.get("aria-invalid") == "true"


def test_a_group_of_choices_has_a_legend_and_its_error_before_the_boxes() -> None:
    tree = rendered("field.html", field=Answers({})["groups"])
    (group,) = tree.iter("fieldset")
    assert group[0].tag == "legend"
    assert group.get("aria-describedby") == "id_groups_error"
    assert [box.get("id") for box in group.iter("input")] == ["id_groups_0", "id_groups_1"]


def test_only_what_may_be_left_out_is_called_optional() -> None:
    form = Answers()
    assert "(optional)" in render_to_string("components/field.html", {"field": form["notes"]})
    for name in ("title", "groups", "sure"):
        assert "(optional)" not in render_to_string("components/field.html", {"field": form[name]})


def test_what_was_typed_is_kept_and_escaped() -> None:
    html = render_to_string(
        "components/field.html", {"field": Answers({"title": '"><b>'})["title"]}
    )
    assert 'value="&quot;&gt;&lt;b&gt;"' in html


def test_pages_keep_the_rest_of_the_address_and_mark_where_one_is() -> None:
    tree = rendered("pagination.html", page=Paginator(range(230), 10).page(2))
    links = list(tree.iter("a"))
    assert all("q=a" in link.get("href", "") for link in links)
    assert [link.text for link in links if link.get("aria-current")] == ["2"]
    assert links[0].get("rel") == "prev"
    assert links[0].get("href") == "?q=a&page=1"


def test_one_page_has_no_links_and_no_records_have_no_pages() -> None:
    one = rendered("pagination.html", page=Paginator(range(3), 10).page(1))
    none = rendered("pagination.html", page=Paginator([], 10).page(1))
    assert list(one.iter("a")) == []
    assert len(none) == 0


@pytest.mark.parametrize("rating", list(Rating))
def test_a_rating_is_a_shape_and_a_word(rating: Rating) -> None:
    tree = rendered("rating.html", rating=rating)
    assert tree[0].get("class") == f"rating {rating.value}"
    assert len(list(tree.iter("svg"))) == 1
    assert str(rating.label) in "".join(tree.itertext())


def test_no_two_ratings_share_a_shape() -> None:
    shapes = {
        re.sub(
            r'(fill|stroke|class)="[^"]*"',
            "",
            render_to_string("components/rating_icon.html", {"rating": r}),
        )
        for r in Rating.values
    }
    assert len(shapes) == len(Rating.values)


def test_entered_text_runs_as_its_own_script_does() -> None:
    """Check it for all but short inputs, whose numbers and dates have no letters."""
    rule = re.search(r"([^}]*?)\{ unicode-bidi: plaintext; \}", SCREEN)
    assert rule
    assert rule[1].strip() == "input:not(.short), textarea"

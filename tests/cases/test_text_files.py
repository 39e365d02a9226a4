"""CSV files of other encodings and separators, and files that are no CSV."""

import pytest

from indicators.models import Event
from tests.support.samples.case_files import (
    answer,
    read_page,
    refuse_import,
    run_import,
    upload,
    upload_content,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "officer")]

HEAD = "reference,title,role,kind,country,place,occurred_on"
FRENCH = (
    f"{HEAD}\n"
    "A,Formation à l'école: sécurité des élèves,organised,workshop,SN,Thiès,2018-03-01\n"
    "B,Réunion générale,organised,workshop,TD,Abéché,2018-03-02\n"
)


def test_arabic_in_windows_1256_is_read_in_its_letters(officer_client):
    page = upload(officer_client, "event", "windows-1256.csv")
    text = read_page(officer_client, page)
    assert "ورشة عمل حول العدالة" in text
    preview = answer(officer_client, page, encoding="windows-1256")
    assert "مؤتمر الحماية الإقليمي" in read_page(officer_client, preview)
    lines = run_import("event", "windows-1256.csv")
    assert "note: The file is not UTF-8. It was read as Arabic (Windows-1256)" in lines[1]
    assert Event.objects.get(reference="CEV-01").title == "ورشة عمل حول العدالة"


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("cp1252", "windows-1252"), ("mac_roman", "macintosh"), ("cp850", "cp850")],
)
def test_french_is_recognised_and_three_lines_show_it(codec, encoding, tmp_path, officer_client):
    path = tmp_path / "events.csv"
    path.write_bytes(FRENCH.encode(codec))
    text = read_page(officer_client, upload(officer_client, "event", path))
    first = text.index('type="radio"')
    assert text.index(f'value="{encoding}"', first) - first < 150
    assert "sécurité des élèves" in text
    run_import("event", path)
    assert Event.objects.get(reference="B").title == "Réunion générale"


def test_latin_9_is_asked_about_where_its_letters_differ(tmp_path, officer_client):
    path = tmp_path / "events.csv"
    text = f"{HEAD}\nA,Maison du cœur: bonnes œuvres,organised,workshop,SN,Thiès,2018-03-01\n"
    path.write_bytes(text.encode("iso8859-15"))
    page = upload(officer_client, "event", path)
    assert "Maison du cœur: bonnes œuvres" in read_page(officer_client, page)
    run_import("event", path, "--encoding", "iso8859-15")
    assert Event.objects.get(reference="A").title == "Maison du cœur: bonnes œuvres"
    path.write_bytes(text.replace("œ", "oe").encode("iso8859-15"))
    assert "Latin-9" not in read_page(officer_client, upload(officer_client, "event", path))


def test_letters_with_two_likely_readings_are_asked_about(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(f"{HEAD}\nA,Police et sécurité,attended,visit,,,2018\n".encode("cp850"))
    assert "Which letters are right?" in refuse_import("event", path)[1]
    run_import("event", path, "--encoding", "cp850")
    assert Event.objects.get().title == "Police et sécurité"


def test_a_line_that_names_the_separator_is_obeyed():
    assert run_import("event", "separator-line.csv")[0].startswith("new 2,")


@pytest.mark.parametrize("line", ["", "sep={}\n"])
@pytest.mark.parametrize("separator", [";", "|", "\t"])
def test_any_separator_is_read_named_or_not(separator, line, tmp_path):
    row = "A,x,organised,workshop,SN,,2018-03-01"
    text = line.format(separator) + f"{HEAD}\n{row}\n".replace(",", separator)
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    assert run_import("event", path)[0].startswith("new 1,")


def test_separators_at_the_end_of_lines_do_no_harm(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(f"{HEAD},,,\nA,x,organised,workshop,SN,,2018-03-01\n,,,\n", encoding="utf-8")
    assert run_import("event", path)[0].startswith("new 1,")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<!DOCTYPE html><html><table><tr><td>reference</td></tr></table>", "web page (HTML)"),
        ("<table><tr><td>reference</td></tr></table>", "web page (HTML)"),
        ('\ufeff<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML"),
        ('{"reference": "A"}', "JSON"),
        ('[\n  {"reference": "A"}\n]', "JSON"),
    ],
)
def test_files_of_markup_are_named_as_what_they_are(content, words, tmp_path):
    path = tmp_path / "events.xls"
    path.write_text(content, encoding="utf-8")
    lines = refuse_import("event", path)
    assert len(lines) == 2
    assert f"The file is {words}" in lines[1].replace("a web page", "web page")


def test_a_spreadsheet_saved_as_html_is_named_in_the_browser(officer_client):
    with pytest.raises(AssertionError, match="web page"):
        upload_content(officer_client, "event", b"<html><table></table></html>", "x.xls")


@pytest.mark.parametrize(
    ("content", "is_told"),
    [
        ("Réunion à Paris".encode().decode("cp1252").encode(), True),
        ("مؤتمر الحماية".encode().decode("cp1252").encode(), True),
        ("Réunion à Paris,Été".encode() + "Été".encode("cp1252"), True),
        ("« CAFÉ » à l’ÎLE, MAÇÃ, Ørsted, «CAFÉ»".encode(), False),
    ],
)
def test_letters_that_another_program_read_wrongly_are_told(content, is_told, tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b'title,role,kind\n"' + content + b'",organised,workshop\n')
    lines = run_import("event", path)
    sentence = "Letters look wrong, such as Ã© for é. Check them in your file: row 2, title."
    assert (f"note: {sentence}" in lines) is is_told

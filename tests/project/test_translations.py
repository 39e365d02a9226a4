"""Every string for users is translated, and each translation fits its source."""

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import templatize

ROOT = Path(settings.BASE_DIR)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FOLDERS = ("ibcr_rbm", "strategy", "indicators", "reporting", "templates")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|%[sd]|\{(\w+)[^}]*\}|</?\w+[^>]*>")

Key = tuple[str | None, str]


def sources() -> Iterator[tuple[Path, bytes]]:
    """Yield every file with strings, templates as the Python source that Django extracts."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield path, path.read_bytes()
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                text = path.read_text(encoding="utf-8")
                lines = templatize(text, origin=str(path)).splitlines()
                yield path, "\n".join(line.strip() for line in lines).encode()


@cache
def strings() -> dict[Key, Path]:
    """Return a file for every string, by its context and text."""
    found: dict[Key, Path] = {}
    for path, content in sources():
        for _line, text, _comments, context in extract("python", io.BytesIO(content), KEYWORDS):
            first = text[0] if isinstance(text, tuple) else text
            found.setdefault((context, first), path)
    return found


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "ibcr_rbm" / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def key_of(message: Message) -> Key:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, first


def forms_of(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    translated = {
        key_of(message)
        for message in messages(language)
        if all(forms_of(message.string)) and not message.fuzzy
    }
    missing = {key: path for key, path in strings().items() if key not in translated}
    assert not missing, "\n".join(
        f"{path.relative_to(ROOT)}: {key}" for key, path in missing.items()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_of_a_string_that_is_gone(language: str) -> None:
    gone = [key_of(message) for message in messages(language) if key_of(message) not in strings()]
    assert not gone


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_source(language: str) -> None:
    """Check placeholders; a singular form may omit the number."""
    for message in messages(language):
        wanted = [set(PLACEHOLDER.findall(form)) for form in forms_of(message.id)]
        for form in forms_of(message.string):
            assert set(PLACEHOLDER.findall(form)) <= set.union(*wanted), (message.id, form)
        last = forms_of(message.string)[-1]
        assert set(PLACEHOLDER.findall(last)) == wanted[-1], (message.id, last)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_its_source_does(language: str) -> None:
    for message in messages(language):
        for source, form in zip(forms_of(message.id), forms_of(message.string), strict=False):
            assert form[:1].isspace() == source[:1].isspace(), (source, form)
            assert form[-1:].isspace() == source[-1:].isspace(), (source, form)


def test_no_template_parts_words_with_the_comma_of_one_script() -> None:
    """Templates use the tag ``comma`` and the filter ``in_a_row``."""
    wrong = re.compile(r"""join:["'], |, \{% end(?:if|for) %\}|\}\},(?:\{%| <bdi)""")
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if wrong.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_no_template_writes_the_colon_of_one_language_after_a_word() -> None:
    """Templates use the tag ``colon``; a translation writes its own colon."""
    within = re.compile(
        r"{% blocktranslate.*?{% endblocktranslate %}|{% comment.*?{% endcomment %}", re.DOTALL
    )
    wrong = re.compile(r"[}]: (?:\{[{%]|<bdi)")
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if wrong.search(within.sub("", path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_a_note_that_a_person_wrote_has_the_direction_of_its_own_language() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if '<p class="reason">{{' in path.read_text(encoding="utf-8")
    ]
    assert not bare

"""What a Word or Excel file may not contain: macros, objects, remote parts and commands.

A part is known by its content and by the types that the document states, never by its name alone.
"""

import re
import zipfile
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from indicators.safeguarding.files.dangers import Danger, DangerousFile

OLE_OPENING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins the format of macros and of objects that another program made."""

MAX_LIST_BYTES = 2_000_000
"""Bytes of a list of types or of relations."""
MAX_TEXT_BYTES = 30_000_000
"""Bytes of the parts of a document that may hold fields."""

SAFE_SCHEMES = frozenset({"", "http", "https", "mailto", "tel", "ftp", "file"})
MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "activex", "ms-office.vba")
OBJECT_RELATIONS = ("/vbaproject", "/wordvbadata", "/control", "/activexcontrolbinary", "/afchunk")

_COMMAND = re.compile(
    r"(?<![^\s\"])DDE(?:AUTO)?\s|^\s*(?:INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|QUOTE\s+\d)",
    re.I,
)
"""Fields that start a program or read another file; QUOTE with numbers spells one in secret."""
_FIELDS = frozenset({"instrText", "delInstrText"})


class InvalidPart(Exception):
    """A part of the document cannot be read."""


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raise DangerousFile, or InvalidPart, for a document's archive."""
    text_bytes = 0
    for member in archive.infolist():
        name = member.filename.casefold()
        if name.endswith("vbaproject.bin"):
            raise DangerousFile(Danger.MACROS)
        with archive.open(member) as part:
            if part.read(len(OLE_OPENING)) == OLE_OPENING:
                raise DangerousFile(Danger.OBJECT)
        if name == "[content_types].xml":
            _check_types(_parse_list(archive, member))
        elif name.endswith(".rels"):
            _check_relations(_parse_list(archive, member))
        elif name.endswith(".xml") and not name.startswith("xl/"):
            text_bytes += member.file_size
            if text_bytes > MAX_TEXT_BYTES:
                raise InvalidPart(member.filename)
            _check_fields(archive, member)


def _parse_list(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Element:
    if member.file_size > MAX_LIST_BYTES:
        raise InvalidPart(member.filename)
    try:
        root: Element = fromstring(archive.read(member), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, UnicodeError) as error:
        raise InvalidPart(member.filename) from error
    return root


def _check_types(types: Element) -> None:
    for entry in types:
        content_type = entry.get("ContentType", "").casefold()
        if any(mark in content_type for mark in MACRO_TYPES):
            raise DangerousFile(Danger.MACROS)
        if "externallink" in content_type:
            raise DangerousFile(Danger.REMOTE_PART)


def _check_relations(relations: Element) -> None:
    for relation in relations:
        kind = relation.get("Type", "").casefold()
        if kind.endswith(OBJECT_RELATIONS):
            raise DangerousFile(Danger.OBJECT)
        if relation.get("TargetMode", "").casefold() != "external":
            continue
        is_link = kind.endswith("/hyperlink")
        if not is_link or _read_scheme(relation.get("Target", "")) not in SAFE_SCHEMES:
            raise DangerousFile(Danger.REMOTE_PART)


def _read_scheme(target: str) -> str:
    try:
        return urlsplit(target.strip()).scheme.casefold()
    except ValueError:
        return "unreadable"


def _check_fields(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    reader = _FieldReader()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.read_text
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(archive.read(member), True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise InvalidPart(member.filename) from error
    if any(_COMMAND.search(field) for field in "".join(reader.pieces).split("\n")):
        raise DangerousFile(Danger.COMMAND)


class _FieldReader:
    """Collects the instructions of fields, one a line; those in several runs are one."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.is_inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local in _FIELDS:
            self.is_inside = True
        elif local == "fldSimple":
            written = [text for key, text in attributes.items() if key.endswith("instr")]
            self.pieces += ["\n", *written, "\n"]
        elif local == "fldChar":
            self.pieces.append("\n")

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _FIELDS:
            self.is_inside = False

    def read_text(self, text: str) -> None:
        if self.is_inside:
            self.pieces.append(text.replace("\n", " "))

    def refuse(self, *_declaration: object) -> None:
        raise ValueError("A declaration of types")

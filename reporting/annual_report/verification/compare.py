"""Whether a PDF is a signed report, and whether the database still holds what it says.

Signatures prove the file. The rows, the chain and the PDF of the database are compared with their
seal, and the data that the file embeds with the rows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import override

from reporting.annual_report.content.data_files import build_data_files, build_figures
from reporting.annual_report.sealing.keys import list_trusted_keys
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.extraction import (
    Unreadable,
    extract_claims,
    extract_figures,
    extract_files,
    extract_seal,
)
from reporting.annual_report.verification.figures import Data, FigureKey, read_figures
from reporting.annual_report.verification.proof import (
    CheckState,
    FileCheck,
    check_bytes,
    check_data,
    check_database,
    check_stored_file,
)
from reporting.models import AnnualReport, ReportFile, ReportRows, ReportSeal


@dataclass(frozen=True)
class Difference:
    """One figure that the file states differently. None is no data; "" is not stated at all."""

    figure: FigureKey
    stated: str | None
    sealed: str | None


@dataclass(frozen=True)
class Verification:
    """The result of checking a file.

    ``issued`` is the file with these bytes in the database, if any. ``report`` is the report that
    the file is, or claims to be; ``claims`` is what it says of itself. ``proof`` are the checks of
    its own signatures, ``checks`` those of the database. ``unreadable`` says why its figures cannot
    be compared; else ``compared`` is the number of figures. ``others`` are the places of its other
    data that differ from the database.
    """

    sha256: str
    issued: ReportFile | None
    report: AnnualReport | None
    latest: AnnualReport | None
    claims: Mapping[str, str]
    proof: tuple[FileCheck, ...] = ()
    checks: tuple[FileCheck, ...] = ()
    is_draft: bool = False
    unreadable: str = ""
    compared: int = 0
    differences: tuple[Difference, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def all_checks(self) -> tuple[FileCheck, ...]:
        return (*self.proof, *self.checks)

    @property
    def is_signed(self) -> bool:
        """Whether every byte and the embedded data are signed with trusted keys."""
        return bool(self.proof) and all(one.state == CheckState.PASSED for one in self.proof)

    @property
    def is_genuine(self) -> bool:
        """Whether it is signed, and nothing in the database contradicts it."""
        is_contradicted = any(one.state == CheckState.FAILED for one in self.checks)
        return bool(
            self.is_signed and not is_contradicted and not self.unreadable and not self.differences
        )

    @property
    def is_superseded(self) -> bool:
        return bool(self.report and self.latest and self.latest.version > self.report.version)


def verify(
    content: bytes, signature: bytes = b"", public_keys: frozenset[str] | None = None
) -> Verification:
    """Check a file that may be damaged, foreign or hostile, in at most ten queries.

    ``signature`` is that of its .sig file, if the reader has it. ``public_keys`` are the keys to
    trust instead of those of the installation.
    """
    trusted = list_trusted_keys() if public_keys is None else public_keys
    sha256 = hashlib.sha256(content).hexdigest()
    issued = ReportFile.objects.filter(sha256=sha256).select_related("report").first()
    claims = extract_claims(content)
    report = _find_report(issued, claims)
    rows = _load_rows(report)
    identified = _prove(
        Verification(sha256, issued, report, _find_latest(report), claims),
        rows,
        content,
        signature,
        trusted,
    )
    try:
        data = extract_figures(content)
    except Unreadable as error:
        return replace(identified, unreadable=str(error))
    checked = replace(identified, is_draft=data.get("is_draft") is True)
    try:
        compared = len(read_figures(data))
        if rows is None:
            return replace(checked, compared=compared)
        differences, others = _compare(rows, data, content, is_signed=identified.is_signed)
    except Unreadable as error:
        return replace(checked, unreadable=str(error))
    return replace(checked, compared=compared, differences=differences, others=others)


def _prove(
    found: Verification,
    rows: ReportRows | None,
    content: bytes,
    signature: bytes,
    trusted: frozenset[str],
) -> Verification:
    """Return the same with the checks of signatures, seal, chain and stored PDF."""
    seal, report = extract_seal(content), found.report
    if not (report or seal or signature):
        return found
    language = found.claims.get("language", "")
    stored = (
        ReportFile.objects.defer(None).filter(report=report, language=language).first()
        if report
        else None
    )
    proof = (
        check_bytes(content, signature, stored or found.issued, trusted),
        check_data(content, seal, trusted),
    )
    checks = list(check_database(rows, seal, trusted))
    if report:
        checks += check_stored_file(report, stored, found.issued, language)
    return replace(found, proof=proof, checks=tuple(checks))


def _load_rows(report: AnnualReport | None) -> ReportRows | None:
    if report is None:
        return None
    return replace(load_rows(report), seal=ReportSeal.objects.filter(report=report).first())


def _find_report(issued: ReportFile | None, claims: Mapping[str, str]) -> AnnualReport | None:
    """Return the report that the file claims to be; else that of the file in the database."""
    reports = AnnualReport.objects.with_address()
    if {"plan", "year", "version"} <= claims.keys():
        version = min(int(claims["version"]), 32767)
        claimed = reports.filter(plan_code=claims["plan"], year=claims["year"], version=version)
        if report := claimed.first():
            return report
    return reports.get(pk=issued.report_id) if issued else None


def _find_latest(report: AnnualReport | None) -> AnnualReport | None:
    if report is None:
        return None
    same = AnnualReport.objects.filter(plan_id=report.plan_id, year=report.year)
    return same.order_by("-version").first()


def _compare(
    rows: ReportRows, data: Data, content: bytes, *, is_signed: bool
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Return the figures that differ from the database; of unsigned data also the other places.

    Words of signed data may differ: they are in the form of the release that made the file.
    """
    languages = [code for code, _name in settings.LANGUAGES]
    language = data.get("language")
    with override(language if language in languages else settings.LANGUAGE_CODE):
        reported = read_snapshot(rows)
        sealed = json.loads(json.dumps(build_figures(rows, reported, is_draft=False)))
        files = build_data_files(rows, reported, is_draft=False)
    differences = tuple(_find_differences(data, sealed))
    if is_signed:
        return differences, ()
    tables = {file.content: file.name for file in files if file.name.endswith("csv")}
    for embedded in extract_files(content):
        tables.pop(embedded, None)
    return differences, (*_find_places(data, sealed), *tables.values())


def _find_differences(data: Data, sealed: Data) -> Iterator[Difference]:
    in_file, in_rows = read_figures(data), read_figures(sealed)
    for figure in dict.fromkeys([*in_rows, *in_file]):
        stated, reported = in_file.get(figure, ""), in_rows.get(figure, "")
        if stated != reported:
            yield Difference(figure, stated, reported)


def _find_places(data: object, sealed: object, place: str = "") -> Iterator[str]:
    if isinstance(data, list) and isinstance(sealed, list):
        data, sealed = _map_items(data), _map_items(sealed)
    if isinstance(data, dict) and isinstance(sealed, dict):
        for key in dict.fromkeys([*sealed, *data]):
            inner = f"{place}/{_replace_controls(str(key)[:60])}"
            if key not in data or key not in sealed:
                yield inner
            elif data[key] != sealed[key]:
                yield from _find_places(data[key], sealed[key], inner)
    elif data != sealed:
        yield place


def _replace_controls(key: str) -> str:
    """Replace the characters that break a page or control a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in key)


def _map_items(items: list[object]) -> dict[object, object]:
    """Return the items by their name, so that an added item does not shift the others."""
    return {_get_key(item, number): item for number, item in enumerate(items)}


def _get_key(item: object, number: int) -> object:
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        for name in ("code", "reference", "year"):
            if isinstance(item.get(name), str):
                return item[name]
    return number

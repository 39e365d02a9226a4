"""The checks of signatures and seals, each with a sentence that claims what was checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.annual_report.sealing.attachments import FileSeal
from reporting.annual_report.sealing.chain import ChainFault, ChainState, check_chain
from reporting.annual_report.sealing.digests import RowName, build_digest
from reporting.annual_report.sealing.keys import (
    SIGNATURE_SIZE,
    find_signer,
    group_digits,
    list_trusted_keys,
)
from reporting.annual_report.sealing.seals import (
    SealFault,
    SealProblem,
    find_seal_problem,
    get_signed_text,
)
from reporting.annual_report.verification.extraction import extract_files
from reporting.models import AnnualReport, ReportFile, ReportRows


class CheckState(StrEnum):
    """Whether a check succeeded, or could not be done."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class FileCheck:
    """One check of a file or of the database, as a sentence for its reader."""

    state: CheckState
    text: str


def _pass(text: str) -> FileCheck:
    return FileCheck(CheckState.PASSED, text)


def _fail(text: str) -> FileCheck:
    return FileCheck(CheckState.FAILED, text)


def check_bytes(
    content: bytes, signature: bytes, stored: ReportFile | None, trusted: frozenset[str]
) -> FileCheck:
    """Check the signature of all bytes: the one given, else the one stored for this file."""
    if not trusted:
        return _fail(_("No public key is trusted here, so nothing can be proved."))
    if signature and len(signature) != SIGNATURE_SIZE:
        return _fail(_("This is no signature of a report: choose the .sig file of this PDF."))
    signed = signature.hex() or (stored.signature if stored else "")
    if not signed:
        return _fail(_("No signature of this file is known here. Add its .sig file."))
    if signer := find_signer(signed, content, trusted):
        return _pass(
            _("Every byte of the file is signed with the key %(key)s.")
            % {"key": group_digits(signer)}
        )
    if stored and find_signer(signed, content, frozenset({stored.public_key})):
        return _fail_untrusted(stored.public_key)
    return _fail(
        _(
            "The signature does not belong to these bytes, or it was made with a key that is not "
            "trusted here."
        )
    )


def check_data(content: bytes, seal: FileSeal | None, trusted: frozenset[str]) -> FileCheck:
    """Check the signed statement that the file embeds about its other embedded files."""
    if seal is None:
        return _fail(_("It embeds no signed statement about its data."))
    for signed in (seal.file, seal.report):
        if not signed.is_signed:
            return _fail(_("The signed statement about its data was altered."))
        if signed.public_key not in trusted:
            return _fail_untrusted(signed.public_key)
    return _compare_data(content, seal)


def check_database(
    rows: ReportRows | None, seal: FileSeal | None, trusted: frozenset[str]
) -> Iterator[FileCheck]:
    """Check the rows, the seal and the chain of the database against the file's seal."""
    if rows is None:
        yield from _check_absence(seal, trusted)
        return
    if problem := find_seal_problem(rows, trusted):
        yield _fail(describe_problem(problem))
    elif seal and rows.seal and seal.report != get_signed_text(rows.seal):
        yield _fail(_("The seal in the file is not that of the report in the database."))
    else:
        number = len(rows.seal.rows) if rows.seal else 0
        yield _pass(
            ngettext(
                "The %(number)s sealed value of this report in the database is unchanged.",
                "The %(number)s sealed rows and values of this report in the database are "
                "unchanged.",
                number,
            )
            % {"number": number}
        )
    yield _describe_chain(check_chain(trusted))


def check_stored_file(
    report: AnnualReport, stored: ReportFile | None, issued: ReportFile | None, language: str
) -> Iterator[FileCheck]:
    """Check the copy of the file in the database: its bytes and its place."""
    if stored and stored.signature:
        keys = frozenset({stored.public_key})
        if not find_signer(stored.signature, bytes(stored.content), keys):
            yield _fail(_("The PDF that the database holds was replaced: it was never signed."))
    if issued and (issued.report_id, issued.language) != (report.pk, language):
        yield _fail(
            _("The database holds this file as %(name)s, which it is not.") % {"name": issued.name}
        )


def describe_problem(problem: SealProblem) -> str:
    name = {"row": format_row(problem.row)} if problem.row else {}
    sentences = {
        SealFault.UNSIGNED: _(
            "The report has no signed seal in the database, so its rows are not proved."
        ),
        SealFault.SIGNATURE: _("The seal in the database was altered: its signature is wrong."),
        SealFault.UNTRUSTED: _(
            "The seal in the database was signed with a key that is not trusted here."
        ),
        SealFault.OTHER_REPORT: _("The seal in the database is that of another report."),
        SealFault.DIGESTS: _("The digests in the seal were altered in the database."),
        SealFault.ROW_CHANGED: _("The database was altered after the issue. First: %(row)s."),
        SealFault.ROW_MISSING: _(
            "The database was altered after the issue. First: %(row)s (deleted)."
        ),
        SealFault.ROW_ADDED: _("The database was altered after the issue. First: %(row)s (added)."),
    }
    return sentences[problem.fault] % name


def format_row(row: RowName) -> str:
    """Return the name of a sealed row for people."""
    table, code = row[0], row[1]
    if table == "report":
        columns = {field.attname: field for field in AnnualReport._meta.concrete_fields}
        label = str(columns[code].verbose_name) if code in columns else code
        return _("“%(name)s” of the report") % {"name": label}
    if table == "citation":
        return _("the citation of %(record)s under %(target)s") % {"record": row[3], "target": code}
    labels = {
        "priority": _("priority %(code)s"),
        "objective": _("objective %(code)s"),
        "target": _("the figures of target %(code)s"),
    }
    return labels[table] % {"code": code}


def _compare_data(content: bytes, seal: FileSeal) -> FileCheck:
    stated = seal.file.read()
    listed = stated.get("files")
    if stated.get("report") != seal.report.digest or not isinstance(listed, dict):
        return _fail(_("The signed statement about its data is of another report."))
    embedded = {build_digest(part) for part in extract_files(content)}
    if altered := [name for name, digest in listed.items() if digest not in embedded]:
        return _fail(
            _("The embedded file %(name)s is not as it was signed.") % {"name": altered[0]}
        )
    if len(embedded) > len(listed) + 1:
        return _fail(_("It embeds a file that nobody signed."))
    return _pass(_("The data that it embeds are as they were signed."))


def _check_absence(seal: FileSeal | None, trusted: frozenset[str]) -> Iterator[FileCheck]:
    if seal is None or not seal.report.is_signed or seal.report.public_key not in trusted:
        return
    if seal.report.public_key in list_trusted_keys():
        yield _fail(
            _("The report was sealed here as number %(number)s and removed from the database.")
            % {"number": seal.report.read().get("number")}
        )
    else:
        yield FileCheck(
            CheckState.SKIPPED,
            _("This database does not have the report: the file was not compared with it."),
        )


def _describe_chain(chain: ChainState) -> FileCheck:
    number = {"number": chain.number}
    if chain.fault is None:
        return _pass(
            ngettext(
                "The chain of %(number)s sealed report has no gap.",
                "The chain of %(number)s sealed reports has no gap.",
                chain.length,
            )
            % {"number": chain.length}
        )
    sentences = {
        ChainFault.MISSING: _("Report number %(number)s of the chain was removed."),
        ChainFault.SIGNATURE: _("The seal of report number %(number)s of the chain was altered."),
        ChainFault.UNTRUSTED: _(
            "The seal of report number %(number)s of the chain was signed with a key that is not "
            "trusted here."
        ),
        ChainFault.LINK: _(
            "Report number %(number)s of the chain does not follow the one before it: a report was "
            "replaced."
        ),
    }
    return _fail(sentences[chain.fault] % number)


def _fail_untrusted(public_key: str) -> FileCheck:
    key = group_digits("".join(public_key.split()))
    return _fail(_("It was signed with the key %(key)s, which is not trusted here.") % {"key": key})

"""The chain of all seals: a removed or replaced report leaves a gap that its successor shows."""

from dataclasses import dataclass
from enum import StrEnum

from reporting.annual_report.sealing.seals import SignedText, get_signed_text
from reporting.models import ReportSeal


class ChainFault(StrEnum):
    """Why the chain of seals is broken at a number."""

    MISSING = "missing"
    SIGNATURE = "signature"
    UNTRUSTED = "untrusted"
    LINK = "link"


@dataclass(frozen=True)
class ChainState:
    """The number of seals, and the first fault with its place in the chain, if there is one."""

    length: int
    fault: ChainFault | None = None
    number: int = 0


def check_chain(trusted: frozenset[str]) -> ChainState:
    """Check each seal and its link to the one before, in one query.

    The removal of the newest reports is not seen: only their PDFs show it.
    """
    seals = list(ReportSeal.objects.filter(number__isnull=False).defer("rows").order_by("number"))
    previous = ""
    for expected, seal in enumerate(seals, start=1):
        signed, number = get_signed_text(seal), seal.number or 0
        if number != expected:
            return ChainState(len(seals), ChainFault.MISSING, expected)
        if fault := _find_fault(signed, number, previous, trusted):
            return ChainState(len(seals), fault, number)
        previous = signed.digest
    return ChainState(len(seals))


def _find_fault(
    signed: SignedText, number: int, previous: str, trusted: frozenset[str]
) -> ChainFault | None:
    stated = signed.read()
    if not signed.is_signed or stated.get("number") != number:
        return ChainFault.SIGNATURE
    if signed.public_key not in trusted:
        return ChainFault.UNTRUSTED
    return None if stated.get("previous") == previous else ChainFault.LINK

"""Sentences about changes of figures: what changed, from which day, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from reporting.wording import formatting
from strategy.models import Target, TargetVersion
from strategy.text import colon


@dataclass(frozen=True)
class ChangeNote:
    """A sentence without its full stop, with the reason and the document of a decision.

    ``restatement`` is empty unless the change was entered after its first day.
    """

    sentence: str
    reason: str = ""
    document: str = ""
    restatement: str = ""

    @property
    def lead(self) -> str:
        """The sentence up to its reason."""
        return f"{self.sentence}{colon()} " if self.reason else f"{self.sentence}."

    @property
    def text(self) -> str:
        parts = [self.lead + self.reason, self.restatement, self.document]
        return " ".join(part for part in parts if part)

    @property
    def direction(self) -> str:
        """The direction of the reason where it is not that of the language."""
        direction = formatting.text_direction(self.reason)
        return direction if self.reason and (direction == "rtl") != get_language_bidi() else ""

    @property
    def has_link(self) -> bool:
        return bool(formatting.get_site_name(self.document))

    @property
    def document_name(self) -> str:
        """The site of a link, else the document as it was written."""
        return formatting.get_site_name(self.document) or self.document


def list_version_notes(target: Target, as_of: date) -> Iterator[ChangeNote]:
    """Yield a note on each version after the first that is in force by a day."""
    for before, version in pairwise(target.all_versions):
        if version.in_force_from <= as_of:
            yield describe_version_change(target, before, version)


def list_versions(target: Target, as_of: date) -> Iterator[tuple[TargetVersion, ChangeNote | None]]:
    """Yield each version with what it changes, or will change after a day; the first with None."""
    first, *_others = target.all_versions
    yield first, None
    for before, version in pairwise(target.all_versions):
        is_ahead = version.in_force_from > as_of
        yield version, describe_version_change(target, before, version, is_ahead=is_ahead)


def describe_version_change(
    target: Target, before: TargetVersion, version: TargetVersion, *, is_ahead: bool = False
) -> ChangeNote:
    """Return `Target changed from 50 to 40 on 1 March 2019` with its reason.

    Two versions of one day are a correction.
    """
    old, new = (
        formatting.format_limits(each.minimum, each.maximum, target) for each in (before, version)
    )
    params = {"old": old, "new": new, "day": formatting.format_day(version.in_force_from)}
    if version.in_force_from <= before.in_force_from:
        text = _("Target corrected from %(old)s to %(new)s") % params
    elif old == new:
        text = _("Target changed on %(day)s") % params
    elif is_ahead:
        text = _("Target changes from %(old)s to %(new)s on %(day)s") % params
    else:
        text = _("Target changed from %(old)s to %(new)s on %(day)s") % params
    return ChangeNote(text, version.reason.strip(), version.document, _tell_entry(version))


def _tell_entry(version: TargetVersion) -> str:
    entered = version.created_at and timezone.localtime(version.created_at).date()
    if entered is None or entered <= version.in_force_from:
        return ""
    return _("Restatement: entered on %(day)s.") % {"day": formatting.format_day(entered)}

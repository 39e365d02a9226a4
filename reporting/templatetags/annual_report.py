"""Template tags of the pages of annual reports."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import get_language_info, ngettext

from reporting.annual_report.content.data_files import DATA
from reporting.annual_report.pdf.tasks import get_pdf_progress
from reporting.annual_report.snapshot.citations import Citation
from reporting.annual_report.snapshot.multilingual import (
    LocalizedText,
    MultilingualText,
    localize_text,
)
from reporting.annual_report.snapshot.reader import (
    has_other_value,
    list_changed_parts,
    list_changed_years,
)
from reporting.figures.rollup import TargetRow
from reporting.models import AnnualReport
from reporting.wording import formatting, sentences
from strategy.accounts.policy import sees_all_offices
from strategy.models import Axis

register = template.Library()
register.filter("bounds", formatting.format_bounds)


@register.simple_tag
def report_pdfs(report: AnnualReport, now: datetime) -> dict[str, object]:
    files = get_pdf_progress(report, now)
    return {
        "all": [
            {
                "progress": one,
                "url": _file_url(report, "report_file", one.language),
                "signature_url": _file_url(report, "report_signature", one.language)
                if one.file and one.file.signature
                else "",
            }
            for one in files
        ],
        "address": reverse("reporting:report_files", args=[report.year, report.version])
        + report.address_query,
        "are_moving": any(one.is_moving for one in files),
        "can_be_requested": any(one.can_be_requested for one in files),
        "wait_long": any(one.waits_long for one in files),
    }


def _file_url(report: AnnualReport, route: str, language: str) -> str:
    address = reverse(f"reporting:{route}", args=[report.year, report.version, language])
    return address + report.address_query


@register.filter
def report_data_files(report: AnnualReport) -> list[dict[str, object]]:
    return [
        {
            "label": kind.label,
            "url": reverse("reporting:report_data", args=[report.year, report.version, name])
            + report.address_query,
        }
        for name, kind in DATA.items()
    ]


@register.simple_tag
def correction_summary(report: AnnualReport) -> str:
    changes = sum("reference" not in change for change in report.changes)
    return ngettext(
        "Version %(version)s corrects version %(before)s: %(changes)s figure differs.",
        "Version %(version)s corrects version %(before)s: %(changes)s figures differ.",
        changes,
    ) % {"version": report.version, "before": report.version - 1, "changes": changes}


@register.filter
def is_rtl(language: str) -> bool:
    return bool(get_language_info(language)["bidi"])


@register.simple_tag
def localized(words: MultilingualText) -> LocalizedText | None:
    """Return the text in the user's language, else in the first language that it has."""
    return localize_text(words)


@register.simple_tag
def report_target_url(report: AnnualReport, code: str) -> str:
    plan = {"plan": report.plan_code} if report.address_query else {}
    address = reverse("reporting:report_detail", args=[report.year, report.version])
    return f"{address}?{urlencode({**plan, 'target': code})}"


@register.filter
def axis_titles(axes: Mapping[int, Iterable[Axis]], priority: int) -> str:
    return " · ".join(axis.title for axis in axes[priority])


@register.simple_tag
def since_start(row: TargetRow) -> str:
    if row.target.is_yearly:
        return sentences.format_years_met(row)
    return formatting.format_value(row.value, row.target)


class TextsOfToday(NamedTuple):
    """What a reported figure reads today, each empty where it is equal; years by their labels."""

    value: str = ""
    since_start: str = ""
    this_year: str = ""
    years: Mapping[str, str] = {}
    rating: str = ""
    parts: Mapping[str, str] = {}


@register.simple_tag
def read_today(row: TargetRow, changed: Mapping[str, TargetRow] | str) -> TextsOfToday:
    """Return the differences of today's row; ``changed`` is empty if none is shown."""
    now = changed.get(row.target.code) if isinstance(changed, Mapping) else None
    if now is None:
        return TextsOfToday()
    has_value = has_other_value(row.value, now.value, now.target)
    years = {
        label: formatting.format_value(value, row.target)
        for label, value in list_changed_years(row, now)
    }
    return TextsOfToday(
        value=formatting.format_value(now.value, row.target) if has_value else "",
        since_start=since_start(now) if has_value or (row.years and years) else "",
        this_year=years.get(row.this_year.window.period.label, ""),
        years=years,
        rating=str(now.rating.label) if now.rating != row.rating else "",
        parts={
            part.label: formatting.format_value(part.value, row.target)
            if row.target.is_percentage
            else formatting.format_number(part.records)
            for part in ([] if has_value else list_changed_parts(row, now))
        },
    )


@register.simple_tag(takes_context=True)
def cited_url(context: template.Context, citation: Citation) -> str:
    """Return the URL of a cited record; empty for users who may not see every office."""
    if citation.is_confidential or not sees_all_offices(context.get("user")):
        return ""
    return reverse("indicators:record_detail", args=[citation.kind.value, citation.reference])

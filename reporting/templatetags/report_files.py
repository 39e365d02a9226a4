"""Small helpers of the pages of annual reports."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from indicators.permissions import EVERY_OFFICE
from reporting import sentences, writing
from reporting.dashboard import Order, in_order
from reporting.models import AnnualReport
from reporting.reported import Citation
from reporting.rollup import Rollup, TargetLine

register = template.Library()


@register.simple_tag
def offered_files(report: AnnualReport, languages: Iterable[str]) -> list[dict[str, Any]]:
    """The files of a report, stored or still to be made: language, address, and the stored one."""
    stored = {file.language: file for file in report.files.all()}
    return [
        {"language": language, "stored": stored.get(language), "url": _file_url(report, language)}
        for language in dict.fromkeys([*languages, *stored])
    ]


def _file_url(report: AnnualReport, language: str) -> str:
    address = reverse("report_file", args=[report.year, report.version, language])
    return address + report.address_query


@register.simple_tag
def report_query(report: AnnualReport, target: str) -> str:
    """The query of the address of one number of a report."""
    plan = {"plan": report.plan_code} if report.address_query else {}
    return "?" + urlencode({**plan, "target": target})


@register.simple_tag
def report_score(rolled: Rollup) -> list[dict[str, Any]]:
    """The cells of the score, worst first, each leading to its rows of the table."""
    return [
        {
            "code": line.objective.code,
            "rating": line.rating,
            "url": f"#o{line.objective.code}",
        }
        for line in in_order(rolled.objectives, Order.WORST)
    ]


@register.simple_tag
def since_start(line: TargetLine) -> str:
    """What was reached since the start; of a yearly target, how many years were met."""
    if line.target.is_yearly:
        return sentences.years_met(line)
    return writing.value_of(line.value, line.target)


@register.simple_tag
def now_reads_as(line: TargetLine, now: Mapping[str, Decimal | None]) -> str:
    """What a figure reads today where that differs, with its unit; else empty."""
    code = line.target.code
    return writing.value_of(now[code], line.target) if code in now else ""


@register.simple_tag(takes_context=True)
def cited_url(context: template.Context, citation: Citation) -> str:
    """The page of a cited record; empty for who may not see the records of every office."""
    if getattr(context.get("user"), "role", None) not in EVERY_OFFICE:
        return ""
    return reverse("record_detail", args=[citation.kind.value, citation.reference])

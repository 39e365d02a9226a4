"""The sample narrative of the demo's annual reports."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from reporting.models import AnnualReport, DraftTextType, NarrativeText, ReportDraft
from strategy.models import Plan, User


def load_sample_narrative(file: Path, *, by: User, at: datetime) -> list[ReportDraft]:
    """Create the drafts of reports that have neither a draft nor an issued version."""
    drafted = []
    with transaction.atomic():
        for sample in json.loads(file.read_text(encoding="utf-8")):
            plan = Plan.objects.find_by_code(sample["plan"])
            if plan is None or _has_draft_or_report(plan, sample["year"]):
                continue
            draft = ReportDraft.objects.create(plan=plan, year=sample["year"])
            NarrativeText.objects.bulk_create(
                NarrativeText(draft=draft, changed_by=by, changed_at=at, **place)
                for place in _list_texts(sample)
            )
            drafted.append(draft)
    return drafted


def _has_draft_or_report(plan: Plan, year: str) -> bool:
    report = {"plan": plan, "year": year}
    return (
        AnnualReport.objects.filter(**report).exists()
        or ReportDraft.objects.filter(**report).exists()
    )


def _list_texts(sample: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for section, words in sample["texts"].items():
        for language, text in words.items():
            yield {"part": section, "language": language, "text": text}
    for target, words in sample["comments"].items():
        for language, text in words.items():
            yield {
                "part": DraftTextType.COMMENT.value,
                "target": target,
                "language": language,
                "text": text,
            }

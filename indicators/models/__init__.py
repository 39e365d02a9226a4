"""The records: what staff saw happen, one class per kind, and the evidence for it."""

from indicators.models.form_drafts import CopiedAnswers, FormDraft
from indicators.models.imports import ImportedRow, ImportPreview, ImportRun, ImportUpload
from indicators.models.kinds.advocacy import (
    AdvocacyStrategy,
    CountrySupport,
    Decision,
    Event,
    Network,
)
from indicators.models.kinds.learning import Assessment, Evaluation, Lesson, Recommendation
from indicators.models.kinds.operations import (
    ActionReport,
    AnnualBudget,
    Partner,
    PolicyUpdate,
    Sponsor,
    TeamYear,
)
from indicators.models.kinds.programming import Activity, Initiative, Project, SectorStrengthened
from indicators.models.notifications import NotificationPreference
from indicators.models.querysets import CountingRule, RecordQuerySet
from indicators.models.record import Evidence, HistoryAction, Record, TitledRecord
from indicators.models.reported_years import CitedChange, ClosedYear
from strategy.choices import Status

__all__ = [
    "ActionReport",
    "Activity",
    "AdvocacyStrategy",
    "AnnualBudget",
    "Assessment",
    "CitedChange",
    "ClosedYear",
    "CopiedAnswers",
    "CountingRule",
    "CountrySupport",
    "Decision",
    "Evaluation",
    "Event",
    "Evidence",
    "FormDraft",
    "HistoryAction",
    "ImportPreview",
    "ImportRun",
    "ImportUpload",
    "ImportedRow",
    "Initiative",
    "Lesson",
    "Network",
    "NotificationPreference",
    "Partner",
    "PolicyUpdate",
    "Project",
    "Recommendation",
    "Record",
    "RecordQuerySet",
    "SectorStrengthened",
    "Sponsor",
    "Status",
    "TeamYear",
    "TitledRecord",
]

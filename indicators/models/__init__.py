"""The records: what staff saw happen, one class a kind, and the evidence for it."""

from indicators.models.advocacy import CountrySupport, Decision, Event, Network
from indicators.models.base import Evidence, Record, Status, TitledRecord
from indicators.models.imports import ImportedRow, ImportRun
from indicators.models.keeping import KeptAnswers
from indicators.models.mail import MailWish
from indicators.models.operations import ActionReport, AnnualBudget, PolicyUpdate, Sponsor
from indicators.models.previews import ImportPreview
from indicators.models.programming import Activity, Initiative, Project, SectorStrengthened

__all__ = [
    "ActionReport",
    "Activity",
    "AnnualBudget",
    "CountrySupport",
    "Decision",
    "Event",
    "Evidence",
    "ImportPreview",
    "ImportRun",
    "ImportedRow",
    "Initiative",
    "KeptAnswers",
    "MailWish",
    "Network",
    "PolicyUpdate",
    "Project",
    "Record",
    "SectorStrengthened",
    "Sponsor",
    "Status",
    "TitledRecord",
]

"""The sections of a report's narrative, in their order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NarrativeSection(models.TextChoices):
    """Plain texts: an empty line begins a paragraph; risks, lessons, decisions: one a line."""

    SUMMARY = "summary", _("The director’s summary")
    CHANGED = "changed", _("What changed this year")
    RISKS = "risks", _("Risks")
    LESSONS = "lessons", _("Lessons")
    DECISIONS = "decisions", _("What the board is asked to decide")

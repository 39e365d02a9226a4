"""The sections of a report's narrative, in their order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NarrativeSection(models.TextChoices):
    """One text of a report's narrative. Texts are plain: an empty line begins a paragraph, and of
    risks, lessons and decisions asked for each line is one.
    """

    SUMMARY = "summary", _("The director’s summary")
    CHANGED = "changed", _("What changed this year")
    RISKS = "risks", _("Risks")
    LESSONS = "lessons", _("Lessons")
    DECISIONS = "decisions", _("What the board is asked to decide")

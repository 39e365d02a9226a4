"""Answers that a user has not saved, or has copied and not touched yet."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.choices import RecordKind


class FormDraft(models.Model):
    """The unchecked answers of one unsaved form of one user, visible to nobody else.

    Each page in which the form is open has its own: no window replaces the text of another.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("typed by"),
    )
    kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    token = models.UUIDField(
        help_text=_("The creation token of the record that is changed, or that will be made.")
    )
    reference = models.CharField(
        _("reference"),
        max_length=40,
        blank=True,
        help_text=_("The record that is changed; empty where a new one is begun."),
    )
    answers = models.JSONField(_("answers"), help_text=_("Field -> all its values, as typed."))
    page = models.UUIDField(default=uuid.uuid4)
    """The page in which it was typed last."""
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(_("last changed at"), db_index=True)
    saved_at = models.DateTimeField(null=True, editable=False)
    """When the page saved its form; what it typed before may still arrive."""

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("answers not saved yet")
        verbose_name_plural = _("answers not saved yet")
        constraints = [
            models.UniqueConstraint(fields=["owner", "token", "page"], name="one_draft_a_page")
        ]

    def __str__(self) -> str:
        return self.title or self.reference or str(self.kind)

    @property
    def title(self) -> str:
        """The title of the record, or its year; empty while there is none."""
        for name in ("title", "year"):
            for value in self.answers.get(name, ()):
                if str(value).strip():
                    return str(value).strip()
        return ""

    @property
    def kind_label(self) -> str:
        return str(RecordKind(self.kind).label)


class CopiedAnswers(models.Model):
    """The fields of a record in draft whose answers were copied, and not touched since."""

    token = models.UUIDField(unique=True)
    """The creation token of the record."""
    names = models.JSONField()

    class Meta:
        verbose_name = verbose_name_plural = _("copied answers")

    def __str__(self) -> str:
        return ", ".join(self.names)

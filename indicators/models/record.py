"""The base of every kind of record: reference, status, users, evidence and history."""

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from indicators.models.querysets import NotDeletedManager, RecordQuerySet
from strategy.choices import RecordKind, Status
from strategy.models import Office

REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals that are not confused on the telephone."""


class EvidenceVersion(models.Model):
    """The columns that the history of evidence has in addition to those of evidence."""

    record_version = models.PositiveIntegerField()
    """The version of the record that the change made."""

    class Meta:
        abstract = True


class EvidenceHistory(HistoricalRecords):
    """Every item of evidence that was added or removed, found by its record.

    Signals write no rows: ``workflow.history`` writes them, with the version of the record.
    """

    def __init__(self) -> None:
        super().__init__(bases=[EvidenceVersion])

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.db_index = field.name == "object_id"
        return fields

    def create_historical_record(self, *args: object, **options: object) -> None:
        pass


class Evidence(models.Model):
    """An item of evidence of a record: either a file or a link."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    record = GenericForeignKey("content_type", "object_id")
    url = models.URLField(_("link"), max_length=1000, blank=True)
    file = models.FileField(_("file"), upload_to="evidence/%Y/%m", blank=True)
    name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("The file's own name.")
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    history = EvidenceHistory()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("item of evidence")
        verbose_name_plural = _("evidence")
        indexes = [models.Index(fields=["content_type", "object_id"], name="evidence_of_record")]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(url="") & ~models.Q(file=""))
                | (~models.Q(url="") & models.Q(file="")),
                name="evidence_is_a_file_or_a_link",
            )
        ]

    def __str__(self) -> str:
        return self.url or self.name


class Record(models.Model):
    """A record; ``objects`` are those that are not deleted, ``all_objects`` all of them."""

    KIND: ClassVar[RecordKind]
    PREFIX: ClassVar[str]
    COLUMNS: ClassVar[tuple[str, ...]]
    """The kind's own columns in files, in order; each is a field of that name."""

    history: ClassVar[Any]
    """The manager of the record's history; simple_history has no types."""
    skip_history_when_saving: bool
    """Set only while a save writes no history by itself."""

    reference = models.CharField(
        _("reference"),
        max_length=40,
        unique=True,
        blank=True,
        help_text=_("A short code of your own. Left empty, the application makes one."),
    )
    notes = models.TextField(_("notes"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT, db_index=True
    )
    note_on_return = models.TextField(_("why it was returned or withdrawn"), blank=True)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("office")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("last changed by"),
    )
    changed_at = models.DateTimeField(_("last changed at"), auto_now=True, db_index=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(
        _("approved at"),
        null=True,
        blank=True,
        help_text=_("Kept when an approved record is edited and waits again."),
    )
    deleted_at = models.DateTimeField(
        _("deleted at"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_("Only of what was never approved; it can be undone for 30 days."),
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("deleted by"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    creation_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    evidence = GenericRelation(Evidence)

    objects = NotDeletedManager.from_queryset(RecordQuerySet)()
    all_objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def was_approved(self) -> bool:
        """Whether an approved record was edited and no longer counts."""
        return self.approved_at is not None and self.status != Status.APPROVED

    @classmethod
    def new_reference(cls) -> str:
        """Return an unused reference: with 30**8 of them no query is needed."""
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _place in range(8))
        return f"{cls.PREFIX}-{letters[:4]}-{letters[4:]}"


class RecordHistory(HistoricalRecords):
    """Every change of a record, found by the record alone.

    No other column has an index: each would be written at every change, and no query uses it.
    """

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            # The links of a many-to-many field are found by the row of history that they belong to.
            field.db_index = field.name == "id" and not model._meta.auto_created
        return fields


class TitledRecord(Record):
    title = models.CharField(_("title"), max_length=250)

    class Meta(Record.Meta):
        abstract = True

    @property
    def name(self) -> str:
        return self.title

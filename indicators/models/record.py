"""The base of every kind of record: reference, status, users, evidence and history."""

import secrets
import uuid
from collections.abc import Container, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from indicators.models.querysets import NotDeletedManager, RecordManager, RecordQuerySet
from indicators.models.reading.confidentiality import Audience, build_pseudonym
from strategy.choices import RecordKind, Status
from strategy.models import Office
from strategy.text import fold_spelling

REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals that are not confused on the telephone."""


class FoldedAttribute(DeferredAttribute):
    """Reads the folded text of the other column, also after another value was assigned."""

    field: "FoldedField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        return self.field.fold(getattr(instance, self.field.of))

    def __set__(self, instance: models.Model, value: object) -> None:
        # Django takes a field without a value in the instance for one that was not loaded.
        instance.__dict__[self.field.attname] = value


class FoldedField(models.CharField[str, str]):
    """The spelling that a text shares with its variants in capitals, accents and spaces.

    ``of`` names the column of the text. Use it to find and to constrain equal names.
    """

    descriptor_class = FoldedAttribute

    def __init__(self, *, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"editable": False, "max_length": 300, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def fold(self, text: str) -> str:
        return fold_spelling(text)[: self.max_length]


def find_source_column(model: type[models.Model], name: str) -> str:
    """Return the column that people see: the one of whose text a folded column is made."""
    column = model._meta.get_field(name)
    return column.of if isinstance(column, FoldedField) else name


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

    NAME_COLUMN: ClassVar[str] = "year"
    """The look-up of the text that names a record first, in lists and searches."""
    NAMED_BY: ClassVar[tuple[str, ...]] = ()
    """The foreign keys whose rows are part of the name."""

    history: ClassVar[Any]
    """The manager of the record's history; simple_history has no types."""
    audience: Audience | None = None
    """Who reads the record: ``visible_to`` sets it; None is the application itself."""
    hidden_references: Container[str] = frozenset()
    """The references in its texts, folded, of records that are hidden from its audience."""
    skip_history_when_saving: bool
    """Set only while a save writes no history by itself."""

    reference = models.CharField(
        _("reference"),
        max_length=40,
        unique=True,
        blank=True,
        help_text=_("A short code of your own. Left empty, the application makes one."),
    )
    folded_reference = FoldedField(of="reference", unique=True)
    notes = models.TextField(_("notes"), blank=True)
    confidential = models.BooleanField(
        _("confidential"),
        choices=((False, _("No")), (True, _("Yes"))),
        default=False,
        blank=True,
        help_text=_(
            "Only its office and the M&E officers see it. It counts, and is “a confidential "
            "record” for everyone else."
        ),
    )
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
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged into"),
    )
    merged_into_id: int | None
    version = models.PositiveIntegerField(default=1, editable=False)
    creation_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    evidence = GenericRelation(Evidence)

    objects = NotDeletedManager.from_queryset(RecordQuerySet)()
    all_objects = RecordManager.from_queryset(RecordQuerySet)()

    class Meta:
        abstract = True
        ordering = ["-changed_at", "-pk"]
        # What waits for a reviewer is counted on every page.
        indexes = [
            models.Index(
                fields=["status", "deleted_at", "entered_by", "changed_by"],
                name="waiting_%(class)s",
            ),
            models.Index(
                fields=["office"],
                condition=models.Q(confidential=True),
                name="hidden_%(class)s",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def was_approved(self) -> bool:
        """Whether an approved record was edited and no longer counts."""
        return self.approved_at is not None and self.status != Status.APPROVED

    def find_stand_in(self, name: str) -> "Record | None":
        """Return what the record's audience reads instead of the hidden record that it names."""
        named = self._state.fields_cache.get(name)
        return named if isinstance(named, Record) and not named.reference else None

    @property
    def pseudonym(self) -> str:
        return build_pseudonym(self.KIND, self.creation_token)

    @classmethod
    def new_reference(cls) -> str:
        """Return an unused reference: with 30**8 of them no query is needed."""
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _place in range(8))
        return f"{cls.PREFIX}-{letters[:4]}-{letters[4:]}"


class HistoryAction(models.TextChoices):
    """What one change of a record was."""

    CREATED = "created", pgettext_lazy("act", "Created")
    CHANGED = "changed", pgettext_lazy("act", "Changed")
    CHANGED_AGAIN = "changed_again", pgettext_lazy("act", "Changed, waits for approval again")
    SUBMITTED = "submitted", pgettext_lazy("act", "Submitted")
    APPROVED = "approved", pgettext_lazy("act", "Approved")
    RETURNED = "returned", pgettext_lazy("act", "Returned")
    WITHDRAWN = "withdrawn", pgettext_lazy("act", "Withdrawn")
    RESTORED = "restored", pgettext_lazy("act", "Restored")
    DELETED = "deleted", pgettext_lazy("act", "Deleted")
    IMPORT_UNDONE = "import_undone", pgettext_lazy("act", "Import undone")
    MERGED = "merged", pgettext_lazy("act", "Merged into another record")
    ABSORBED = "absorbed", pgettext_lazy("act", "Another record was merged into it")
    UNDELETED = "undeleted", pgettext_lazy("act", "Deletion undone")


class RecordAct(models.Model):
    """The column that the history of records has in addition to those of records."""

    act = models.CharField(max_length=20, choices=HistoryAction.choices, default="", blank=True)

    class Meta:
        abstract = True


class RecordHistory(HistoricalRecords):
    """Every change of a record, found by the record alone.

    No other column has an index: each would be written at every change, and no query uses it.
    """

    def __init__(self, m2m_fields: Sequence[Any] = ()) -> None:
        super().__init__(bases=[RecordAct], m2m_fields=m2m_fields)

    def fields_included(self, model: type[models.Model]) -> list[Any]:
        fields = super().fields_included(model)
        return [field for field in fields if not isinstance(field, FoldedField)]

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            # The links of a many-to-many field are found by the row of history that they belong to.
            field.db_index = field.name == "id" and not model._meta.auto_created
        return fields


WORKFLOW_FIELDS = (
    "status",
    "note_on_return",
    "office_id",
    "entered_by_id",
    "entered_at",
    "changed_by_id",
    "changed_at",
    "submitted_at",
    "approved_by_id",
    "approved_at",
    "deleted_at",
    "deleted_by_id",
    "merged_into_id",
    "version",
    "creation_token",
)
"""The columns that only the acts of ``workflow`` write."""

IS_CURRENT = ~models.Q(status=Status.WITHDRAWN) & models.Q(deleted_at=None)
"""The records that no other record may repeat where a kind has one record per name or year."""


class TitledRecord(Record):
    NAME_COLUMN = "title"

    title = models.CharField(_("title"), max_length=250)

    class Meta(Record.Meta):
        abstract = True

    @property
    def name(self) -> str:
        return self.title


def list_parent_fields(model: type[Record]) -> list[Any]:
    """Return the columns that name the record to which a record of the model belongs."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, Record)
        and field.name != "merged_into"
    ]

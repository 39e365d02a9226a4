"""Querysets of records: those that a user sees, those that are pending, those that count."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Value, When
from django.db.models.query import ModelIterable

from indicators.models.reading.confidentiality import Audience, build_hidden_condition
from indicators.models.reading.related import list_choices, prefetch_choices
from indicators.models.references import hide_named_records
from strategy.accounts.policy import can_record, sees_all_offices
from strategy.choices import Reason, Status
from strategy.models import User
from strategy.text import fold_spelling

MAX_SEARCH_WORDS = 8

EQUIVALENT_CHARACTERS = (
    "aàáâãäåā",
    "cçćč",
    "eèéêëē",
    "iìíîïī",
    "nñń",
    "oòóôõöøō",
    "uùúûüū",
    "yýÿ",
    "sš",
    "zž",
    "اأإآٱ",
    "يى",
    "هة",
    "'’‘ʼ",
    "-\u2010\u2011\u2012\u2013\u2014\u2212",
)
"""Groups of lower-case characters that match each other; the plain character is first."""

CHARACTER_CLASSES = {
    character: f"[{''.join(dict.fromkeys(group + group.upper()))}]"
    for group in EQUIVALENT_CHARACTERS
    for character in {*group, *group.upper()}
}

LIGATURES = {"[œŒ]": "oe", "[æÆ]": "ae", "[ßẞ]": "ss"}

MARKS = "[\u0300-\u036f\u064b-\u065f\u0670\u0640]"
"""Accents that are letters of their own, and the vowel signs of Arabic, which few people type."""

UNFINISHED = (Status.DRAFT, Status.RETURNED, Status.SUBMITTED)
"""The states of a record that is neither approved nor withdrawn."""

AWAITING_REVIEW_AGAIN = Q(status=Status.SUBMITTED, approved_at__isnull=False)
"""Approved once, edited since, and submitted again."""

R = TypeVar("R", bound=models.Model)


@dataclass(frozen=True)
class CountingRule:
    """A condition that a record must pass to count, and the reason when it does not."""

    reason: Reason
    passes: Q
    column: str = ""
    """The record's field that the rule is about; empty where it is about none."""


class RecordQuerySet(models.QuerySet[R]):
    """Records of one kind."""

    _choices: Collection[str] = ()
    """The columns of words and countries that are read with the records."""
    audience: Audience | None = None
    """From whom the records that these name are hidden."""

    def visible_to(self, user: User) -> Self:
        """The records that the user may see, each naming only records that the user may know of.

        They are those of every office but the confidential ones, of the user's own office, or none.
        """
        if sees_all_offices(user):
            return self.disclosed_to(user)
        if not can_record(user):
            return self.none()
        return self.filter(office=user.office_id)._read_by(Audience(user))

    def disclosed_to(self, user: User | None) -> Self:
        """The records that the user, or everyone, may know of: without those hidden from them."""
        audience = Audience(user)
        if audience.knows_all:
            return self._read_by(audience)
        return self.filter(~build_hidden_condition(self.model, audience))._read_by(audience)

    def hidden_from(self, user: User | None) -> Self:
        """The confidential records that the user, or everyone, may not know of."""
        return self.filter(build_hidden_condition(self.model, Audience(user)))

    def _read_by(self, audience: Audience) -> Self:
        records = self.all()
        records.audience = audience
        return records

    def deleted(self) -> Self:
        return self.exclude(deleted_at=None)

    def deleted_by_or_from(self, user: User, since: datetime) -> Self:
        """The records deleted from ``since`` on that the user entered, changed or deleted."""
        is_theirs = Q(entered_by=user) | Q(changed_by=user) | Q(deleted_by=user)
        return self.filter(is_theirs, deleted_at__gte=since)

    def with_reference(self, reference: str) -> Self:
        return self.filter(reference=reference)

    def with_same_reference(self, reference: str) -> Self:
        """The record with the reference in any spelling: capitals and accents do not matter."""
        return self.filter(folded_reference=fold_spelling(reference))

    def with_creation_token(self, token: object, entered_by: User) -> Self:
        return self.filter(creation_token=token, entered_by=entered_by)

    def matching(self, text: str) -> Self:
        """The records with every word of the text in their title, year, reference or notes."""
        model: Any = self.model
        names = (model.NAME_COLUMN, "reference", "notes")
        records = self.all()
        for word in unicodedata.normalize("NFC", text).split()[:MAX_SEARCH_WORDS]:
            matches = Q()
            for name in names:
                matches |= Q(**{f"{name}__iregex": search_pattern(word)})
            records = records.filter(matches)
        return records

    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)

    def awaiting_review(self) -> Self:
        return self.filter(status=Status.SUBMITTED)

    def awaiting_review_again(self) -> Self:
        return self.filter(AWAITING_REVIEW_AGAIN)

    def lacking_evidence(self) -> Self:
        return self.filter(lacks_evidence(self.model))

    def involving(self, user: User) -> Self:
        return self.filter(Q(entered_by=user) | Q(changed_by=user))

    def not_involving(self, user: User) -> Self:
        return self.exclude(entered_by=user).exclude(changed_by=user)

    def not_withdrawn(self) -> Self:
        return self.exclude(status=Status.WITHDRAWN)

    def satisfying(self, rules: Iterable[CountingRule]) -> Self:
        return self.filter(join_rules(rules))

    def with_exclusion_reason(
        self, rules: Iterable[CountingRule], ignoring: Collection[Reason] = frozenset()
    ) -> Self:
        """Add ``reason``: that of the first rule that a record fails, None if it passes all."""
        return self.annotate(reason=build_exclusion_reason(rules, ignoring))

    def excluded(self) -> Self:
        """The records with an exclusion reason; call ``with_exclusion_reason`` before."""
        return self.filter(Q(reason__isnull=False))

    def exclusion_reasons(
        self, rule_lists: Sequence[Iterable[CountingRule]], ignoring: Collection[Reason]
    ) -> Iterator[tuple[int, list[Reason | None]]]:
        """Yield the primary key and the reason by each list of rules, in one query."""
        reasons = {
            f"reason_{number}": build_exclusion_reason(rules, ignoring)
            for number, rules in enumerate(rule_lists)
        }
        for key, *values in self.annotate(**reasons).values_list("pk", *reasons):
            yield key, [Reason(value) if value else None for value in values]

    def count_each_reason(self, **counts: Count) -> list[tuple[str | None, Sequence[int]]]:
        """Return each reason, None of records without, with their number and the counts."""
        rows = self.order_by().values_list("reason").annotate(number=Count("pk"), **counts)
        return [(reason, numbers) for reason, *numbers in rows]

    def count_by_reason(self) -> dict[str, int]:
        """Return how many records have each exclusion reason, in one query."""
        reasons = self.order_by().values_list("reason").annotate(number=Count("pk"))
        return dict(reasons.order_by("reason"))

    def with_related(self, names: Collection[str] | None = None) -> Self:
        """The records with the rows that their values name, in a constant number of queries.

        ``names`` are the columns that are read; by default all of them.
        """
        foreign_keys = [
            field.name
            for field in self.model._meta.fields
            if field.is_relation and field.name != "merged_into"
        ]
        choices = [field.name for field in list_choices(self.model)]
        many_to_many = [
            field.name for field in self.model._meta.many_to_many if field.name not in choices
        ]
        if names is not None:
            foreign_keys = [name for name in foreign_keys if name in names]
            many_to_many = [name for name in many_to_many if name in names]
            choices = [name for name in choices if name in names]
        # Django reads every foreign key where it is asked for none.
        records = self.select_related(*foreign_keys) if foreign_keys else self.all()
        records = records.prefetch_related(*many_to_many) if many_to_many else records
        records._choices = choices
        return records

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # The stubs leave it out.
        clone._choices, clone.audience = self._choices, self.audience
        return clone

    def _fetch_all(self) -> None:
        is_read = self._result_cache is not None
        super()._fetch_all()
        records = self._result_cache or ()
        if not is_read and self._choices and self._iterable_class is ModelIterable:
            prefetch_choices(records, self._choices)
        if not is_read and self.audience and self._iterable_class is ModelIterable:
            for record in records:
                vars(record)["audience"] = self.audience
            hide_named_records(records, self.audience)


class RecordManager(models.Manager[R]):
    """Loads records with the rows that their names need."""

    def get_queryset(self) -> models.QuerySet[R]:
        model: Any = self.model
        records = super().get_queryset()
        return records.select_related(*model.NAMED_BY) if model.NAMED_BY else records


class NotDeletedManager(RecordManager[R]):
    def get_queryset(self) -> models.QuerySet[R]:
        return super().get_queryset().filter(deleted_at=None)


def build_exclusion_reason(rules: Iterable[CountingRule], ignoring: Collection[Reason]) -> Case:
    cases = [
        When(~rule.passes, then=Value(rule.reason.value))
        for rule in rules
        if rule.reason not in ignoring
    ]
    return Case(*cases, default=Value(None), output_field=CharField(null=True))


def join_rules(rules: Iterable[CountingRule]) -> Q:
    passes = Q()
    for rule in rules:
        passes &= rule.passes
    return passes


def has_evidence(model: type[models.Model]) -> Exists:
    """True for a record with at least one file or link."""
    field = model._meta.get_field("evidence")
    items: models.QuerySet[models.Model] = models.QuerySet(field.related_model)
    return Exists(
        items.filter(
            content_type__app_label=model._meta.app_label,
            content_type__model=model._meta.model_name,
            object_id=OuterRef("pk"),
        )
    )


def lacks_evidence(model: type[models.Model]) -> Q:
    """True for an unfinished record without a file or link."""
    return Q(status__in=UNFINISHED) & ~Q(has_evidence(model))


def search_pattern(word: str) -> str:
    """Return a regular expression for the word with or without accents."""
    plain = re.sub(MARKS, "", unicodedata.normalize("NFC", word))
    for ligature, letters in LIGATURES.items():
        plain = re.sub(ligature, letters, plain)
    pattern = ""
    for part in re.split("(oe|ae|ss)", plain, flags=re.IGNORECASE):
        letters = "".join(
            f"{CHARACTER_CLASSES.get(letter) or re.escape(letter)}{MARKS}*" for letter in part
        )
        ligature = next((one for one, two in LIGATURES.items() if two == part.lower()), "")
        pattern += f"(?:{letters}|{ligature})" if ligature else letters
    return pattern

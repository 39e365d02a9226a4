"""Who may know of a confidential record: its office and the officers; nobody else.

A record is confidential because its author says so, or because a country of it is a restricted
context today. It counts like any other. For everyone else it is "a confidential record": querysets
leave it out, and a record that they may see names a stand-in without any text instead of it.

``audience`` of a queryset and of a record says who reads it; None is the application itself, which
knows all. ``visible_to`` and ``disclosed_to`` set it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from strategy.accounts.policy import sees_confidential_records
from strategy.models import Country, RestrictedContext, User

R = TypeVar("R", bound=models.Model)

MIN_RECORDS_OF_COUNTRY = 5
"""A country with fewer records of a figure, of which one is hidden, is among "other countries"."""

OTHER_COUNTRIES = "other"
"""The code of those countries together."""
PSEUDONYM = "confidential-"
"""Begins each pseudonym, and no reference."""


@dataclass(frozen=True)
class Audience:
    """Who reads: a user, or everyone (None), as of an issued report."""

    user: User | None = None

    @property
    def knows_all(self) -> bool:
        return self.user is not None and sees_confidential_records(self.user)

    @property
    def office(self) -> int | None:
        return self.user.office_id if self.user else None


EVERYONE = Audience()


def get_confidential_name() -> str:
    return _("a confidential record")


def build_pseudonym(kind: str, token: UUID) -> str:
    """Return what an issued report calls a confidential record: it tells nothing of the record.

    The record's creation token is random, and known to nobody who may not know of the record.
    """
    return f"{PSEUDONYM}{sha256(f'{kind}/{token}'.encode()).hexdigest()[:16]}"


def is_pseudonym(reference: str) -> bool:
    return reference.startswith(PSEUDONYM)


def is_record(model: object) -> bool:
    """Whether a model is a kind of record."""
    return hasattr(model, "all_objects")


def get_other_countries_name() -> str:
    return _("other countries")


def list_confidential_conditions(model: type[models.Model]) -> Iterator[Q]:
    """Yield the conditions of which one makes a record of a kind confidential."""
    restricted = RestrictedContext.objects.in_force().values("country")
    yield Q(confidential=True)
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if field.related_model is not Country:
            continue
        if isinstance(field, models.ManyToManyField):
            links: models.QuerySet[models.Model] = models.QuerySet(field.remote_field.through)
            of_country = links.filter(**{f"{field.m2m_reverse_field_name()}__in": restricted})
            yield Q(pk__in=of_country.values(field.m2m_field_name()))
        else:
            yield Q(**{f"{field.name}__in": restricted})


def build_restricted_test() -> Callable[[models.Model, Mapping[str, Collection[int]]], bool]:
    """Return whether a record that is not stored yet is confidential, by its values.

    The second argument has the keys of its columns with several rows.
    """
    restricted = set(RestrictedContext.objects.in_force().values_list("country", flat=True))

    def is_restricted(record: models.Model, many: Mapping[str, Collection[int]]) -> bool:
        named = {
            getattr(record, field.attname)
            for field in record._meta.concrete_fields
            if field.related_model is Country
        }
        for field in record._meta.many_to_many:
            if field.related_model is Country:
                named.update(many.get(field.name, ()))
        return bool(vars(record)["confidential"] or named & restricted)

    return is_restricted


def build_hidden_condition(model: type[models.Model], audience: Audience) -> Q:
    """Return the condition of the records that the audience may not know of."""
    if audience.knows_all:
        return Q(pk__in=[])
    is_hidden = reduce(or_, list_confidential_conditions(model))
    return is_hidden if audience.office is None else is_hidden & ~Q(office=audience.office)


def select_hidden(
    records: "models.QuerySet[R, R]", audience: Audience
) -> "list[models.QuerySet[R, R]]":
    """Return the hidden records in parts that a database finds fast, also where there are none."""
    if audience.knows_all:
        return []
    if audience.office is not None:
        records = records.exclude(office=audience.office)
    return [records.filter(is_one) for is_one in list_confidential_conditions(records.model)]

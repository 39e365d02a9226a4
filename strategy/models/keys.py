"""Natural keys: files name a row by its code or number, not by its database key."""

from operator import attrgetter
from typing import ClassVar, Self, TypeVar

from django.db import models

K = TypeVar("K", bound="Keyed")


class KeyedManager(models.Manager[K]):
    def get_by_natural_key(self, *key: str | int) -> K:
        return self.get(**dict(zip(self.model.KEY, key, strict=True)))


class Keyed(models.Model):
    """A row that files name by the values of KEY, which are look-ups from the row."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    objects: ClassVar[KeyedManager[Self]] = KeyedManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[str | int, ...]:
        return tuple(attrgetter(path.replace("__", "."))(self) for path in self.KEY)

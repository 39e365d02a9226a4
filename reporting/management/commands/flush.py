"""Django's flush, with an explanation where issued reports prevent it."""

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import IntegrityError


class Command(flush.Command):
    def handle(self, *args: object, **options: object) -> None:
        try:
            super().handle(**options)
        except CommandError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            raise CommandError(
                "Nothing was emptied: there are issued reports, and those never go. "
                "To begin anew, begin with a new database."
            ) from error

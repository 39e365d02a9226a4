"""Encrypt what is stored in secret with the present SECRET_KEY, before a former key is dropped."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from strategy.accounts.mail_queue import encrypt_queue_again
from strategy.accounts.two_factor import encrypt_secrets_again


class Command(BaseCommand):
    help = (
        "Encrypts the secrets of second factors and the waiting e-mails with SECRET_KEY. Run it "
        "after a change of the key, before the former one leaves SECRET_KEY_FALLBACKS."
    )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        self.stdout.write(f"encrypted again: {encrypt_secrets_again() + encrypt_queue_again()}")

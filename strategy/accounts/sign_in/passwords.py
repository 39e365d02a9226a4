"""Passwords that are refused because they are made of the organisation's words."""

import re
from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from strategy.text import fold_accents

MIN_REST = 8


class OrganisationWordsValidator:
    """Refuses a password with fewer than 8 characters without the organisation's words."""

    def __init__(self, words: Collection[str]) -> None:
        longest_first = sorted(words, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, longest_first)))

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        rest = re.sub(r"[\W_]", "", self._words.sub("", fold_accents(password.casefold())))
        if self._words.search(fold_accents(password.casefold())) and len(rest) < MIN_REST:
            text = _("This password is made of words of the organisation. Choose other words.")
            raise ValidationError(text, code="password_of_organisation")

    def get_help_text(self) -> str:
        return _("Your password cannot be made of the organisation’s words.")

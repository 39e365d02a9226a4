"""The check of every text that a person writes, which another application makes."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string


def check_text(text: str, stored: str = "") -> str:
    """Return why a text cannot be stored; empty when it can, or is stored already."""
    find_text_error: Callable[[str, str], str] = import_string(settings.TEXT_CHECKER)
    return find_text_error(text, stored)

"""Tags and filters of templates that need no model."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm

from strategy.text import colon, comma, join_plain

register = template.Library()

register.filter(join_plain)
register.simple_tag(comma)
register.simple_tag(colon)


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.filter
def number_of_errors(form: BaseForm) -> int:
    """Return the number of messages in the error summary; a field may have several."""
    return sum(len(sentences) for sentences in form.errors.values())

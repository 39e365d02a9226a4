"""Tags of the logic model and the performance measurement framework."""

from django import template
from django.urls import reverse

from reporting.dashboards.results_framework import FrameworkGroup, FrameworkRow
from reporting.exports.framework_files import format_result, format_variance
from reporting.forms.figures import FigureSelection
from reporting.wording import formatting

register = template.Library()


@register.filter
def result_name(group: FrameworkGroup) -> str:
    return format_result(group)


@register.filter
def variance(row: FrameworkRow) -> str:
    """Format the variance with its basis; a dash without any."""
    return format_variance(row.variance) if row.variance else formatting.EN_DASH


@register.simple_tag
def framework_url(route: str, selection: FigureSelection, extension: str = "") -> str:
    args = [extension] if extension else []
    return reverse(f"reporting:{route}", args=args, query=selection.query)

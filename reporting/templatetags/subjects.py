"""The pages of projects, countries and offices: their addresses, and the lists behind numbers."""

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from reporting.figures.people_trained import PEOPLE, TraineeCount
from reporting.templatetags.figures import (
    build_sessions_url,
    link,
    list_url,
    name_subject,
    render_trainees,
)
from reporting.wording import formatting
from strategy.accounts.policy import can_open_office, can_open_records
from strategy.choices import RecordKind
from strategy.models import Office, Subject, User

register = template.Library()


@register.simple_tag(takes_context=True)
def project_url(context: template.Context, reference: str) -> str:
    """Return the page of a project; empty for users who may not see records."""
    return _find_url(context, "project", reference)


@register.simple_tag(takes_context=True)
def country_url(context: template.Context, code: str) -> str:
    return _find_url(context, "country", code)


@register.simple_tag(takes_context=True)
def office_url(context: template.Context, office: Office) -> str:
    user = context.get("user")
    if not isinstance(user, User) or not can_open_office(user, office):
        return ""
    return reverse("reporting:office", args=[office.code])


def _find_url(context: template.Context, route: str, code: str) -> str:
    if not code or not can_open_records(context.get("user")):
        return ""
    return reverse(f"reporting:{route}", args=[code])


@register.simple_tag
def subject_list_url(subject: Subject, kind: RecordKind, status: str = "") -> str:
    """Return the list of the subject's records of a kind."""
    return list_url(kind, {**name_subject(subject), "status": status})


@register.simple_tag
def people_cells(count: TraineeCount, subject: Subject) -> SafeString:
    """Render the sessions and the people of a row, each number linked to its sessions.

    The row of projects without a name has no list, so no links.
    """
    url = "" if count.project == "" else build_sessions_url(count, subject)
    numbers = [
        link(url, formatting.format_number(count.sessions)),
        *(render_trainees(url, name, getattr(count, name)) for name in PEOPLE),
    ]
    return format_html_join("\n", '<td class="num-right">{}</td>', ((text,) for text in numbers))

"""E-mail notifications of pending work, with one link and without any content of records.

A user gets each kind at most once a day, so that an import sends one e-mail. Views queue them after
the action is saved; the worker sends them.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from indicators.models import NotificationPreference
from strategy.accounts.policy import REVIEWERS
from strategy.choices import Role
from strategy.models import User

MIN_INTERVAL = timedelta(days=1)
"""Time between two notifications of the same kind to a user."""

Absolute = Callable[[str], str]
"""Puts the host before a path."""


def set_wanted(user: User, *, is_wanted: bool) -> None:
    NotificationPreference.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})


def wants_mail(user: User) -> bool:
    return not NotificationPreference.objects.filter(user=user, is_wanted=False).exists()


def notify_reviewers(*, by: User, at: datetime, absolute: Absolute) -> int:
    """Notify the reviewers of pending records; return the number of e-mails."""
    reviewers = User.objects.filter(groups__name__in=[role.value for role in REVIEWERS])
    users = _select_reachable(reviewers.exclude(pk=by.pk).distinct(), at)
    return _notify(users, "told_to_review_at", "indicators:review", at, absolute)


def notify_authors(authors: Collection[int], *, by: User, at: datetime, absolute: Absolute) -> int:
    """Notify the authors, by primary key, of a returned record; return the number of e-mails."""
    users = _select_reachable(User.objects.filter(pk__in=authors).exclude(pk=by.pk), at)
    return _notify(users, "told_of_return_at", "indicators:my_work", at, absolute)


def notify_officers(*, by: User, at: datetime, absolute: Absolute) -> int:
    """Notify the officers that a cited record was changed; return the number of e-mails."""
    officers = User.objects.filter(groups__name=Role.OFFICER.value).exclude(pk=by.pk)
    users = _select_reachable(officers, at)
    return _notify(users, "told_of_cited_at", "indicators:reported_years", at, absolute)


def _select_reachable(users: Iterable[User], at: datetime) -> list[User]:
    return [user for user in users if user.email and user.has_access_on(at.date())]


def _notify(users: list[User], column: str, page: str, at: datetime, absolute: Absolute) -> int:
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(user=user) for user in users], ignore_conflicts=True
    )
    is_due = Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": at - MIN_INTERVAL})
    due = NotificationPreference.objects.filter(is_due, user__in=users, is_wanted=True)
    sent = 0
    for preference in due.select_related("user"):
        sent += _build_email(preference.user, page, absolute).send()
        NotificationPreference.objects.filter(pk=preference.pk).update(**{column: at})
    return sent


def _build_email(user: User, page: str, absolute: Absolute) -> EmailMessage:
    with translation.override(user.email_language):
        context = {
            "user": user,
            "link": absolute(reverse(page)),
            "is_return": page == "indicators:my_work",
            "is_cited": page == "indicators:reported_years",
        }
        text = render_to_string("indicators/mail/pending_work.txt", context)
        subject = _("Something waits for you in the results of IBCR")
    return EmailMessage(subject, text, None, [user.email])

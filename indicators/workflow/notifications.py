"""E-mail notifications of pending work, with one link and without any content of records.

A user gets each kind at most once a day, so that an import sends one e-mail. Views send them after
the action is saved; an unavailable mail server is logged and stops nothing.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from indicators.models import NotificationPreference
from strategy.accounts.invitations import MAIL_ERRORS
from strategy.accounts.policy import REVIEWERS
from strategy.models import User

logger = logging.getLogger(__name__)

MIN_INTERVAL = timedelta(days=1)
"""Time between two notifications of the same kind to a user."""

Absolute = Callable[[str], str]
"""Puts the host before a path."""


def remember_language(user: User, language: str) -> None:
    """Save the language in which the user works; notifications use it."""
    wish, _made = NotificationPreference.objects.get_or_create(
        user=user, defaults={"language": language}
    )
    if wish.language != language:
        NotificationPreference.objects.filter(pk=wish.pk).update(language=language)


def set_wanted(user: User, *, is_wanted: bool) -> None:
    NotificationPreference.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})


def wants_mail(user: User) -> bool:
    return not NotificationPreference.objects.filter(user=user, is_wanted=False).exists()


def notify_reviewers(*, by: User, at: datetime, absolute: Absolute) -> int:
    """Notify the reviewers of pending records; return the number of e-mails."""
    people = User.objects.filter(groups__name__in=[role.value for role in REVIEWERS])
    reached = _reachable(people.exclude(pk=by.pk).distinct(), at)
    return _tell(reached, "told_to_review_at", "indicators:review", at, absolute)


def notify_authors(authors: Collection[int], *, by: User, at: datetime, absolute: Absolute) -> int:
    """Notify the authors, by primary key, of a returned record; return the number of e-mails."""
    people = _reachable(User.objects.filter(pk__in=authors).exclude(pk=by.pk), at)
    return _tell(people, "told_of_return_at", "indicators:my_work", at, absolute)


def _reachable(people: Iterable[User], at: datetime) -> list[User]:
    return [one for one in people if one.email and one.has_access_on(at.date())]


def _tell(people: list[User], column: str, page: str, at: datetime, absolute: Absolute) -> int:
    known = set(
        NotificationPreference.objects.filter(user__in=people).values_list("user", flat=True)
    )
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(user=one) for one in people if one.pk not in known],
        ignore_conflicts=True,
    )
    wishes = NotificationPreference.objects.filter(user__in=people).select_related("user")
    letters = [
        _letter(wish.user, wish.language, page, absolute)
        for wish in wishes
        if _claim(wish, column, at)
    ]
    try:
        get_connection(timeout=settings.EMAIL_TIMEOUT).send_messages(letters)
    except MAIL_ERRORS as error:
        logger.error("Letters that something waits were not sent: %s", error)
    return len(letters)


def _claim(wish: NotificationPreference, column: str, at: datetime) -> bool:
    """Record the notification; False if the user refuses it or had one within a day."""
    told = Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": at - MIN_INTERVAL})
    rows = NotificationPreference.objects.filter(told, pk=wish.pk, is_wanted=True)
    return bool(rows.update(**{column: at}))


def _letter(user: User, language: str, page: str, absolute: Absolute) -> EmailMessage:
    with translation.override(language or settings.LANGUAGE_CODE):
        context = {
            "user": user,
            "link": absolute(reverse(page)),
            "is_return": page == "indicators:my_work",
        }
        text = render_to_string("indicators/mail/pending_work.txt", context)
        subject = _("Something waits for you in the results of IBCR")
    return EmailMessage(subject, text, None, [user.email])

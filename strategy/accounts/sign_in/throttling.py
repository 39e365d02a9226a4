"""Limits of failed sign-ins, so that passwords cannot be guessed and nobody locks out another.

An attempt counts before its password is checked, and no more once it succeeds: attempts at the same
time cannot pass a limit together. A device that signed in to the account before counts apart, so
that failures of others at its address close nothing for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from strategy.models import SignInFailure, User

WINDOW = timedelta(hours=1)
MAX_FOR_ACCOUNT = 10
"""Failures for an account from an address."""
MAX_FOR_ADDRESS = 20
"""Failures from an address in all, devices that signed in before excepted."""

DEVICE_AGE = timedelta(days=365)
MAX_DEVICE_ACCOUNTS = 5
_signer = TimestampSigner(salt="strategy.known_device")


@dataclass(frozen=True)
class SignInAttempt:
    """Who tries to sign in, from where, when; ``device`` is the cookie of the device."""

    login: str
    address: str
    device: str
    at: datetime


class TooManyAttempts(Exception):
    """The attempt was not made; ``args`` has the time to wait."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


def count_attempt(attempt: SignInAttempt) -> SignInFailure:
    """Store the attempt as a failure, to be deleted if it succeeds; raise TooManyAttempts."""
    SignInFailure.objects.filter(at__lte=attempt.at - WINDOW).delete()
    user = User.objects.filter(
        Q(username__iexact=attempt.login) | Q(email__iexact=attempt.login)
    ).first()
    account = str(user.pk) if user else attempt.login.casefold()
    is_known = user is not None and user.pk in read_device(attempt.device)
    failure = SignInFailure.objects.create(
        account=_hash(f"{account}:{attempt.address}:{is_known}"),
        address="" if is_known else _hash(attempt.address),
        at=attempt.at,
    )
    recent = SignInFailure.objects.filter(at__gt=attempt.at - WINDOW)
    limits = [(recent.filter(account=failure.account), MAX_FOR_ACCOUNT)]
    if not is_known:
        limits.append((recent.filter(address=failure.address), MAX_FOR_ADDRESS))
    wait = max(_find_wait(failures, limit, attempt.at) for failures, limit in limits)
    if wait:
        failure.delete()
        raise TooManyAttempts(wait)
    return failure


def write_device(cookie: str, user: User) -> str:
    """Return the cookie of a device from which the user has just signed in."""
    others = [pk for pk in read_device(cookie) if pk != user.pk]
    return _signer.sign("-".join(map(str, [user.pk, *others][:MAX_DEVICE_ACCOUNTS])))


def read_device(cookie: str) -> list[int]:
    """Return the primary keys of the users that signed in from the device, the last first."""
    try:
        text = _signer.unsign(cookie, max_age=DEVICE_AGE)
    except BadSignature:
        return []
    return [int(pk) for pk in text.split("-")]


def _find_wait(failures: QuerySet[SignInFailure], limit: int, now: datetime) -> timedelta:
    times = list(failures.order_by("-at", "-pk").values_list("at", flat=True)[: limit + 1])
    # With this attempt more than the limit: the oldest that counts has to pass first.
    return max(times[limit] + WINDOW - now, timedelta(seconds=1)) if times[limit:] else timedelta()


def _hash(text: str) -> str:
    return salted_hmac("strategy.sign_in", text, algorithm="sha256").hexdigest()

"""Entries of the security log that follow from signals."""

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import Signal, receiver

from strategy.accounts.security_log.events import log_event
from strategy.models import AccountChange, PlanChange, SecurityAction, User


@receiver(user_logged_in)
def log_sign_in(user: User, **_details: object) -> None:
    log_event(SecurityAction.SIGNED_IN, by=user)


@receiver(user_logged_out)
def log_sign_out(user: User | None, **_details: object) -> None:
    if user is not None:
        log_event(SecurityAction.SIGNED_OUT, by=user)


@receiver(user_login_failed)
def log_failure(credentials: dict[str, str], **_details: object) -> None:
    """Name the account if there is one: people type passwords where the name belongs."""
    login = credentials.get("username") or credentials.get("email") or ""
    match = Q(username__iexact=login) | Q(email__iexact=login)
    user = User.objects.filter(match).first() if login else None
    log_event(SecurityAction.SIGN_IN_FAILED, by=user)


@receiver([password_changed, password_set, password_reset])
def log_password(user: User, **_details: object) -> None:
    log_event(SecurityAction.PASSWORD_CHANGED, by=user)


_TWO_FACTOR_ACTS = {
    authenticator_added: "added",
    authenticator_removed: "removed",
    authenticator_reset: "made anew",
}


@receiver(list(_TWO_FACTOR_ACTS))
def log_two_factor(
    user: User, authenticator: Authenticator, signal: Signal, **_details: object
) -> None:
    subject = f"{authenticator.type} {_TWO_FACTOR_ACTS[signal]}"
    log_event(SecurityAction.TWO_FACTOR_CHANGED, subject, by=user)


@receiver(post_save, sender=AccountChange)
def log_account_change(instance: AccountChange, created: bool, **_details: object) -> None:
    if created:
        fields = ", ".join(field["field"] for field in instance.fields)
        subject = f"account {instance.user_id}: {instance.action} {fields}".rstrip()
        log_event(SecurityAction.ACCOUNT_CHANGED, subject, instance.by)


@receiver(post_save, sender=PlanChange)
def log_plan_change(instance: PlanChange, created: bool, **_details: object) -> None:
    if created:
        log_event(SecurityAction.PLAN_CHANGED, f"change {instance.pk}", instance.changed_by)

"""Second factors: encrypted secrets, codes that work once, and the roles that need them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.forms import BaseForm, HiddenInput, JSONField, ValidationError
from django.forms.fields import InvalidJSONInput

from strategy.accounts.encryption import decrypt_text, encrypt_again, encrypt_text
from strategy.accounts.policy import needs_two_factor
from strategy.accounts.security_log.events import log_event
from strategy.models import SecurityAction, User

HAS_TWO_FACTOR = Exists(Authenticator.objects.filter(user=OuterRef("pk")))
"""Whether the account of a query has a second factor."""

SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}
"""Type of a factor -> the key of its secret; a passkey stores a public key alone."""


class EncryptedFactorAdapter(DefaultMFAAdapter):
    """allauth's, with the secrets encrypted; the last factor stays where the role needs one."""

    def encrypt(self, text: str) -> str:
        return encrypt_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt_text(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user: User = authenticator.user
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        return (
            not needs_two_factor(user)
            or others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        )


class OneTimeActivationForm(ActivateTOTPForm):
    """The first code of an app, which then opens nothing else."""

    def clean_code(self) -> str:
        return _use_code(self.user, super().clean_code())


class OneTimeSignInForm(AuthenticateForm):
    """A code at sign-in; each works once, and a wrong one is logged."""

    def clean_code(self) -> str:
        try:
            return _use_code(self.user, super().clean_code())
        except ValidationError:
            log_event(SecurityAction.SIGN_IN_FAILED, "second factor", by=self.user)
            raise


class OneTimeConfirmationForm(ReauthenticateForm):
    """A code that confirms a change of the own account; each works once."""

    def clean_code(self) -> str:
        return _use_code(self.user, super().clean_code())


class CredentialField(JSONField):
    """The answer of a passkey; Django fails on more digits or depth than Python reads."""

    widget = HiddenInput

    def to_python(self, value: object) -> Any:
        try:
            return super().to_python(value)
        except (RecursionError, ValueError):
            raise ValidationError(
                self.error_messages["invalid"], code="invalid", params={"value": ""}
            ) from None

    def bound_data(self, data: object, initial: object) -> Any:
        try:
            return super().bound_data(data, initial)
        except (RecursionError, ValueError):
            return InvalidJSONInput(data)


@contextmanager
def _refuse_garbage() -> Iterator[None]:
    """Refuse what is no answer of a passkey; fido2 fails on parts that are missing."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValidationError(DefaultMFAAdapter.error_messages["incorrect_code"]) from None


class NewPasskeyForm(AddWebAuthnForm):
    credential = CredentialField()

    def clean(self) -> dict[str, Any]:
        with _refuse_garbage():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class _CredentialForm(BaseForm):
    def clean_credential(self) -> Authenticator:
        with _refuse_garbage():
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]  # allauth's
        return authenticator


class PasskeyForm(_CredentialForm, AuthenticateWebAuthnForm):
    credential = CredentialField()


class PasskeySignInForm(_CredentialForm, LoginWebAuthnForm):
    credential = CredentialField()


class PasskeyConfirmationForm(_CredentialForm, ReauthenticateWebAuthnForm):
    credential = CredentialField()


def _use_code(user: User, code: str) -> str:
    # allauth forgets a used code after one time step, and accepts it for three.
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    if not cache.add(f"used-code:{user.pk}:{code}", "", timeout=seconds):
        raise ValidationError(DefaultMFAAdapter.error_messages["incorrect_code"])
    return code


def lacks_two_factor(user: User) -> bool:
    """Whether the user's role needs a second factor and the account has none."""
    if not needs_two_factor(user):
        return False
    # AccountBackend reads it together with the account.
    known: bool | None = getattr(user, "uses_two_factor", None)
    return not (Authenticator.objects.filter(user=user).exists() if known is None else known)


def encrypt_secrets_again() -> int:
    """Encrypt the secrets of all factors with the present key; return how many."""
    factors = Authenticator.objects.filter(type__in=SECRETS)
    for factor in factors:
        name = SECRETS[factor.type]
        factor.data[name] = encrypt_again(factor.data[name])
    Authenticator.objects.bulk_update(factors, ["data"])
    return len(factors)

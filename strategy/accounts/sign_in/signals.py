"""What follows from events of allauth."""

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.dispatch import receiver

from strategy.models import User


@receiver(password_reset)
def verify_address(user: User, **_details: object) -> None:
    """Note that the link of an invitation or of a forgotten password reached its address."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )

"""The form of signing in."""

from typing import Any

from allauth.account.forms import LoginForm
from django.core.validators import MaxLengthValidator

MAX_LOGIN = 254
"""Characters of a user name or an e-mail address; SQLite compares no texts of 50,000."""


class SignInForm(LoginForm):
    """allauth's, with a limit for the name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].validators.append(MaxLengthValidator(MAX_LOGIN))

"""Forms that a script sends, to show how far they are: it then goes by itself where it is told."""

from django.http import HttpRequest, HttpResponse

SENDING = "X-Sending"
"""The header of what the script sends."""


def as_asked(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A redirection as it is for a browser; for the script only the address to go to."""
    if SENDING in request.headers:
        answer.status_code = 201
    return answer

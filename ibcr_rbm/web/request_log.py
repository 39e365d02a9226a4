"""The id of each request, and the entries of the security log that its response makes."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from strategy.accounts.security_log.context import RunningRequest, current_request
from strategy.accounts.security_log.events import log_event
from strategy.models import SecurityAction, SecurityEvent, User

SUCCESS = 200
REFUSALS = (403, 429)
QUIET = timedelta(minutes=1)
"""The time in which refusals of strangers at an address are one entry."""

FILES: Mapping[str, SecurityAction] = {
    "indicators:record_export": SecurityAction.EXPORTED,
    "indicators:import_errors": SecurityAction.EXPORTED,
    "reporting:framework_file": SecurityAction.EXPORTED,
    "reporting:project_report_file": SecurityAction.EXPORTED,
    "reporting:report_data": SecurityAction.EXPORTED,
    "reporting:summary_file": SecurityAction.EXPORTED,
    "strategy:security_log_file": SecurityAction.EXPORTED,
    "strategy:workbench_export": SecurityAction.EXPORTED,
    "indicators:evidence_file": SecurityAction.DOWNLOADED,
    "mfa_download_recovery_codes": SecurityAction.DOWNLOADED,
    "reporting:draft_preview_pdf": SecurityAction.DOWNLOADED,
    "reporting:report_file": SecurityAction.DOWNLOADED,
    "reporting:report_signature": SecurityAction.DOWNLOADED,
}
"""The routes that hand out data -> what the security log calls it."""


class SecurityLogMiddleware:
    """Gives each request an id, and logs refusals and files; other pages cost no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        running = RunningRequest(
            uuid.uuid4().hex, _find_address(request), lambda: getattr(request, "user", None)
        )
        token = current_request.set(running)
        try:
            response = self.get_response(request)
            _log_response(request, response.status_code)
        finally:
            current_request.reset(token)
        response["X-Request-ID"] = running.id
        return response


def _log_response(request: HttpRequest, status: int) -> None:
    match = request.resolver_match
    route = match.view_name if match else ""
    details = " ".join(str(value) for value in match.kwargs.values()) if match else ""
    if status in REFUSALS:
        if _is_flood():
            return
        log_event(SecurityAction.REFUSED, f"{status} {request.method} {route}".rstrip())
    elif status == SUCCESS and route in FILES:
        log_event(FILES[route], f"{route} {details}".rstrip())


def _is_flood() -> bool:
    """Whether a stranger's address was refused a moment ago: nobody may fill the log."""
    request = current_request.get()
    if request is None or isinstance(request.read_user(), User):
        return False
    recent = SecurityEvent.objects.filter(
        action=SecurityAction.REFUSED,
        by=None,
        address=request.address,
        at__gt=timezone.now() - QUIET,
    )
    try:
        return recent.exists()
    except DatabaseError:
        return True


def _find_address(request: HttpRequest) -> str | None:
    try:
        address: str = get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None
    return address

"""The access policy: which visitors may use which route; anything else is denied.

A rule names a route, or a namespace, and lists for each method the visitors who may use it.
Querysets decide what a user sees within a route, such as the records of the own office.
"""

import logging
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from ibcr_rbm.views import method_not_allowed, refuse_other_author, session_expired
from ibcr_rbm.web.account_adapter import explain_ended_access
from strategy.accounts.policy import (
    ACCOUNT_ADMINS,
    DATA_ADMINS,
    FIGURE_READERS,
    OFFICERS,
    RECORDERS,
    REPORT_READERS,
    REVIEWERS,
    effective_role,
    lacks_office,
)
from strategy.accounts.two_factor import lacks_two_factor
from strategy.choices import Role
from strategy.models import User

logger = logging.getLogger(__name__)

ANONYMOUS = "anonymous"
WITHOUT_ROLE = "without_role"
"""A user whose account has no role, or no office where the role needs one."""

Visitors = frozenset[str]
RoutePolicy = Mapping[str, Visitors]

NOBODY: Visitors = frozenset()
EVERY_ROLE: Visitors = frozenset(Role)
SIGNED_IN: Visitors = EVERY_ROLE | {WITHOUT_ROLE}
ANYONE: Visitors = SIGNED_IN | {ANONYMOUS}

DISABLED: RoutePolicy = {}
"""The rule for a route of a library that this application does not offer."""

POLICY: Mapping[str, RoutePolicy] = {
    "healthz": {"GET": ANYONE},
    "maintenance:readyz": {"GET": ANYONE},
    "maintenance:metrics": {"GET": ANYONE},
    "concern": {"GET": ANYONE},
    "set_language": {"POST": ANYONE},
    "home": {"GET": EVERY_ROLE},
    "strategy:plan": {"GET": EVERY_ROLE},
    # The plan workbench
    "strategy:workbench": {"GET": OFFICERS},
    "strategy:workbench_new": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_plan": {"GET": OFFICERS},
    "strategy:workbench_row": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_add": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_remove": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_move": {"POST": OFFICERS},
    "strategy:workbench_publish": {"POST": OFFICERS},
    "strategy:workbench_unpublish": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_clone": {"GET": OFFICERS, "POST": OFFICERS},
    "strategy:workbench_compare": {"GET": OFFICERS},
    "strategy:workbench_export": {"GET": OFFICERS},
    "strategy:workbench_history": {"GET": OFFICERS},
    "strategy:workbench_first": {"POST": OFFICERS},
    # Figures
    "reporting:dashboard": {"GET": FIGURE_READERS},
    "reporting:summary": {"GET": FIGURE_READERS},
    "reporting:summary_file": {"GET": FIGURE_READERS},
    "reporting:logic_model": {"GET": FIGURE_READERS},
    "reporting:framework": {"GET": FIGURE_READERS},
    "reporting:framework_file": {"GET": FIGURE_READERS},
    "reporting:target": {"GET": RECORDERS},
    "reporting:project": {"GET": RECORDERS},
    "reporting:project_report": {"GET": RECORDERS, "POST": RECORDERS},
    "reporting:project_report_file": {"GET": RECORDERS},
    "reporting:country": {"GET": RECORDERS},
    "reporting:office": {"GET": RECORDERS},
    "reporting:target_change": {"GET": OFFICERS, "POST": OFFICERS},
    "reporting:target_correct": {"GET": OFFICERS, "POST": OFFICERS},
    "reporting:rating_override": {"GET": OFFICERS, "POST": OFFICERS},
    "reporting:rating_override_withdraw": {"GET": OFFICERS, "POST": OFFICERS},
    # Records
    "indicators:learning": {"GET": RECORDERS},
    "indicators:record_index": {"GET": RECORDERS},
    "indicators:reported_years": {"GET": OFFICERS, "POST": OFFICERS},
    "indicators:record_list": {"GET": RECORDERS},
    "indicators:record_detail": {"GET": RECORDERS},
    "indicators:record_history": {"GET": RECORDERS},
    "indicators:record_create": {"GET": RECORDERS, "POST": RECORDERS},
    "indicators:record_contributions": {"POST": RECORDERS},
    "indicators:country_names": {"GET": RECORDERS},
    "indicators:record_edit": {"GET": RECORDERS, "POST": RECORDERS},
    "indicators:record_merge": {"GET": OFFICERS, "POST": OFFICERS},
    "indicators:record_action": {"POST": RECORDERS},
    "indicators:record_export": {"GET": REVIEWERS},
    "indicators:evidence_file": {"GET": RECORDERS},
    "indicators:my_work": {"GET": RECORDERS},
    "indicators:notification_preference": {"POST": RECORDERS},
    # Answers that are not saved, on the server and on the device
    "indicators:form_draft_save": {"POST": RECORDERS},
    "indicators:form_draft_discard": {"POST": RECORDERS},
    "indicators:offline_queue": {"GET": RECORDERS},
    "indicators:offline_form": {"GET": RECORDERS},
    "indicators:offline_session": {"GET": RECORDERS},
    "indicators:offline_send": {"POST": RECORDERS},
    "indicators:service_worker": {"GET": ANYONE},
    "indicators:review": {"GET": REVIEWERS, "POST": REVIEWERS},
    "indicators:import_start": {"GET": OFFICERS, "POST": OFFICERS},
    "indicators:import_preview": {"GET": OFFICERS, "POST": OFFICERS},
    "indicators:import_questions": {"GET": OFFICERS, "POST": OFFICERS},
    "indicators:import_template": {"GET": OFFICERS},
    "indicators:import_errors": {"GET": OFFICERS},
    "indicators:import_list": {"GET": OFFICERS},
    "indicators:import_list_moved": {"GET": OFFICERS},
    "indicators:offline_queue_moved": {"GET": RECORDERS},
    "indicators:import_detail": {"GET": OFFICERS, "POST": OFFICERS},
    # Annual reports
    "reporting:report_list": {"GET": REPORT_READERS},
    "reporting:report_detail": {"GET": REPORT_READERS},
    "reporting:report_file": {"GET": REPORT_READERS},
    "reporting:report_signature": {"GET": REPORT_READERS},
    "reporting:report_verify": {"GET": REPORT_READERS, "POST": REPORT_READERS},
    "reporting:report_files": {"GET": REPORT_READERS, "POST": REPORT_READERS},
    "reporting:draft_edit": {"GET": OFFICERS, "POST": OFFICERS},
    "reporting:draft_text_save": {"POST": OFFICERS},
    "reporting:draft_text_history": {"GET": OFFICERS},
    "reporting:draft_preview": {"GET": OFFICERS, "POST": OFFICERS},
    "reporting:draft_preview_pdf": {"GET": OFFICERS},
    "reporting:report_web": {"GET": REPORT_READERS},
    "reporting:report_method": {"GET": REPORT_READERS},
    "reporting:report_data": {"GET": REPORT_READERS},
    "reporting:report_issue": {"GET": OFFICERS, "POST": OFFICERS},
    # Plan and reference data; the permissions of the group decide between them. Then accounts
    "admin:*": {"GET": DATA_ADMINS, "POST": DATA_ADMINS},
    "admin:autocomplete": {"GET": DATA_ADMINS},
    "admin:jsi18n": {"GET": DATA_ADMINS},
    "admin:login": DISABLED,
    "admin:logout": DISABLED,
    "admin:password_change": DISABLED,
    "admin:password_change_done": DISABLED,
    "admin:view_on_site": DISABLED,
    "strategy:people": {"GET": ACCOUNT_ADMINS},
    "strategy:person": {"GET": ACCOUNT_ADMINS},
    "strategy:person_invite": {"GET": ACCOUNT_ADMINS, "POST": ACCOUNT_ADMINS},
    "strategy:person_change": {"GET": ACCOUNT_ADMINS, "POST": ACCOUNT_ADMINS},
    "strategy:person_send": {"POST": ACCOUNT_ADMINS},
    "strategy:person_step": {"GET": ACCOUNT_ADMINS, "POST": ACCOUNT_ADMINS},
    "strategy:security_log": {"GET": ACCOUNT_ADMINS},
    "strategy:security_log_file": {"GET": ACCOUNT_ADMINS},
    "maintenance:status": {"GET": ACCOUNT_ADMINS},
    # The own account
    "account_login": {"GET": ANYONE, "POST": ANYONE},
    "account_logout": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_inactive": {"GET": ANYONE},
    "account_reauthenticate": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_change_password": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_set_password": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "account_reset_password": {"GET": ANYONE, "POST": ANYONE},
    "account_reset_password_done": {"GET": ANYONE},
    "account_reset_password_from_key": {"GET": ANYONE, "POST": ANYONE},
    "account_reset_password_from_key_done": {"GET": ANYONE},
    "account_signup": DISABLED,
    "account_email": DISABLED,
    "account_email_verification_sent": DISABLED,
    "account_confirm_email": DISABLED,
    "account_confirm_login_code": DISABLED,
    "account_request_reauthentication_code": DISABLED,
    "account_confirm_reauthentication_code": DISABLED,
    "usersessions_list": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_index": {"GET": SIGNED_IN},
    "mfa_authenticate": {"GET": ANYONE, "POST": ANYONE},
    "mfa_reauthenticate": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_activate_totp": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_deactivate_totp": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_view_recovery_codes": {"GET": SIGNED_IN},
    "mfa_generate_recovery_codes": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_download_recovery_codes": {"GET": SIGNED_IN},
    "mfa_login_webauthn": {"GET": ANYONE, "POST": ANYONE},
    "mfa_list_webauthn": {"GET": SIGNED_IN},
    "mfa_add_webauthn": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_edit_webauthn": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_remove_webauthn": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "mfa_reauthenticate_webauthn": {"GET": SIGNED_IN, "POST": SIGNED_IN},
}


def policy_for(view_name: str) -> RoutePolicy | None:
    """Return the rule of a route, else of its namespace; None if neither has one."""
    if view_name in POLICY:
        return POLICY[view_name]
    namespace, separator, _name = view_name.partition(":")
    return POLICY.get(f"{namespace}:*") if separator else None


def get_visitor(user: User | AnonymousUser) -> str:
    """Return the user's role, ANONYMOUS or WITHOUT_ROLE."""
    if not isinstance(user, User):
        return ANONYMOUS
    role = effective_role(user)
    return WITHOUT_ROLE if role is None or lacks_office(user) else role


class AccessMiddleware:
    """Applies POLICY before a view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        rule = policy_for(name)
        if not rule:
            if rule is None:
                logger.error("The route %s has no line in POLICY, so nobody may use it.", name)
            raise Http404
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in rule:
            return method_not_allowed(request, rule)
        _sign_out_if_ended(request)
        visitor = get_visitor(request.user)
        if visitor in rule[method]:
            _refuse_null_characters(request)
            if WITHOUT_ROLE not in rule[method] and _lacks_two_factor(request.user):
                return _redirect_to_two_factor(request)
            return refuse_other_author(request)
        if visitor == ANONYMOUS:
            return _redirect_to_login(request, rule)
        raise PermissionDenied(_explain_refusal(request.user, visitor, rule[method]))


def _lacks_two_factor(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and lacks_two_factor(user)


def _refuse_null_characters(request: HttpRequest) -> None:
    # No stored text contains NUL, and PostgreSQL fails on a look-up with it.
    for name, values in [(request.path, []), *request.GET.lists()]:
        if "\0" in name or any("\0" in value for value in values):
            text = name.replace("\0", "")
            sentence = _("The address holds a null character at “%(name)s”. Take it out (%%00).")
            raise BadRequest(sentence % {"name": text})


def _sign_out_if_ended(request: HttpRequest) -> None:
    error = explain_ended_access(request.user) if isinstance(request.user, User) else ""
    if error:
        logout(request)
        messages.error(request, error)


def _redirect_to_two_factor(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Your role needs two-factor sign-in. Set it up to go on."))
    return redirect("mfa_activate_totp")


def _redirect_to_login(request: HttpRequest, rule: RoutePolicy) -> HttpResponse:
    page = session_expired(request)
    if page is not None:
        return page
    back = request.get_full_path() if "GET" in rule else resolve_url("home")
    return redirect_to_login(back)


def _explain_refusal(user: User | AnonymousUser, visitor: str, allowed: Visitors) -> str:
    if isinstance(user, User) and lacks_office(user):
        return _("Your account belongs to no office yet. Ask the administrator to name one.")
    if visitor == WITHOUT_ROLE:
        return _("Your account has no role yet. Ask the administrator to give it one.")
    roles = get_text_list([str(role.label) for role in Role if role in allowed], _("or"))
    return _("It is open to: %(roles)s. Your role is: %(role)s.") % {
        "roles": roles,
        "role": Role(visitor).label,
    }

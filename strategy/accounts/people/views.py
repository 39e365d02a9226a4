"""The pages of accounts: list, invitation, one account with its history, and actions on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from strategy.accounts.invitations import send_invitation
from strategy.accounts.people.actions import (
    Author,
    end_access,
    invite_user,
    log_invitation,
    remove_two_factor,
    restore_access,
    update_user,
)
from strategy.accounts.people.forms import AccountForm, AccountReasonForm, InvitationForm
from strategy.accounts.people.listing import (
    AccountFilterForm,
    AccountRow,
    build_row,
    load_accounts,
    load_changes,
    select_accounts,
)
from strategy.models import AccountState, User

PER_PAGE = 50


@dataclass(frozen=True)
class AccountStep:
    """An action that asks for a reason on a page of its own."""

    title: str | Promise
    about: str | Promise
    button: str | Promise
    done: str | Promise
    apply: Callable[[int, Author], None]
    is_offered: Callable[[AccountRow], bool]


def _restore(pk: int, author: Author) -> None:
    restore_access(pk, author, timezone.localdate(author.at))


STEPS: Mapping[str, AccountStep] = {
    "end": AccountStep(
        gettext_lazy("End access"),
        gettext_lazy("The person is signed out and can no longer sign in. Records stay."),
        gettext_lazy("End access"),
        gettext_lazy("The access of %(user)s has ended."),
        end_access,
        lambda row: row.user.is_active,
    ),
    "restore": AccountStep(
        gettext_lazy("Restore access"),
        gettext_lazy("The person can sign in again with the same password and role."),
        gettext_lazy("Restore access"),
        gettext_lazy("%(user)s can sign in again."),
        _restore,
        lambda row: row.state == AccountState.ENDED,
    ),
    "reset-two-factor": AccountStep(
        gettext_lazy("Reset two-factor sign-in"),
        gettext_lazy(
            "Make sure that the request comes from the person: call them. Their app, keys and "
            "recovery codes stop working, and an e-mail tells them so with your reason."
        ),
        gettext_lazy("Reset two-factor sign-in"),
        gettext_lazy("The two-factor sign-in of %(user)s was reset."),
        remove_two_factor,
        lambda row: row.has_two_factor,
    ),
}
"""The word in the URL -> the action."""


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    form = AccountFilterForm(request.GET)
    today, accounts = timezone.localdate(), load_accounts(_get_editor(request))
    accounts = select_accounts(accounts, form.cleaned_data, today) if form.is_valid() else accounts
    page = Paginator(accounts, PER_PAGE).get_page(request.GET.get("page"))
    rows = [build_row(user, today) for user in page] if form.is_valid() else []
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "strategy/people/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    initial = {"email_language": get_language()}
    form = InvitationForm(_get_data(request), initial=initial, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        user = invite_user(form.values, _get_author(request))
        _send_invitation(request, user)
        return redirect("strategy:person", user.pk)
    return render(request, "strategy/people/form.html", {"form": form})


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    row = _get_row_or_404(request, pk)
    is_self = row.user == request.user
    steps = [] if is_self else [(name, s) for name, s in STEPS.items() if s.is_offered(row)]
    context = {"row": row, "steps": steps, "changes": load_changes(row.user), "is_self": is_self}
    return render(request, "strategy/people/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person_change(request: HttpRequest, pk: int) -> HttpResponse:
    user = _get_row_or_404(request, pk).user
    form = AccountForm(_get_data(request), instance=user, editor=_get_editor(request))
    if request.method == "POST" and form.is_valid():
        if update_user(pk, form.values, _get_author(request, form.cleaned_data["reason"])):
            messages.success(request, _("Your changes are saved."))
        return redirect("strategy:person", pk)
    return render(request, "strategy/people/form.html", {"form": form, "account": user})


@require_POST
def person_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation again, to an account without a password."""
    row = _get_row_or_404(request, pk)
    if row.state == AccountState.INVITED:
        log_invitation(row.user, _get_author(request))
        _send_invitation(request, row.user)
    return redirect("strategy:person", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def person_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    step, row = STEPS.get(action), _get_row_or_404(request, pk)
    # Nobody ends, restores or resets the own account.
    if step is None or row.user == request.user or not step.is_offered(row):
        raise Http404
    form = AccountReasonForm(_get_data(request))
    if request.method == "POST" and form.is_valid():
        step.apply(pk, _get_author(request, form.cleaned_data["reason"]))
        messages.success(request, str(step.done) % {"user": row.user})
        return redirect("strategy:person", pk)
    context = {"form": form, "step": step, "row": row}
    return render(request, "strategy/people/step.html", context)


def _get_editor(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _get_data(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _get_author(request: HttpRequest, reason: str = "") -> Author:
    return Author(_get_editor(request), timezone.now(), reason)


def _get_row_or_404(request: HttpRequest, pk: int) -> AccountRow:
    user = get_object_or_404(load_accounts(_get_editor(request)), pk=pk)
    return build_row(user, timezone.localdate())


def _send_invitation(request: HttpRequest, user: User) -> None:
    send_invitation(user, request.build_absolute_uri)
    messages.success(
        request, _("The invitation to %(email)s is on its way.") % {"email": user.email}
    )

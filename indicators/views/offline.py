"""Recording while the link is down: the pages that stay on the device, and the sending afterwards.

The pages are the same for everybody: what they show is put in by the device from what was typed
there. A record is sent as its form would send it, under the name that it was typed under.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from indicators.forms import offline
from indicators.forms.autosave import find_by_creation_token
from indicators.forms.layout import form_page
from indicators.forms.registry import RECORD_TYPES
from indicators.views.record_edit import record_create, says_otherwise
from indicators.views.shortcuts import token_in, user_of
from strategy.choices import RecordKind

SCRIPTS = ("js/offline_queue.js", "js/service_worker.js")
"""What the service worker is made of."""


@require_safe
def offline_queue(request: HttpRequest) -> HttpResponse:
    """What was typed on this device and is not sent yet."""
    context = {"screens": offline.screens(), "kinds": RecordKind.choices, "is_on_device": True}
    return render(request, "indicators/offline/queue.html", context)


@require_safe
def offline_form(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """The form of a kind, empty and without a record of anyone, to be kept on the device."""
    if kind not in offline.KINDS:
        raise Http404
    today: date = timezone.localdate()
    form = offline.empty_form(kind, user_of(request), today)
    context = {
        "form": form,
        "screen": RECORD_TYPES[kind],
        "page": form_page(form, RECORD_TYPES[kind]),
        "is_on_device": True,
    }
    return render(request, "indicators/offline/form.html", context)


@require_safe
@never_cache
def offline_session(request: HttpRequest) -> HttpResponse:
    """Who is signed in here now, and what a form has to carry to be taken from this page."""
    return JsonResponse({"user": user_of(request).pk, "token": get_token(request)})


@require_POST
def offline_send(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """Create a record that was typed on a device, once however often it arrives.

    201 says where it is now, and of one that was there before whether it says something else by
    now than what was sent; anything else is the answer that the form itself would get.
    """
    user = user_of(request)
    if request.headers.get("X-Typed-By") != str(user.pk):
        return JsonResponse({"refused": "another account is signed in"}, status=412)
    token = token_in(request)
    made = token and find_by_creation_token(kind, token, user)
    if made:
        address = _address_of(made)
        # Whoever asks only whether it arrived sends the token alone.
        is_whole = "version" in request.POST
        return _sent(address, was_there=True, differs=is_whole and says_otherwise(request, made))
    answer = record_create(request, kind)
    made = token and find_by_creation_token(kind, token, user)
    if not made:
        return answer
    # The page that lists what was sent says so itself.
    list(messages.get_messages(request))
    return _sent(_address_of(made), was_there=False)


def _address_of(record: Any) -> str:
    return reverse("indicators:record_detail", args=[record.KIND, record.reference])


def _sent(address: str, *, was_there: bool, differs: bool = False) -> HttpResponse:
    said = {"address": address, "was_there": was_there, "differs": differs}
    return JsonResponse(said, status=201)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that answers for the server while the link is down; it serves every page."""
    addresses = ", ".join(f'"{static(name)}"' for name in SCRIPTS)
    answer = HttpResponse(f"importScripts({addresses});\n", content_type="text/javascript")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer

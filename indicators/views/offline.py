"""Recording offline: the pages that are cached on the device, and sending its drafts.

The cached pages are the same for every user: the device fills them with its own drafts. A draft is
sent as its form would send it, with the form's creation token.
"""

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
from indicators.forms.layout import build_form_page
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Record
from indicators.views.record_edit import has_changes, record_create
from indicators.views.shortcuts import get_form_token, get_user
from strategy.choices import RecordKind

SCRIPTS = ("js/device_storage.js", "js/service_worker.js")
"""The parts of the service worker."""


@require_safe
def offline_queue(request: HttpRequest) -> HttpResponse:
    record_types = [RECORD_TYPES[kind] for kind in offline.KINDS]
    context = {"record_types": record_types, "kinds": RecordKind.choices, "is_on_device": True}
    return render(request, "indicators/offline/queue.html", context)


@require_safe
def offline_form(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    if kind not in offline.KINDS:
        raise Http404
    form = offline.build_empty_form(kind, get_user(request), timezone.localdate())
    context = {
        "form": form,
        "record_type": RECORD_TYPES[kind],
        "page": build_form_page(form, RECORD_TYPES[kind]),
        "is_on_device": True,
    }
    return render(request, "indicators/offline/form.html", context)


@require_safe
@never_cache
def offline_session(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"user": get_user(request).pk, "token": get_token(request)})


@require_POST
def offline_send(request: HttpRequest, kind: RecordKind) -> HttpResponse:
    """Create a record from a draft of a device, once however often it arrives.

    201 has the record's URL, whether it existed before, and whether it then differs from the
    draft; 412 refuses the draft of another user. Other responses are those of the form.
    """
    user = get_user(request)
    if request.headers.get("X-Draft-Owner") != str(user.pk):
        return HttpResponse(status=412)
    token = get_form_token(request)
    existing = token and RECORD_TYPES[kind].model.all_objects.filter(creation_token=token).first()
    if existing and existing.entered_by_id != user.pk:
        return HttpResponse(status=412)
    if existing:
        # Comparing writes the draft's values into the record: get its URL before.
        # A request with the token alone asks only whether the record arrived.
        is_complete = "version" in request.POST
        url = _record_url(existing)
        differs = is_complete and has_changes(request, existing)
        return _created(url, is_repeated=True, differs=differs)
    response = record_create(request, kind)
    created = token and find_by_creation_token(kind, token, user)
    if not created:
        return response
    # The device's own page shows what was sent: discard the form's message.
    list(messages.get_messages(request))
    return _created(_record_url(created))


def _record_url(record: Record) -> str:
    return reverse("indicators:record_detail", args=[record.KIND, record.reference])


def _created(url: str, *, is_repeated: bool = False, differs: bool = False) -> HttpResponse:
    body = {"url": url, "is_repeated": is_repeated, "differs": differs}
    return JsonResponse(body, status=201)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the script that replaces the server offline; its scope is the whole site."""
    urls = ", ".join(f'"{static(name)}"' for name in SCRIPTS)
    response = HttpResponse(f"importScripts({urls});\n", content_type="text/javascript")
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response

"""Files of evidence, sent only to who may see the record that they prove."""

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.evidence import FILE_TYPES, ending_of
from indicators.models import Evidence, Record
from indicators.permissions import may_see
from indicators.views.access import user_of


@require_safe
def evidence_file(request: HttpRequest, identifier: uuid.UUID) -> HttpResponseBase:
    """The file as an attachment; a link has no file, and foreign evidence is not there."""
    item = Evidence.objects.exclude(file="").filter(uuid=identifier).first()
    record = item.record if item else None
    if (
        item is None
        or not isinstance(record, Record)
        or record.deleted_at is not None
        or not may_see(user_of(request), record)
    ):
        raise Http404(_("There is no such file that you may see."))
    kind = FILE_TYPES.get(ending_of(item.file.name or ""))
    try:
        content = item.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is no longer there. Ask for it to be attached again.")) from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=item.name,
        content_type=kind.media_type if kind else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response

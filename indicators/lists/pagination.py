"""Pages of long lists, by the page number in the query string."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.utils.translation import gettext as _


def paginate(
    rows: Any,
    params: Mapping[str, Any],
    per_page: int,
    *,
    number: int | None = None,
    is_shrinking: bool = False,
) -> Any:
    """Return the page that ``page`` names, else the first; raises BadRequest for any other text.

    A list that gets shorter while people work on it (``is_shrinking``) shows its last page instead
    of a page after it. ``number`` is that of the rows, where it is known already.
    """
    text = params.get("page", "")
    paginator = Paginator(rows, per_page)
    if number is not None:
        paginator.count = number
    try:
        return paginator.page(text or 1)
    except PageNotAnInteger:
        raise BadRequest(
            _("“%(text)s” is not the number of a page. Write page=1.") % {"text": text}
        ) from None
    except EmptyPage:
        if is_shrinking:
            return paginator.page(paginator.num_pages)
        raise BadRequest(
            _("There is no page %(text)s: the list has %(pages)s. Write page=%(pages)s.")
            % {"text": text, "pages": paginator.num_pages}
        ) from None

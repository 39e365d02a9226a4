"""Pages of long lists, by the page number in the query string."""

from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.utils.translation import gettext as _

from indicators.lists.record_list import InvalidQueryString


def paginate(rows: Any, text: str, per_page: int, *, is_shrinking: bool = False) -> Any:
    """Return the page of that number, the first without a number.

    Raises InvalidQueryString for any other text. A list that gets shorter while people work on it
    (``is_shrinking``) shows its last page instead of a page after it.
    """
    paginator = Paginator(rows, per_page)
    try:
        return paginator.page(text or 1)
    except PageNotAnInteger:
        raise InvalidQueryString(
            _("“%(text)s” is not the number of a page. Write page=1.") % {"text": text}
        ) from None
    except EmptyPage:
        if is_shrinking:
            return paginator.page(paginator.num_pages)
        raise InvalidQueryString(
            _("There is no page %(text)s: the list has %(pages)s. Write page=%(pages)s.")
            % {"text": text, "pages": paginator.num_pages}
        ) from None

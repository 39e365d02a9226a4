"""A page of a long list, by the number that stands in the address."""

from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.utils.translation import gettext as _

from indicators.lists.record_list import InvalidQueryString


def paginate(rows: Any, text: str, per_page: int, *, is_shrinking: bool = False) -> Any:
    """The page of that number, the first when none is given; raises InvalidQueryString.

    Of a list that gets shorter while people work on it, the last page stands for those after it.
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

"""HTML without the spaces that indent its source: a tenth of its bytes."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

INDENT = re.compile(rb"(<(textarea|pre)\b.*?</\2>)|\n\s+", re.DOTALL)
"""An indent, or an element whose spaces are content."""


class MinifyHtmlMiddleware:
    """Removes the indent of each line of a page, except in the user's own text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse):
            return response
        if response.get("Content-Type", "").startswith("text/html"):
            response.content = INDENT.sub(lambda match: match[1] or b"\n", response.content)
            # Set for the longer page: a client without gzip would wait for the rest.
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response

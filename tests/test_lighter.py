"""Pages lose the indent of their source, and no space that a person typed."""

from django.http import HttpResponse
from django.test import RequestFactory

from ibcr_rbm.lighter import WithoutIndentMiddleware

TYPED = "<textarea>\n  one\n\n    two\n</textarea>"


def sent(content: str, content_type: str = "text/html; charset=utf-8") -> str:
    answer = WithoutIndentMiddleware(lambda _request: HttpResponse(content, content_type))
    return answer(RequestFactory().get("/")).content.decode()


def test_a_page_is_sent_without_its_indent() -> None:
    assert sent("<ul>\n    <li>a\n\n  b</li>\n</ul>") == "<ul>\n<li>a\nb</li>\n</ul>"


def test_what_a_person_typed_keeps_its_spaces() -> None:
    assert sent(f"<p>\n  {TYPED}\n  </p>") == f"<p>\n{TYPED}\n</p>"


def test_a_file_is_sent_as_it_is() -> None:
    assert sent("a\n  b", "text/csv") == "a\n  b"

"""Pages lose the indent of their source, and no space that a user typed."""

from django.http import HttpResponse
from django.test import Client, RequestFactory

from ibcr_rbm.web.middleware import MinifyHtmlMiddleware

TYPED = "<textarea>\n  one\n\n    two\n</textarea>"


def sent(content: str, content_type: str = "text/html; charset=utf-8") -> str:
    answer = MinifyHtmlMiddleware(lambda _request: HttpResponse(content, content_type))
    return answer(RequestFactory().get("/")).content.decode()


def test_a_page_is_sent_without_its_indent() -> None:
    assert sent("<ul>\n    <li>a\n\n  b</li>\n</ul>") == "<ul>\n<li>a\nb</li>\n</ul>"


def test_what_a_person_typed_keeps_its_spaces() -> None:
    assert sent(f"<p>\n  {TYPED}\n  </p>") == f"<p>\n{TYPED}\n</p>"


def test_a_file_is_sent_as_it_is() -> None:
    assert sent("a\n  b", "text/csv") == "a\n  b"


def test_the_length_that_is_said_is_that_of_what_is_sent(db: None) -> None:
    """Check clients without gzip: with a longer length a browser waits until it times out."""
    page = Client().get("/accounts/login/", follow=True)
    assert page.status_code == 200
    assert "Content-Encoding" not in page
    assert page["Content-Length"] == str(len(page.content))

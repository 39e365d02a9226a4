"""Import of the files of tests/cases by the command and in the browser."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

FILES = Path(__file__).parents[2] / "cases" / "files"


def run_import(kind: str, file: str | Path, *options: str) -> list[str]:
    """Import a file; return the lines of the command."""
    out = io.StringIO()
    call_command("import_records", kind, str(FILES / file), *options, stdout=out)
    return out.getvalue().splitlines()


def refuse_import(kind: str, file: str | Path, *options: str) -> list[str]:
    """Return the lines of the command that refuses a file."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was written") as caught:
        call_command("import_records", kind, str(FILES / file), *options, stdout=out)
    assert caught.value.returncode == 1
    return out.getvalue().splitlines()


def upload(client: Client, kind: str, file: str | Path) -> str:
    """Upload a file; return the URL of its preview, or of its questions."""
    path = FILES / file
    return upload_content(client, kind, path.read_bytes(), path.name)


def upload_content(client: Client, kind: str, content: bytes, name: str) -> str:
    response = client.post(
        reverse("indicators:import_start"),
        {"kind": kind, "file": SimpleUploadedFile(name, content)},
    )
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def read_page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def answer(client: Client, url: str, **answers: str | Sequence[str]) -> str:
    """Answer the questions of a file; return the URL of what follows."""
    assert url.endswith("/questions/")
    response = client.post(url, {name.replace("_", "-"): value for name, value in answers.items()})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]

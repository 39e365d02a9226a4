"""At most two files are checked at once; who comes then is asked to send the form again."""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from indicators.models import Event
from indicators.safeguarding.files import check_slots
from indicators.safeguarding.files.check_slots import TooManyChecks, lock_check_slot
from strategy.choices import RecordKind
from strategy.models import Plan
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import post_new, read_text

HOLD = """
import fcntl, os, sys
slot = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(slot, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_slots, "MAX_WAIT", 0)


def test_two_checks_run_at_once_and_no_third() -> None:
    with lock_check_slot(), lock_check_slot(), pytest.raises(TooManyChecks), lock_check_slot():
        pass
    with lock_check_slot():
        pass


def test_a_check_of_another_process_counts_until_it_is_killed() -> None:
    command = [sys.executable, "-c", HOLD, os.fspath(check_slots._locate_slot(0))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline() == b"held\n"
        with lock_check_slot(), pytest.raises(TooManyChecks), lock_check_slot():
            pass
        other.kill()
        other.wait()
        with lock_check_slot(), lock_check_slot():
            pass


def test_a_form_that_comes_third_is_kept_on_the_page_of_the_answer(
    plan: Plan, staff_client: Client
) -> None:
    def send() -> tuple[int, str, str]:
        file = SimpleUploadedFile("decree.pdf", PDF)
        answer = post_new(staff_client, RecordKind.EVENT, title="Day of the child", new_files=file)
        return answer.status_code, answer.get("Retry-After", ""), read_text(answer)

    with ExitStack() as slots:
        slots.enter_context(lock_check_slot())
        slots.enter_context(lock_check_slot())
        status, wait, page = send()
        assert (status, wait) == (503, "30")
        assert "Nothing was saved." in page and "Day of the child" in page
        assert "Sign in in a new window" not in page
        assert not Event.objects.exists()
        # A form without files waits for nothing.
        assert post_new(staff_client, RecordKind.EVENT).status_code == 302
    assert send()[0] == 302

"""The rooms that are mutated exist, with the tests that guard them."""

import pytest

from tools.mutation import ROOMS, ROOT, main


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_code_and_tests(room: str):
    code, tests = ROOMS[room]
    assert list(ROOT.glob(code))
    assert all((ROOT / folder).is_dir() for folder in tests.split())


def test_a_room_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["cellar"]) == 2
    assert "counting, figures, import, values, workflow" in capsys.readouterr().err

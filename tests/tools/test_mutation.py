"""The rooms that are mutated exist, with the tests that guard them."""

import pytest

from tools.mutation.__main__ import ROOT, main
from tools.mutation.rooms import ROOMS, find_file, find_tests


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_code_and_tests(room: str):
    code, tests = ROOMS[room]
    assert (ROOT / code).is_dir()
    assert all((ROOT / folder).is_dir() for folder in tests.split())


def test_a_room_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main(["cellar"]) == 2
    assert "counting, figures, import, values, workflow" in capsys.readouterr().err


def test_a_change_is_named_by_its_module():
    change = "indicators.counting.rules.xǁRuleǁcounts__mutmut_3"
    assert find_file(change) == "indicators/counting/rules.py"
    assert find_file("figures") == "reporting/figures"
    assert find_tests(change) == find_tests("counting")
    assert find_tests("strategy/text.py") is None

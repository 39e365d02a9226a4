"""Every test of the workbench has a plan."""

import pytest


@pytest.fixture(autouse=True)
def _plan_before_accounts(request: pytest.FixtureRequest) -> None:
    """Load the plans first: accounts make the country of their office where there is none."""
    has_later = "later_plan" in request.fixturenames
    request.getfixturevalue("later_plan" if has_later else "plan")

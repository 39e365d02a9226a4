"""Every test of the workbench has a plan."""

import pytest

from strategy.models import Plan


@pytest.fixture(autouse=True)
def _plan_before_accounts(plan: Plan) -> None:
    """Load the plan first: accounts make the country of their office where there is none."""

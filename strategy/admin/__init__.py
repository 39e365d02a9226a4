"""The admin of the plan and of reference data."""

from strategy.admin.plan import PlanAdmin
from strategy.admin.reference import CountryAdmin

__all__ = ["CountryAdmin", "PlanAdmin"]

"""Where officers keep the plan, and administrators accounts and reference data."""

from strategy.admin.accounts import AccountAdmin
from strategy.admin.plan import PlanAdmin
from strategy.admin.reference import CountryAdmin

__all__ = ["AccountAdmin", "CountryAdmin", "PlanAdmin"]

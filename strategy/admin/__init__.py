"""The admin of the plan, of accounts and of reference data."""

from strategy.admin.accounts import AccountAdmin
from strategy.admin.plan import PlanAdmin
from strategy.admin.reference import CountryAdmin

__all__ = ["AccountAdmin", "CountryAdmin", "PlanAdmin"]

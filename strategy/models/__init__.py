"""The plan, the reference data that it speaks about, and the people who work with it."""

from strategy.models.accounts import Office, User
from strategy.models.framework import Axis, Indicator, Objective, Plan, Priority, UnknownYear
from strategy.models.narrative import Passage, Pillar, QualityCriterion, Section
from strategy.models.reference import (
    Capability,
    Country,
    CountryList,
    FieldOfActivity,
    PolicyArea,
    Sector,
    TargetGroup,
)
from strategy.models.targets import Condition, Target

__all__ = [
    "Axis",
    "Capability",
    "Condition",
    "Country",
    "CountryList",
    "FieldOfActivity",
    "Indicator",
    "Objective",
    "Office",
    "Passage",
    "Pillar",
    "Plan",
    "PolicyArea",
    "Priority",
    "QualityCriterion",
    "Section",
    "Sector",
    "Target",
    "TargetGroup",
    "UnknownYear",
    "User",
]

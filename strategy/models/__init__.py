"""The plan, its reference data, and the user accounts."""

from strategy.models.accounts.changes import AccountAction, AccountChange
from strategy.models.accounts.mail import QueuedEmail
from strategy.models.accounts.security_events import SecurityAction, SecurityEvent
from strategy.models.accounts.sign_in import SignInFailure
from strategy.models.accounts.users import AccountState, Office, User
from strategy.models.framework import (
    Axis,
    Indicator,
    Objective,
    PlanPart,
    Priority,
    ResultLevel,
    Rubric,
    RubricStep,
)
from strategy.models.keys import Keyed
from strategy.models.narrative import Passage, Pillar, QualityCriterion, Section
from strategy.models.plan_changes import ChangeDetail, ChangedValue, PlanChange, PlanVersion
from strategy.models.plans import Plan, Subject, SubjectKind, UnknownYear, find_current_plan
from strategy.models.reference import (
    Capability,
    Country,
    CountryList,
    Feature,
    FieldOfActivity,
    PartnerType,
    PolicyArea,
    RestrictedContext,
    Sector,
    TargetGroup,
)
from strategy.models.target_versions import TargetVersion
from strategy.models.targets import Condition, Target

__all__ = [
    "AccountAction",
    "AccountChange",
    "AccountState",
    "Axis",
    "Capability",
    "ChangeDetail",
    "ChangedValue",
    "Condition",
    "Country",
    "CountryList",
    "Feature",
    "FieldOfActivity",
    "Indicator",
    "Keyed",
    "Objective",
    "Office",
    "PartnerType",
    "Passage",
    "Pillar",
    "Plan",
    "PlanChange",
    "PlanPart",
    "PlanVersion",
    "PolicyArea",
    "Priority",
    "QualityCriterion",
    "QueuedEmail",
    "RestrictedContext",
    "ResultLevel",
    "Rubric",
    "RubricStep",
    "Section",
    "Sector",
    "SecurityAction",
    "SecurityEvent",
    "SignInFailure",
    "Subject",
    "SubjectKind",
    "Target",
    "TargetGroup",
    "TargetVersion",
    "UnknownYear",
    "User",
    "find_current_plan",
]

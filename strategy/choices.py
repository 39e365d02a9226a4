"""The closed lists of words of a plan and of its records.

``indicators.counting.registry`` states where the records of a kind are stored,
``reporting.figures.measures`` how a measure is calculated. A test checks that they cover every
word.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(TextChoices):
    """A user's role in the application; each is a group of that name."""

    STAFF = "staff", pgettext_lazy("role", "Staff")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    OFFICER = "officer", pgettext_lazy("role", "M&E officer")
    BOARD = "board", pgettext_lazy("role", "Board member")
    ADMIN = "admin", pgettext_lazy("role", "Administrator")


class Status(TextChoices):
    """The state of a record; only approved records count."""

    DRAFT = "draft", pgettext_lazy("status", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("status", "Submitted")
    RETURNED = "returned", pgettext_lazy("status", "Returned")
    APPROVED = "approved", pgettext_lazy("status", "Approved")
    WITHDRAWN = "withdrawn", pgettext_lazy("status", "Withdrawn")


class Measure(TextChoices):
    """The calculation of a target's figure from its records."""

    COUNT = "count", _("count of records")
    DISTINCT = "distinct", _("count of distinct values")
    SMALLEST_SHARE = "smallest_share", _("smallest share")
    SHARE = "share", _("share of the records")
    SUM = "sum", _("sum of a number")
    RATIO = "ratio", _("ratio of two numbers")
    LATEST = "latest", _("latest number")
    JUDGED = "judged", _("latest step of a rubric")
    GROWTH = "growth", _("growth on the year before")


LEVELS = frozenset(
    {Measure.SMALLEST_SHARE, Measure.SHARE, Measure.RATIO, Measure.LATEST, Measure.JUDGED}
)
"""The measures that can be read at any time and never add up over the plan."""


PERCENTAGES = frozenset({Measure.SMALLEST_SHARE, Measure.SHARE, Measure.RATIO, Measure.GROWTH})

OF_NUMBERS = frozenset({Measure.SUM, Measure.RATIO, Measure.LATEST, Measure.GROWTH})
"""The measures that calculate with a number of each record."""


class Frequency(TextChoices):
    """How often a target must be reached."""

    WHOLE_PLAN = "whole_plan", _("once, over the whole plan")
    LEVEL = "level", _("whenever it is read")
    EVERY_YEAR = "every_year", _("every year")


class RecordKind(TextChoices):
    """The kinds of record; URLs, files and commands use these words."""

    PROJECT = "project", _("Project")
    INITIATIVE = "initiative", _("Initiative")
    ACTIVITY = "activity", _("Activity")
    COUNTRY_SUPPORT = "country_support", _("Support to a country")
    DECISION = "decision", _("Decision")
    NETWORK = "network", _("Network")
    EVENT = "event", _("Event")
    SECTOR_STRENGTHENED = "sector_strengthened", _("Sector strengthened")
    SPONSOR = "sponsor", _("Sponsor")
    ANNUAL_BUDGET = "annual_budget", _("Annual budget")
    ACTION_REPORT = "action_report", _("Report on actions taken")
    POLICY_UPDATE = "policy_update", _("Policy update")
    EVALUATION = "evaluation", _("Evaluation")
    RECOMMENDATION = "recommendation", _("Recommendation")
    LESSON = "lesson", _("Lesson")
    PARTNER = "partner", _("Partner")
    ADVOCACY_STRATEGY = "advocacy_strategy", _("Advocacy strategy")
    TEAM_YEAR = "team_year", _("Team of a year")
    ASSESSMENT = "assessment", _("Assessment")


class Dimension(TextChoices):
    """A dimension by which records are disaggregated, and on which a target may set a condition."""

    COUNTRY = "country", _("country")
    AUTHORITY_COUNTRY = "authority_country", _("country of the deciding authority")
    FIELD_OF_ACTIVITY = "field_of_activity", _("field of activity")
    CAPABILITY = "capability", _("kind of initiative")
    TARGET_GROUP = "target_group", _("target group")
    SCOPE = "scope", _("scope")
    SUPPORT = "support", _("form of support")
    INSTRUMENT = "instrument", _("form of the decision")
    EVENT_ROLE = "event_role", _("role in the event")
    EVENT_KIND = "event_kind", _("kind of event")
    SECTOR = "sector", _("sector")
    STAGE = "stage", _("stage")
    SPONSOR_TYPE = "sponsor_type", _("kind of sponsor")
    BUDGET_BASIS = "budget_basis", _("basis of the amount")
    INDICATOR = "indicator", _("indicator filed under")
    POLICY_AREA = "policy_area", _("policy area")
    EVALUATION_LEVEL = "evaluation_level", _("level of evaluation")
    PARTNER_TYPE = "partner_type", _("kind of partner")
    FEATURE = "feature", _("feature")


class NumberColumn(TextChoices):
    """A number of records that a measure calculates with."""

    AMOUNT = "amount", _("amount")
    PEOPLE = "people", _("people")
    WOMEN = "women", _("women")
    MEN = "men", _("men")
    CHILDREN = "children", _("children")
    GIRLS = "girls", _("girls")
    BOYS = "boys", _("boys")
    STAFF = "staff", _("staff")
    INTERNS = "interns", _("interns")
    VOLUNTEERS = "volunteers", _("volunteers")
    BOARD_MEMBERS = "board_members", _("board members")
    VALUE = "value", _("value")
    NUMERATOR = "numerator", _("numerator")
    DENOMINATOR = "denominator", _("denominator")


class Reason(TextChoices):
    """Why a record of a target's kind does not count, in the order of the checks."""

    MERGED = "merged", _("Merged into another record")
    OTHER_PROJECT = "other_project", _("Not a record of this project")
    NOT_APPROVED = "not_approved", _("Not approved")
    NO_EVIDENCE = "no_evidence", _("No evidence")
    NO_DATE = "no_date", _("No date")
    OUTSIDE_PERIOD = "outside_period", _("Outside the plan's period")
    AFTER_AS_OF = "after_as_of", _("After the as-of date")
    OUTSIDE_GEOGRAPHY = "outside_geography", _("Outside the geography of the target")
    ROLE_NOT_COUNTED = "role_not_counted", _("Role not counted")
    KIND_NOT_COUNTED = "kind_not_counted", _("Kind not counted")
    NOT_IN_USE = "not_in_use", _("Not yet in use")
    BASIS_NOT_COUNTED = "basis_not_counted", _("Not on the basis that is counted")
    OTHER_INDICATOR = "other_indicator", _("Filed under another indicator")
    NO_FIELD = "no_field", _("No field of activity")
    NO_VALUE = "no_value", _("No value that the target counts")
    NO_NUMBER = "no_number", _("No number")
    NO_BASE = "no_base", _("No base")
    NO_STEP = "no_step", _("No step of the indicator’s rubric")


class Rating(TextChoices):
    """The rating of a target or an objective: shown as a word and a shape, never a colour alone.

    The worst is the first. The last is no rating: it pulls no objective down.
    """

    NOT_ACHIEVED = "not_achieved", _("Not achieved")
    OFF_TRACK = "off_track", _("Off track")
    AT_RISK = "at_risk", _("At risk")
    NO_DATA = "no_data", _("No data")
    TOO_EARLY = "too_early", _("Too early to rate")
    ON_TRACK = "on_track", _("On track")
    ACHIEVED = "achieved", _("Achieved")
    NO_TARGET = "no_target", _("No target set")


RATED = tuple(rating for rating in Rating if rating != Rating.NO_TARGET)
"""The ratings of a target that has a range."""


class YearState(TextChoices):
    """The state of one year of a yearly target."""

    MET = "met", pgettext_lazy("year", "Met")
    NOT_MET = "not_met", pgettext_lazy("year", "Not met")
    NO_DATA = "no_data", _("No data")
    DUE = "due", pgettext_lazy("year", "Due")
    OPEN = "open", pgettext_lazy("year", "Open")
    NO_TARGET = "no_target", _("No target set")


class Scope(TextChoices):
    """The reach of an initiative."""

    COUNTRY = "country", _("One country")
    REGIONAL = "regional", _("Regional")
    GLOBAL = "global", _("Global")


class CountrySupportType(TextChoices):
    """The support that the authorities of a country received."""

    ADVOCACY = "advocacy", _("Advocacy")
    INSTITUTIONAL = "institutional", _("Institutional support")
    TECHNICAL = "technical", _("Technical support")


class NetworkSupportType(TextChoices):
    """The support that a network receives."""

    MEMBER = "member", _("Membership")
    SECRETARIAT = "secretariat", _("Secretariat")
    FUNDER = "funder", _("Funding")
    HOST = "host", _("Hosting")


class Instrument(TextChoices):
    """The form of a decision of a public authority."""

    LAW = "law", _("Law")
    DECREE = "decree", _("Decree")
    POLICY = "policy", _("Policy")
    BUDGET = "budget", _("Budget")
    PROCEDURE = "procedure", _("Procedure")
    AGREEMENT = "agreement", _("Agreement")


class EventRole(TextChoices):
    """The Bureau's part in an event."""

    ORGANISED = "organised", _("Organised")
    CO_ORGANISED = "co_organised", _("Co-organised")
    CONTRIBUTED = "contributed", _("Contributed")
    ATTENDED = "attended", _("Attended only")


class EventKind(TextChoices):
    """The type of an event; some types are no key event."""

    CONFERENCE = "conference", _("Conference")
    WORKSHOP = "workshop", _("Workshop")
    WEBINAR = "webinar", _("Webinar")
    CAMPAIGN = "campaign", _("Campaign")
    FUNDRAISING = "fundraising", _("Fundraising")
    VISIT = "visit", _("Visit")
    CLOSING = "closing", _("Project closing meeting")


class SectorState(TextChoices):
    """Whether the product that strengthens a sector is in use."""

    IN_PROGRESS = "in_progress", _("In progress")
    IN_USE = "in_use", _("In use")


class SponsorType(TextChoices):
    """The type of a sponsor."""

    GOVERNMENT = "government", _("Government")
    INTERGOVERNMENTAL = "intergovernmental", _("Intergovernmental organisation")
    FOUNDATION = "foundation", _("Foundation")
    NGO = "ngo", _("Non-governmental organisation")
    COMPANY = "company", _("Company")
    INDIVIDUAL = "individual", _("Individual")


class BudgetBasis(TextChoices):
    """Whether an amount was approved beforehand or spent."""

    APPROVED = "approved", pgettext_lazy("budget", "Approved")
    ACTUAL = "actual", pgettext_lazy("budget", "Actual")


class PolicyChange(TextChoices):
    """How a policy was updated."""

    NEW = "new", _("New")
    REVISED = "revised", _("Revised")
    REVIEWED = "reviewed", _("Reviewed")


class EvaluationLevel(TextChoices):
    """The plan's three levels of evaluation, each with the learning that it is for."""

    MONITORING = "monitoring", _("Monitoring: immediate learning")
    FINAL = "final", _("Final: medium-term learning")
    EX_POST = "ex_post", _("Ex-post: long-term learning")


class Conduct(TextChoices):
    """Who conducted an evaluation."""

    INTERNAL = "internal", pgettext_lazy("evaluation", "Internal")
    EXTERNAL = "external", pgettext_lazy("evaluation", "External")
    MIXED = "mixed", pgettext_lazy("evaluation", "Mixed")


class EvaluationStep(TextChoices):
    """How far a criterion is met, the lowest step first; the last is no score."""

    NOT_MET = "not_met", pgettext_lazy("criterion", "Not met")
    PARTLY_MET = "partly_met", pgettext_lazy("criterion", "Partly met")
    LARGELY_MET = "largely_met", pgettext_lazy("criterion", "Largely met")
    FULLY_MET = "fully_met", pgettext_lazy("criterion", "Fully met")
    NOT_ASSESSED = "not_assessed", pgettext_lazy("criterion", "Not assessed")


class RecommendationResponse(TextChoices):
    """The response to a recommendation."""

    ACCEPTED = "accepted", pgettext_lazy("recommendation", "Accepted")
    PARTLY = "partly", pgettext_lazy("recommendation", "Partly accepted")
    REJECTED = "rejected", pgettext_lazy("recommendation", "Rejected")


class LessonState(TextChoices):
    """Whether a lesson was applied."""

    OPEN = "open", pgettext_lazy("lesson", "Open")
    APPLIED = "applied", pgettext_lazy("lesson", "Applied")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("lesson", "Not applicable")


class PeopleBasis(TextChoices):
    """Whether people were counted or estimated."""

    COUNTED = "counted", pgettext_lazy("people", "Counted")
    ESTIMATED = "estimated", pgettext_lazy("people", "Estimated")


class Marker(TextChoices):
    """How far a project addresses equality or participation."""

    NOT_ADDRESSED = "not_addressed", pgettext_lazy("marker", "Not addressed")
    ADDRESSED = "addressed", pgettext_lazy("marker", "Addressed")
    PRINCIPAL = "principal", pgettext_lazy("marker", "Principal objective")


DIMENSIONS: Mapping[RecordKind, tuple[Dimension, ...]] = {
    RecordKind.PROJECT: (Dimension.FEATURE,),
    RecordKind.INITIATIVE: (
        Dimension.COUNTRY,
        Dimension.FIELD_OF_ACTIVITY,
        Dimension.TARGET_GROUP,
        Dimension.CAPABILITY,
        Dimension.SCOPE,
    ),
    RecordKind.ACTIVITY: (Dimension.COUNTRY, Dimension.CAPABILITY),
    RecordKind.COUNTRY_SUPPORT: (Dimension.COUNTRY, Dimension.SUPPORT),
    RecordKind.DECISION: (Dimension.COUNTRY, Dimension.AUTHORITY_COUNTRY, Dimension.INSTRUMENT),
    RecordKind.NETWORK: (Dimension.COUNTRY, Dimension.SUPPORT),
    RecordKind.EVENT: (Dimension.COUNTRY, Dimension.EVENT_ROLE, Dimension.EVENT_KIND),
    RecordKind.SECTOR_STRENGTHENED: (Dimension.COUNTRY, Dimension.SECTOR, Dimension.STAGE),
    RecordKind.SPONSOR: (Dimension.SPONSOR_TYPE,),
    RecordKind.ANNUAL_BUDGET: (Dimension.BUDGET_BASIS,),
    RecordKind.ACTION_REPORT: (Dimension.INDICATOR,),
    RecordKind.POLICY_UPDATE: (Dimension.POLICY_AREA,),
    RecordKind.EVALUATION: (Dimension.EVALUATION_LEVEL,),
    RecordKind.RECOMMENDATION: (),
    RecordKind.LESSON: (Dimension.EVALUATION_LEVEL,),
    RecordKind.PARTNER: (Dimension.COUNTRY, Dimension.PARTNER_TYPE, Dimension.FEATURE),
    RecordKind.ADVOCACY_STRATEGY: (Dimension.COUNTRY,),
    RecordKind.TEAM_YEAR: (),
    RecordKind.ASSESSMENT: (Dimension.INDICATOR,),
}
"""The dimensions by which the records of each kind can be disaggregated."""

NUMBER_COLUMNS: Mapping[RecordKind, tuple[NumberColumn, ...]] = {
    RecordKind.ACTIVITY: (
        *(NumberColumn.PEOPLE, NumberColumn.WOMEN, NumberColumn.MEN),
        *(NumberColumn.CHILDREN, NumberColumn.GIRLS, NumberColumn.BOYS),
    ),
    RecordKind.ANNUAL_BUDGET: (NumberColumn.AMOUNT,),
    RecordKind.TEAM_YEAR: (
        *(NumberColumn.STAFF, NumberColumn.INTERNS),
        *(NumberColumn.VOLUNTEERS, NumberColumn.BOARD_MEMBERS),
    ),
    RecordKind.ASSESSMENT: (
        *(NumberColumn.VALUE, NumberColumn.NUMERATOR, NumberColumn.DENOMINATOR),
    ),
}
"""The numbers of the kinds that have any."""

YEARLY_KINDS = frozenset({RecordKind.ANNUAL_BUDGET, RecordKind.TEAM_YEAR})
"""The kinds with one record a year, whose numbers can be compared with the year before."""

COUNTRY_DIMENSIONS = frozenset({Dimension.COUNTRY, Dimension.AUTHORITY_COUNTRY})
"""Dimensions whose values are countries: a condition on them may name lists of countries."""

CODES: Mapping[Dimension, frozenset[str]] = {
    Dimension.SCOPE: frozenset(Scope.values),
    Dimension.SUPPORT: frozenset([*CountrySupportType.values, *NetworkSupportType.values]),
    Dimension.INSTRUMENT: frozenset(Instrument.values),
    Dimension.EVENT_ROLE: frozenset(EventRole.values),
    Dimension.EVENT_KIND: frozenset(EventKind.values),
    Dimension.STAGE: frozenset(SectorState.values),
    Dimension.SPONSOR_TYPE: frozenset(SponsorType.values),
    Dimension.BUDGET_BASIS: frozenset(BudgetBasis.values),
    Dimension.EVALUATION_LEVEL: frozenset(EvaluationLevel.values),
}
"""The codes of dimensions that are closed lists; the others are reference data."""

"""The shapes of the JSON that the rows of a report store. Decimals are texts, dates ISO dates."""

from enum import StrEnum
from typing import NotRequired, TypedDict


class StoredCountry(TypedDict):
    """The number of records of a target in one country.

    ``countries`` is of "other countries": how many of them no target names.
    """

    code: str
    records: int
    countries: NotRequired[int]


class StoredYear(TypedDict):
    """The actual of a yearly target in one year."""

    year: str
    value: str | None
    state: str


class StoredCountryList(TypedDict):
    """A list of countries that a condition uses; older reports have texts in one language."""

    name: dict[str, str] | str
    source: dict[str, str] | str
    valid_from: str | None
    is_confirmed: bool


class StoredCondition(TypedDict):
    """A condition of a target's rule; ``is_numerator`` is there if it is that of a share."""

    dimension: str
    test: str
    values: list[str]
    scopes_without_value: object
    is_numerator: NotRequired[bool]
    lists: list[StoredCountryList]


class StoredStep(TypedDict):
    """A step of a rubric."""

    number: int
    code: str
    name: dict[str, str]


class StoredFoundStep(TypedDict):
    """The number of the step that an assessment found on a date, which may be partial."""

    on: str
    number: int


class StoredJudgement(TypedDict):
    """The rubric of a judged target, the steps found in their order, why the last was found."""

    steps: list[StoredStep]
    found: list[StoredFoundStep]
    justification: str


class StoredVersion(TypedDict):
    """A version of a target; ``entered_at`` is None if it came with the plan.

    ``milestones`` are values by the label of their year.
    """

    in_force_from: str
    statement: dict[str, str]
    rule: dict[str, str]
    minimum: str | None
    maximum: str | None
    milestones: NotRequired[dict[str, str]]
    decided_by: str
    reason: str
    document: str
    entered_at: str | None


class StoredCorrection(TypedDict):
    """A figure or rating that a correction changed, or a field of a citation: ``reference``."""

    target: str
    field: str
    old: str | None
    new: str | None
    reason: dict[str, str]
    reference: NotRequired[str]


class CauseKind(StrEnum):
    """Why a figure of an earlier report differs today."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    TARGET = "target"
    PLAN = "plan"
    RATING = "rating"
    RULE = "rule"
    UNKNOWN = "unknown"


class StoredCause(TypedDict):
    """One cause: the references of records, the versions of a target, or a reason."""

    kind: str
    records: list[str]
    before: StoredVersion | None
    after: StoredVersion | None
    reason: str


class StoredPart(TypedDict):
    """A part of a figure that differs today: a country, a field, a year; its label by language."""

    code: str
    label: dict[str, str]
    old: str | None
    new: str | None


class StoredRestatement(TypedDict):
    """A figure and rating of an earlier report that differ today.

    ``field`` is the figure, `value` or `this_year`; of the people trained, who have neither target
    nor rating, the number. ``parts`` are those that differ of a figure that is equal in all, as
    where a record moved to another country. Older reports have no ``causes`` and no ``parts``, and
    their figures are values.
    """

    year: str
    version: int
    target: str
    field: NotRequired[str]
    old: str | None
    new: str | None
    old_rating: str
    new_rating: str
    causes: NotRequired[list[StoredCause]]
    parts: NotRequired[list[StoredPart]]


class StoredCount(TypedDict):
    """The number of people trained in one year, country or target group."""

    code: str
    sessions: int
    women: int | None
    men: int | None
    sex_not_recorded: int | None
    without_numbers: int


class StoredPeople(TypedDict):
    """The people trained, in all and by year, country and target group."""

    all: StoredCount
    years: list[StoredCount]
    countries: list[StoredCount]
    target_groups: list[StoredCount]


class StoredBudget(TypedDict):
    """A budget of one year, in one currency; ``growth`` on the year before, in percent."""

    year: str
    basis: str
    currency: str
    amount: str
    growth: str | None


class StoredReach(TypedDict):
    """The people at the sessions of one year, or of all; None where no session recorded it."""

    code: str
    women: int | None
    men: int | None
    sex_not_recorded: int | None
    girls: int | None
    boys: int | None
    children_sex_not_recorded: int | None


class StoredProject(TypedDict):
    """A project with the people that it states to reach, and its markers."""

    reference: str
    title: str
    direct_people: int | None
    indirect_people: int | None
    people_basis: str
    gender_equality: str
    child_participation: str


class StoredPeopleReached(TypedDict):
    """The people at sessions, in all and by year, and the projects of the year.

    ``others`` is the number of projects that are not listed.
    """

    all: StoredReach
    years: list[StoredReach]
    projects: list[StoredProject]
    others: int


class StoredEvaluation(TypedDict):
    """An evaluation with its step on each criterion."""

    reference: str
    title: str
    project: str
    level: str
    completed_on: str
    steps: dict[str, str]


class StoredRecommendation(TypedDict):
    """A recommendation, and whether it is to be done on the report's day."""

    reference: str
    title: str
    evaluation: str
    response: str
    due_on: str
    done_on: str
    state: str


class StoredLesson(TypedDict):
    """A lesson with its state and the references of what applies it."""

    reference: str
    title: str
    project: str
    level: str
    state: str
    applied_in: list[str]


class StoredLearning(TypedDict):
    """What was learned in the year; ``others`` are the numbers that are not listed, by kind."""

    evaluations: list[StoredEvaluation]
    recommendations: list[StoredRecommendation]
    lessons: list[StoredLesson]
    others: dict[str, int]

"""The objectives that a record counts towards and the reasons against, in words and by plan."""

from datetime import date

from indicators.counting.contributions import (
    Contribution,
    describe_objectives,
    describe_reasons,
    find_contributions,
    load_targets,
    select_touched_plans,
)
from strategy.choices import Reason, RecordKind
from strategy.models import Plan, Target
from tests.factories import make_approved, make_record

END = date(2020, 12, 31)


def find_targets(*codes: str, plan: str = "2017-2020") -> list[Target]:
    loaded = {(target.plan.code, target.code): target for target in load_targets()}
    return [loaded[plan, code] for code in codes]


def test_objectives_are_named_once(plan: Plan) -> None:
    targets = find_targets("1.1-initiatives", "1.1-countries", "1.2-fields", "2.3-networks")
    said = [Contribution(target, None) for target in targets[:3]]
    said.append(Contribution(targets[3], Reason.NO_FIELD))
    assert describe_objectives(said, targets) == "1.1, 1.2"
    assert describe_objectives(said[3:], targets) == ""
    assert describe_objectives([], targets) == ""


def test_the_first_reason_stands_for_the_others(plan: Plan) -> None:
    targets = find_targets("1.1-initiatives", "1.1-countries", "1.2-fields")
    said = [
        Contribution(targets[0], None),
        Contribution(targets[1], Reason.NOT_APPROVED),
        Contribution(targets[2], Reason.NO_FIELD),
    ]
    assert describe_reasons(said, targets) == "Not approved"
    assert describe_reasons(said[:1], targets) == ""


def test_objectives_and_reasons_of_several_plans_name_them(later_plan: Plan) -> None:
    [older] = find_targets("1.1-initiatives")
    newer = next(target for target in load_targets() if target.plan == later_plan)
    code, targets = newer.indicator.objective.code, [older, newer]
    counted = [Contribution(older, None), Contribution(newer, None)]
    assert describe_objectives(counted, targets) == f"2017-2020: 1.1 · repeat-plan: {code}"
    assert describe_objectives(counted, targets, "\n") == f"2017-2020: 1.1\nrepeat-plan: {code}"
    assert describe_objectives(counted[:1], targets) == "2017-2020: 1.1"
    assert describe_objectives(counted[:1], [older]) == "1.1"
    left_out = [
        Contribution(older, Reason.NO_EVIDENCE),
        Contribution(older, Reason.NO_FIELD),
        Contribution(newer, Reason.NOT_APPROVED),
    ]
    assert describe_reasons(left_out, targets) == (
        "2017-2020: No evidence · repeat-plan: Not approved"
    )


def test_only_plans_of_the_record_s_dates_are_named(later_plan: Plan) -> None:
    [older] = find_targets("1.1-initiatives")
    newer = next(target for target in load_targets() if target.plan == later_plan)
    outside = Contribution(newer, Reason.OUTSIDE_PERIOD)
    undated = Contribution(older, Reason.NO_DATE)
    inside = Contribution(older, Reason.NO_FIELD)
    assert list(select_touched_plans([inside, outside])) == [inside]
    assert list(select_touched_plans([undated, outside])) == [undated, outside]


def test_approval_is_asked_for_unless_it_is_foreseen(plan: Plan) -> None:
    draft = make_record("initiative", evidence=1)
    targets = find_targets("1.1-initiatives")
    args = (RecordKind.INITIATIVE, [draft], targets, END)
    assert [one.reason for one in find_contributions(*args)[draft.pk]] == [Reason.NOT_APPROVED]
    foreseen = find_contributions(*args, once_approved=True)
    assert [one.reason for one in foreseen[draft.pk]] == [None]


def test_a_record_outside_the_geography_says_where_it_counts(plan: Plan) -> None:
    record = make_approved("initiative", countries=["CA"])
    targets = load_targets()
    found = find_contributions(RecordKind.INITIATIVE, [record], targets, END)[record.pk]
    outside = [one for one in found if one.reason == Reason.OUTSIDE_GEOGRAPHY]
    assert {one.target.code: (one.elsewhere, one.countries) for one in outside} == {
        "1.1-initiatives": (("1.3",), ("Canada",)),
        "1.1-countries": (("1.3",), ("Canada",)),
    }
    assert [one.target.indicator.objective.code for one in found if one.counts] == ["1.2"]

"""Charts: positions follow time and value; texts are escaped and charts have titles."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings

from reporting.charts.bars import (
    YearCell,
    render_share_bar,
    render_target_bar,
    render_time_head,
    render_time_line,
    render_year_strip,
)
from reporting.charts.progress_lines import (
    Point,
    ProgressLine,
    ProgressLineLabels,
    render_pace_chart,
    render_target_chart,
)
from reporting.charts.svg import Direction, Sheet, TimeAxis
from reporting.charts.world_map import CountryMark, render_world_map
from strategy.dates.periods import Period

PLAN = Period(date(2017, 1, 1), date(2020, 12, 31))
YEARS = tuple(Period(date(y, 1, 1), date(y, 12, 31), str(y)) for y in range(2017, 2021))
MID_PLAN = TimeAxis(PLAN, YEARS, date(2018, 12, 31))
HALF = 730 / 1461
HOSTILE = '<script>alert("1")</script> & co'


def tree(svg: str) -> ET.Element:
    """Parse the chart: unescaped text and unclosed elements fail here."""
    return ET.fromstring(svg)


def time_place(svg: str) -> float:
    """Return the position of the line of time, in percent of the width."""
    (line,) = (e for e in tree(svg).iter("line") if e.get("class") == "c-ink")
    assert line.get("x1") == line.get("x2")
    return float(line.get("x1", "").rstrip("%"))


def bar(svg: str, rating: str) -> tuple[float, float]:
    """Return the start and the width of the bar of a rating, in percent of the chart's width."""
    (rect,) = (e for e in tree(svg).iter("rect") if e.get("class") == f"f-{rating}")
    return float(rect.get("x", "").rstrip("%")), float(rect.get("width", "").rstrip("%"))


def straight(minimum: int, start: int = 0) -> tuple[Point, ...]:
    return Point(date(2016, 12, 31), Decimal(start)), Point(PLAN.ends_on, Decimal(minimum))


def track(*values: int | str, minimum: int = 25, **rest: object) -> ProgressLine:
    points = tuple(
        Point(year.ends_on, Decimal(value)) for year, value in zip(YEARS, values, strict=False)
    )
    way = straight(minimum, minimum if rest.get("is_level") else 0)
    return ProgressLine(points, way, "at_risk", str(minimum), **rest)  # type: ignore[arg-type]


def every_picture(title: str, direction: Direction = "ltr", *, for_pdf: bool = False) -> list[str]:
    way = ProgressLine(
        (Point(date(2018, 6, 30), Decimal(7)),),
        straight(25),
        "at_risk",
        title,
        Decimal(19),
        title,
    )
    words = ProgressLineLabels(title, title, Decimal("12.5"), title, title, title)
    cells = [YearCell(year, "met", title) for year in YEARS]
    return [
        render_time_head(MID_PLAN, title, title, sheet=Sheet(direction, for_pdf)),
        render_target_bar(Decimal(1), "on_track", MID_PLAN, title, sheet=Sheet(direction, for_pdf)),
        render_share_bar(Decimal(1), title=title, sheet=Sheet(direction, for_pdf)),
        render_year_strip(cells, MID_PLAN, title, sheet=Sheet(direction, for_pdf)),
        render_pace_chart(way, MID_PLAN, title, sheet=Sheet(direction, for_pdf)),
        render_target_chart(way, MID_PLAN, title, words, sheet=Sheet(direction, for_pdf)),
        render_world_map([CountryMark("NE", title)], title, sheet=Sheet(direction, for_pdf)),
    ]


@pytest.mark.parametrize("for_pdf", [False, True])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_title_is_the_first_child_of_every_picture(direction: Direction, for_pdf: bool) -> None:
    for svg in every_picture("13 of 25", direction, for_pdf=for_pdf):
        root = tree(svg)
        assert root.tag == "svg"
        assert root.get("role") == "img"
        assert root[0].tag == "title"
        assert root[0].text == "13 of 25"


def test_a_picture_without_a_title_is_decoration() -> None:
    for svg in (render_time_line(MID_PLAN), render_share_bar(Decimal("0.5"))):
        root = tree(svg)
        assert root.get("aria-hidden") == "true"
        assert root.get("role") is None
        assert root.find("title") is None


def test_texts_are_escaped() -> None:
    for svg in every_picture(HOSTILE):
        root = tree(svg)
        assert root.find(".//script") is None
        assert root[0].text == HOSTILE


def test_the_line_of_time_stands_where_the_time_gone_ends() -> None:
    for svg in (
        render_time_line(MID_PLAN),
        render_time_head(MID_PLAN, "", ""),
        render_target_bar(Decimal(1), "on_track", MID_PLAN, ""),
    ):
        assert time_place(svg) == pytest.approx(100 * HALF, abs=0.01)


def test_the_line_of_time_is_mirrored_from_right_to_left() -> None:
    for svg in (
        render_time_line(MID_PLAN, sheet=Sheet("rtl")),
        render_target_bar(Decimal(1), "on_track", MID_PLAN, "", sheet=Sheet("rtl")),
    ):
        assert time_place(svg) == pytest.approx(100 - 100 * HALF, abs=0.01)


def test_time_stays_inside_the_plan() -> None:
    before = TimeAxis(PLAN, YEARS, date(2016, 6, 1))
    after = TimeAxis(PLAN, YEARS, date(2024, 6, 1))
    assert (before.elapsed, after.elapsed) == (0, 1)


def test_years_need_not_begin_in_january() -> None:
    years = tuple(
        Period(date(y, 4, 1), date(y + 1, 3, 31), f"{y}-{y + 1}") for y in range(2021, 2024)
    )
    axis = TimeAxis(Period(years[0].starts_on, years[-1].ends_on), years, date(2022, 3, 31))
    assert axis.borders == pytest.approx([0, 365 / 1095, 730 / 1096, 1], abs=0.001)
    assert time_place(render_time_line(axis)) == pytest.approx(100 * 365 / 1096, abs=0.01)


def test_a_year_of_which_a_quarter_is_in_the_plan_has_no_name() -> None:
    years = tuple(
        Period(date(y, 4, 1), date(y + 1, 3, 31), f"{y}-{y + 1}") for y in range(2020, 2025)
    )
    axis = TimeAxis(Period(date(2021, 1, 1), date(2024, 12, 31)), years, date(2022, 3, 31))
    head = render_time_head(axis, "31 March 2022", "")
    assert [year.label for year in years if year.label in head] == [y.label for y in years[1:]]


@pytest.mark.parametrize(
    ("reached", "width"), [("0.52", 52.0), ("0", 0.0), ("1.04", 100.0), ("-0.2", 0.0)]
)
def test_a_bar_is_the_share_that_is_reached_and_never_leaves_its_row(
    reached: str, width: float
) -> None:
    svg = render_target_bar(Decimal(reached), "at_risk", MID_PLAN, "")
    assert bar(svg, "at_risk") == (0, width)


def test_a_bar_grows_from_the_right_in_arabic() -> None:
    svg = render_target_bar(Decimal("0.52"), "at_risk", MID_PLAN, "", sheet=Sheet("rtl"))
    assert bar(svg, "at_risk") == (48, 52)


def test_no_data_has_no_bar_and_is_not_drawn_as_zero() -> None:
    nothing = render_target_bar(None, "no_data", MID_PLAN, "")
    zero = render_target_bar(Decimal(0), "no_data", MID_PLAN, "")
    assert tree(nothing).find("rect") is None
    assert 'stroke-dasharray="3 4"' in nothing
    assert len(tree(zero).findall("rect")) == 2


def test_a_level_breaks_the_line_of_time_and_has_its_mark_at_the_end() -> None:
    assert (
        time_place(render_target_bar(Decimal("0.9"), "at_risk", MID_PLAN, "", due=Decimal(1)))
        == 100
    )
    rtl = render_target_bar(
        Decimal("0.9"), "at_risk", MID_PLAN, "", due=Decimal(1), sheet=Sheet("rtl")
    )
    assert time_place(rtl) == 0


def test_a_count_with_milestones_has_its_mark_where_they_expect_it() -> None:
    svg = render_target_bar(Decimal("0.1"), "at_risk", MID_PLAN, "", due=Decimal("0.25"))
    assert time_place(svg) == 25


def test_a_part_is_drawn_against_the_scale_with_its_line() -> None:
    svg = render_share_bar(Decimal("22.5"), "at_risk", scale=Decimal(50), line=Decimal(25))
    assert bar(svg, "at_risk") == (0, 45)
    assert time_place(svg) == 50


def test_a_part_of_nothing_has_no_bar() -> None:
    assert tree(render_share_bar(None)).find("rect") is None
    assert bar(render_share_bar(Decimal(0), scale=Decimal(0)), "on_track") == (0, 0)


def test_a_years_cell_spans_its_own_days_and_later_years_are_not_judged() -> None:
    cells = [
        YearCell(year, "open" if index > 1 else "met", "1") for index, year in enumerate(YEARS)
    ]
    rects = tree(render_year_strip(cells, MID_PLAN, "")).findall("rect")
    assert [rect.get("class") for rect in rects] == ["y-met", "y-met", "y-later", "y-later"]
    ends = [
        float(rect.get("x", "")[:-1]) + float(rect.get("width", "")[:-1]) + 0.4 for rect in rects
    ]
    assert ends == pytest.approx([100 * MID_PLAN.at(year.ends_on) for year in YEARS], abs=0.02)


def test_only_a_judged_year_has_a_sign() -> None:
    states = ("met", "not_met", "no_data", "due")
    cells = [YearCell(year, state, "1") for year, state in zip(YEARS, states, strict=True)]
    inner = tree(render_year_strip(cells, TimeAxis(PLAN, YEARS, PLAN.ends_on), "")).findall("svg")
    assert [cell.find("path") is not None for cell in inner] == [True, True, False, False]


def recorded_path(svg: str) -> str:
    (path,) = (e for e in tree(svg).iter("path") if e.get("class") == "s-at_risk")
    return path.get("d", "")


def test_the_recorded_line_steps_at_each_day_to_its_value() -> None:
    moves = re.findall(
        r"[MHV][\d. ]+", recorded_path(render_pace_chart(track(5, 25), MID_PLAN, ""))
    )
    start, *steps = moves
    across = [6 + 240 * share for share in (365 / 1461, 730 / 1461)]
    assert start == "M6 84"
    assert [float(step[1:]) for step in steps[0::2]] == pytest.approx(across, abs=0.01)
    assert [float(step[1:]) for step in steps[1::2]] == pytest.approx([70.6, 17], abs=0.01)


def test_the_recorded_line_is_mirrored_from_right_to_left() -> None:
    ltr = recorded_path(render_pace_chart(track(5, 25), MID_PLAN, ""))
    rtl = recorded_path(render_pace_chart(track(5, 25), MID_PLAN, "", sheet=Sheet("rtl")))
    mirrored = [280 - float(x) for x in re.findall(r"H([\d.]+)", ltr)]
    assert [float(x) for x in re.findall(r"H([\d.]+)", rtl)] == pytest.approx(mirrored)
    assert re.findall(r"V([\d.]+)", rtl) == re.findall(r"V([\d.]+)", ltr)


def test_without_records_only_the_way_to_go_is_drawn() -> None:
    svg = render_pace_chart(track(forecast=Decimal(9), forecast_label="9"), MID_PLAN, "")
    assert tree(svg).find("path") is None
    assert tree(svg).find("circle") is None
    words = ProgressLineLabels("31 Dec 2018", "0 reached", Decimal("12.5"), "12.5 expected")
    assert "reached" not in render_target_chart(track(), MID_PLAN, "", words)


def test_one_value_is_a_step_and_a_disc() -> None:
    svg = render_pace_chart(track(5), MID_PLAN, "")
    assert len(re.findall("[HV]", recorded_path(svg))) == 2
    (disc,) = tree(svg).findall("circle")
    assert float(disc.get("cy", "")) == pytest.approx(70.6)


def test_a_level_has_a_flat_line_and_begins_at_its_first_value() -> None:
    svg = render_pace_chart(track("25", "20", is_level=True), MID_PLAN, "")
    assert not recorded_path(svg).startswith("M6 ")
    flat = [e for e in tree(svg).iter("line") if e.get("stroke-width") == "1.25"]
    assert [e.get("y1") == e.get("y2") for e in flat] == [True]


def test_a_forecast_far_above_the_target_is_cut_at_the_edge() -> None:
    svg = render_pace_chart(track(25, forecast=Decimal(400), forecast_label="400"), MID_PLAN, "")
    (dashes,) = (e for e in tree(svg).iter("line") if e.get("stroke-dasharray"))
    assert float(dashes.get("y2", "")) == 17
    assert float(dashes.get("x2", "")) < 246
    assert ">400<" in svg


def test_no_forecast_is_drawn_when_the_plan_is_over() -> None:
    over = TimeAxis(PLAN, YEARS, PLAN.ends_on)
    svg = render_pace_chart(
        track(3, 9, 13, 15, forecast=Decimal(15), forecast_label="15"), over, ""
    )
    assert 'stroke-dasharray="3 3"' not in svg


def expected_lines(way: ProgressLine) -> list[tuple[float, ...]]:
    svg = tree(render_pace_chart(way, MID_PLAN, ""))
    lines = (e for e in svg.iter("line") if e.get("stroke-width") == "1.25")
    return [tuple(float(e.get(name, "")) for name in ("x1", "y1", "x2", "y2")) for e in lines]


def test_the_line_of_expected_values_bends_at_a_milestone() -> None:
    start, end = straight(50)
    bend = Point(date(2018, 12, 31), Decimal(10))
    first, second = expected_lines(ProgressLine((), (start, bend, end), "no_data", "50"))
    assert first[2:] == second[:2]
    assert second[0] - first[0] == pytest.approx((second[2] - first[0]) * 730 / 1461, abs=0.02)
    assert first[1] - first[3] == pytest.approx((first[1] - second[3]) / 5, abs=0.02)


def test_the_minimum_of_a_level_rises_in_steps() -> None:
    days = (date(2017, 12, 31), date(2018, 12, 31), PLAN.ends_on)
    steps = tuple(Point(day, Decimal(value)) for day, value in zip(days, (10, 20, 20), strict=True))
    flat, rise, last = expected_lines(ProgressLine((), steps, "no_data", "20", is_level=True))
    assert flat[1] == flat[3] == rise[1]
    assert rise[0] == rise[2] == flat[2] == last[0]
    assert rise[3] == last[1] == last[3] < flat[1]


def test_the_labels_of_target_and_forecast_never_touch() -> None:
    for forecast in (24, 25, 26):
        svg = render_pace_chart(
            track(12, forecast=Decimal(forecast), forecast_label=f"{forecast}."), MID_PLAN, ""
        )
        ends = [e for e in tree(svg).iter("text") if e.text in {"25", f"{forecast}."}]
        first, second = (float(e.get("y", "")) for e in ends)
        assert abs(first - second) >= 12.99


def test_long_labels_get_room_inside_the_picture() -> None:
    for direction in ("ltr", "rtl"):
        way = ProgressLine((), straight(9), "no_data", "1,234,567.5", None)
        svg = render_pace_chart(way, MID_PLAN, "", sheet=Sheet(direction))
        (text,) = (e for e in tree(svg).iter("text") if e.text == "1,234,567.5")
        x = float(text.get("x", ""))
        room = x if direction == "rtl" else 280 - x
        assert room >= 7 * len("1,234,567.5")


def test_texts_beside_the_line_of_time_stay_inside_at_both_ends_of_the_plan() -> None:
    words = ProgressLineLabels("today", "13 reached", Decimal("12.5"), "12.5 expected")
    for as_of, anchor in ((date(2017, 1, 15), "start"), (PLAN.ends_on, "end")):
        svg = render_target_chart(track(13), TimeAxis(PLAN, YEARS, as_of), "", words)
        anchors = {e.get("text-anchor") for e in tree(svg).iter("text") if e.get("class")}
        assert anchors == {anchor}


def test_a_plan_of_many_years_names_only_some_of_them() -> None:
    years = tuple(Period(date(y, 1, 1), date(y, 12, 31), str(y)) for y in range(2001, 2014))
    axis = TimeAxis(Period(years[0].starts_on, years[-1].ends_on), years, date(2020, 1, 1))
    names = [e.text for e in tree(render_time_head(axis, "", "")).iter("text") if e.text]
    assert names == ["2001", "2004", "2007", "2010", "2013"]


@pytest.mark.parametrize(("year", "anchor"), [(2017, "start"), (2018, "middle"), (2019, "end")])
def test_where_time_stands_is_written_within_the_axis(year: int, anchor: str) -> None:
    axis = TimeAxis(PLAN, YEARS, date(year, 12, 31))
    [label] = [
        e
        for e in tree(render_time_head(axis, "31 Dec", "")).iter("text")
        if e.get("class") == "t-ink"
    ]
    assert label.get("text-anchor", "start") == anchor


def test_the_pdf_gets_arabic_letters_joined_and_from_the_left() -> None:
    svg = render_time_head(MID_PLAN, "هدف 25", "", sheet=Sheet("rtl", for_pdf=True))
    (text,) = (e.text or "" for e in tree(svg).iter("text") if e.get("class") == "t-ink")
    assert text == "25 \ufed1\ufeaa\ufeeb"


def test_the_screen_gets_arabic_letters_as_written() -> None:
    assert ">هدف 25<" in render_time_head(MID_PLAN, "هدف 25", "", sheet=Sheet("rtl"))


def test_large_countries_are_filled_and_small_ones_are_points() -> None:
    root = tree(
        render_world_map([CountryMark("NE", "Niger"), CountryMark("CV", "Cabo Verde")], "Two")
    )
    marks = [group[0].tag for group in root.findall("g")]
    assert marks == ["path", "circle"]


def test_a_lesser_tie_is_a_ring_on_paper() -> None:
    root = tree(render_world_map([CountryMark("NE", "Niger", is_filled=False)], "One"))
    (rings,) = root.findall("g")
    assert [ring.tag for ring in rings] == ["circle"]
    assert (rings.get("fill"), rings.get("class")) == ("#fff", "c-paper s-on_track")


def test_the_land_is_part_of_a_pdf_and_a_picture_on_screen() -> None:
    inline = tree(render_world_map([CountryMark("NE", "Niger")], "One"))
    assert inline.findall("image") == []
    (land,) = (path for path in inline.findall("path") if path.get("class") == "c-land")
    page = tree(render_world_map([CountryMark("NE", "Niger")], "One", land_url="/land.svg"))
    (picture,) = page.findall("image")
    assert picture.get("href") == "/land.svg"
    drawn = (settings.BASE_DIR / "ibcr_rbm" / "static" / "world-land.svg").read_text()
    assert str(land.get("d")) in drawn
    place = " ".join(str(picture.get(name)) for name in ("x", "y", "width", "height"))
    assert place == page.get("viewBox")
    assert f'viewBox="{place}"' in drawn


def test_a_code_that_is_not_on_the_map_is_passed_over() -> None:
    assert tree(render_world_map([CountryMark("ZZ", "Nowhere")], "None")).find("g") is None


def test_the_map_is_not_mirrored() -> None:
    marks = [CountryMark("CV", "")]
    (ltr,) = tree(render_world_map(marks, "")).iter("circle")
    (rtl,) = tree(render_world_map(marks, "", sheet=Sheet("rtl"))).iter("circle")
    assert ltr.get("cx") == rtl.get("cx")


def heights(svg: str) -> dict[str, float]:
    return {e.text or "": float(e.get("y", "")) for e in tree(svg).iter("text")}


def test_the_higher_of_expected_and_reached_has_its_text_above() -> None:
    words = ProgressLineLabels("today", "reached", Decimal("12.5"), "expected")
    for value, is_behind in ((10, True), (20, False)):
        places = heights(render_target_chart(track(value), MID_PLAN, "", words))
        assert (places["expected"] < places["reached"]) is is_behind


def test_a_text_before_the_line_of_time_stands_clear_of_the_steps_below_it() -> None:
    words = ProgressLineLabels("today", "reached", Decimal(24), "expected")
    late = TimeAxis(PLAN, YEARS, date(2020, 10, 1))
    for axis, is_above in ((late, True), (MID_PLAN, False)):
        svg = render_target_chart(track(2, 6, 9, minimum=25), axis, "", words)
        (disc,) = (e for e in tree(svg).iter("circle") if e.get("class") == "f-at_risk")
        assert (heights(svg)["reached"] < float(disc.get("cy", ""))) is is_above


def test_a_value_near_the_foot_keeps_its_text_off_the_names_of_the_years() -> None:
    words = ProgressLineLabels("today", "reached", Decimal("2"), "expected")
    early, late = date(2017, 3, 31), date(2020, 11, 30)
    for axis in (TimeAxis(PLAN, YEARS, early), MID_PLAN, TimeAxis(PLAN, YEARS, late)):
        for value in (0, 1, 2):
            places = heights(render_target_chart(track(value), axis, "", words))
            assert places["2017"] - places["reached"] >= 14
            is_one_side = axis is not MID_PLAN
            assert places["reached"] - places["expected"] >= (12 if is_one_side else 0)


def test_lines_are_named_only_where_there_is_room_and_a_future() -> None:
    words = ProgressLineLabels("today", "", straight_line="straight", at_this_pace="pace")
    way = track(5, 9, forecast=Decimal(19), forecast_label="19")
    assert {"straight", "pace"} <= heights(render_target_chart(way, MID_PLAN, "", words)).keys()
    late = TimeAxis(PLAN, YEARS, date(2020, 11, 30))
    assert not {"straight", "pace"} & heights(render_target_chart(way, late, "", words)).keys()
    level = track(5, 9, is_level=True)
    assert "straight" not in heights(render_target_chart(level, MID_PLAN, "", words))

"""Years closed, and reports issued, between the comparison of a file and its writing."""

from datetime import UTC, datetime

import pytest

from indicators.import_export.importer import validate_file
from indicators.import_export.previews import PreviewOutdated, confirm, make_preview
from indicators.models import Event, Initiative
from indicators.workflow.actions import InvalidTransition
from indicators.workflow.reported_years import close_year, reopen_year
from strategy.choices import RecordKind
from strategy.models import Plan, User
from tests.factories import make_approved, make_record

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("starts_on", ["2018", "2020"], ids=["of the file", "stored"])
def test_a_year_closed_after_the_comparison_refuses_the_file(
    plan: Plan, officer: User, starts_on: str
) -> None:
    record = make_record("initiative", reference="A", starts_on="2018", entered_by=officer)
    content = f"reference,starts_on\nA,{starts_on}-05\n".encode()
    checked = validate_file(RecordKind.INITIATIVE, content, by=officer, at=AT)
    close_year(plan.year("2018"), by=officer, at=AT)
    with pytest.raises(InvalidTransition, match="2018 is closed for entry"):
        checked.write()
    reopen_year(plan.year("2018"), by=officer, at=AT)
    assert Initiative.objects.get().starts_on == record.starts_on
    checked.write()
    assert str(Initiative.objects.get().starts_on) == f"{starts_on}-05"


def test_a_new_record_of_a_year_closed_after_the_comparison_is_refused(
    plan: Plan, officer: User
) -> None:
    content = b"reference,title,role,kind,occurred_on\nA,x,organised,conference,2018-05\n"
    preview = make_preview(RecordKind.EVENT, content, "a.csv", by=officer, at=AT)
    checked = validate_file(RecordKind.EVENT, content, by=officer, at=AT)
    close_year(plan.year("2018"), by=officer, at=AT)
    with pytest.raises(InvalidTransition, match="2018 is closed for entry"):
        checked.write()
    with pytest.raises(PreviewOutdated):
        confirm(preview, by=officer, at=AT)
    assert not Event.objects.exists()


def test_a_report_issued_after_the_comparison_asks_for_the_reason(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make_approved("initiative", reference="A", starts_on="2018", entered_by=officer)
    content = b"reference,title\nA,Of the file\n"
    checked = validate_file(RecordKind.INITIATIVE, content, by=officer, at=AT)
    issued: dict[str, list[str]] = {}
    monkeypatch.setattr(
        "reporting.annual_report.snapshot.citations.find_citing_years", lambda *_asked: issued
    )
    with pytest.raises(InvalidTransition, match="issued report cites"):
        checked.write(claim=lambda: issued.update(A=["2018"]))
    record.refresh_from_db()
    assert record.title != "Of the file"

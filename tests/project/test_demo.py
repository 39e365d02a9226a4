"""The demonstration: five accounts, the public records, and the reports of their years."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.demo import SampleFault, load_sample_records
from indicators.models import Initiative, Status
from reporting.models import AnnualReport
from strategy.accounts.demo import SAMPLE_PASSWORD
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from strategy.plan.loading import load_file
from tests.conftest import PLAIN_SETTINGS, client_of
from tests.factories import NOON
from tests.support.database.fixtures import load_fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _is_demonstration(settings: Any) -> None:
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def empty(plan: Plan) -> None:
    """An installation without people and records."""
    load_roles()


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What the command says in an installation without records; each test begins after it."""
    options = {**PLAIN_SETTINGS, "MEDIA_ROOT": tmp_path_factory.mktemp("evidence")}
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        load_fixtures("countries", "reference", "plan_2017_2020")
        load_roles()
        with override_settings(IS_DEMONSTRATION=True, **options):
            told = demo()
    yield told
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


def load_roles() -> None:
    load_file(settings.BASE_DIR / "fixtures" / "roles.json", refresh=True)


def demo(**options: Any) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def statuses() -> dict[RecordKind, dict[str, str]]:
    """Return the status of every record: kind -> reference -> status."""
    return {
        kind: dict(RECORD_SOURCES[kind].model._default_manager.values_list("reference", "status"))
        for kind in RecordKind
    }


@pytest.mark.usefixtures("empty")
def test_it_refuses_outside_the_demonstration(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="PRODUCTION is on"):
        demo()
    assert not User.objects.exists()


@pytest.mark.usefixtures("empty")
def test_before_bootstrap_it_says_so() -> None:
    Group.objects.all().delete()
    with pytest.raises(CommandError, match=r"manage\.py bootstrap"):
        demo()


@pytest.mark.usefixtures("empty")
def test_the_five_accounts_sign_in_with_the_published_password() -> None:
    demo(no_records=True)
    for role in Role:
        user = User.objects.get(username=role.value)
        assert user.role == role
        assert (user.office is not None) == (role not in (Role.BOARD, Role.ADMIN))
        answer = Client().post(
            "/accounts/login/", {"login": role.value, "password": SAMPLE_PASSWORD}
        )
        assert answer.status_code == 302, role
    assert not Initiative.objects.exists()
    assert not AnnualReport.objects.exists()


@pytest.mark.usefixtures("empty")
def test_an_account_that_was_spoiled_is_put_right() -> None:
    demo(no_records=True)
    User.objects.filter(username="board").update(is_active=False, password="!", is_superuser=True)
    demo(no_records=True)
    board = User.objects.get(username="board")
    assert board.is_active
    assert not board.is_superuser
    assert board.check_password(SAMPLE_PASSWORD)


@pytest.mark.usefixtures("empty")
def test_a_bad_sample_file_is_named_and_nothing_is_loaded(tmp_path: Any) -> None:
    demo(no_records=True)
    (tmp_path / "drafts.csv").write_text("kind,reference,reason\n", encoding="utf-8")
    (tmp_path / "network.csv").write_text(
        "reference,title,support,countries,starts_on,ends_on\nN1,Peers,member,NE,2018,\n",
        encoding="utf-8",
    )
    (tmp_path / "sponsor.csv").write_text(
        "reference,title,first_agreement_on\nS1,UNICEF,2018-02-30\n", encoding="utf-8"
    )
    people = {
        "by": User.objects.get(username="staff"),
        "approver": User.objects.get(username="manager"),
    }
    with pytest.raises(SampleFault, match=r"sponsor\.csv: .*row 2, first_agreement_on"):
        load_sample_records(tmp_path, at=NOON, **people)
    assert not any(statuses().values())


def test_it_loads_every_sample_record_and_approves_all_but_the_drafts(filled: str) -> None:
    drafts = (settings.BASE_DIR / "fixtures" / "records" / "drafts.csv").read_text(encoding="utf-8")
    for kind, records in statuses().items():
        for reference, status in records.items():
            is_draft = f"\n{kind},{reference}," in drafts
            assert status == (Status.DRAFT if is_draft else Status.APPROVED), reference
    assert "initiative: new 36, approved 28" in filled
    first = Initiative.objects.filter(status=Status.APPROVED).first()
    assert first is not None
    assert (first.entered_by.username, first.approved_by.username) == ("staff", "manager")
    assert first.evidence.exists()
    assert first.history.count() == 2


@pytest.mark.usefixtures("filled")
def test_it_issues_the_reports_of_the_plan_s_years() -> None:
    assert list(AnnualReport.objects.order_by("year").values_list("year", flat=True)) == [
        "2017",
        "2018",
        "2019",
        "2020",
    ]


@pytest.mark.usefixtures("filled")
def test_a_second_time_changes_nothing_and_signs_nobody_out() -> None:
    before, versions = statuses(), set(Initiative.objects.values_list("reference", "version"))
    client = client_of(User.objects.get(username="staff"))
    told = demo()
    assert "new" not in told
    assert "issued" not in told
    assert statuses() == before
    assert set(Initiative.objects.values_list("reference", "version")) == versions
    assert client.get("/plan/").status_code == 200


@pytest.mark.usefixtures("filled")
def test_what_people_did_in_the_demonstration_stays() -> None:
    record = Initiative.objects.filter(status=Status.APPROVED).first()
    assert record is not None
    Initiative.objects.filter(pk=record.pk).update(title="Another title", status=Status.SUBMITTED)
    Initiative.objects.filter(status=Status.DRAFT).delete()
    told = demo()
    record.refresh_from_db()
    assert (record.title, record.status) == ("Another title", Status.SUBMITTED)
    assert "initiative: new 8, approved 0" in told

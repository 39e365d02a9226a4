"""Entering and changing records in the browser: what is asked, refused, kept and said."""

import gzip
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from indicators import workflow
from indicators.forms.fields import MOST_CHOICES
from indicators.models import (
    ActionReport,
    Activity,
    AnnualBudget,
    Decision,
    Event,
    Initiative,
    Project,
    Record,
    Status,
)
from indicators.screens import SCREENS
from strategy.models import Plan, Sector, User
from strategy.vocabulary import RecordKind, Role
from tests.conftest import client_of
from tests.factories import make_approved, make_country, make_record, make_user

PDF = b"%PDF-1.7\n%the decree"

ANSWERS: dict[RecordKind, dict[str, Any]] = {
    RecordKind.PROJECT: {"title": "Child-friendly police", "starts_on": "2018"},
    RecordKind.INITIATIVE: {
        "title": "Niger: police training",
        "scope": "country",
        "countries": "Niger",
        "starts_on": "2018-03",
    },
    RecordKind.ACTIVITY: {"title": "First session", "women": "12", "men": "0"},
    RecordKind.COUNTRY_SUPPORT: {
        "title": "Advice on the children’s code",
        "country": "NE",
        "support": "technical",
        "starts_on": "2018",
    },
    RecordKind.DECISION: {
        "title": "Decree on interview rooms",
        "instrument": "decree",
        "authority": "Ministry of the Interior",
        "authority_country": "Niger",
        "contribution": "Wrote the specifications.",
        "occurred_on": "2018-05-14",
    },
    RecordKind.NETWORK: {"title": "Defenders", "support": "member"},
    RecordKind.EVENT: {"title": "Conference", "role": "organised", "kind": "conference"},
    RecordKind.SECTOR_STRENGTHENED: {
        "title": "Course for the police",
        "country": "Canada",
        "state": "in_use",
        "occurred_on": "2018-09",
    },
    RecordKind.SPONSOR: {"title": "UNICEF Niger", "first_agreement_on": "2018-02"},
    RecordKind.ANNUAL_BUDGET: {
        "year": "2018",
        "amount": "1 250 000.50",
        "currency": "cad",
        "basis": "approved",
    },
    RecordKind.ACTION_REPORT: {"title": "Report on actions 2018", "year_covered": "2018"},
    RecordKind.POLICY_UPDATE: {"title": "Staff handbook", "change": "revised"},
}
"""For each kind the fewest answers with which it is saved."""


def answers(kind: RecordKind, **values: Any) -> dict[str, Any]:
    """A complete set of answers, with the version of a new record and a token of its own."""
    given = {"version": "1", "creation_token": str(uuid.uuid4()), **ANSWERS[kind], **values}
    if kind == RecordKind.ACTIVITY:
        given.setdefault("initiative", Initiative.objects.earliest("pk").reference)
    if kind == RecordKind.SECTOR_STRENGTHENED:
        given.setdefault("sector", Sector.objects.earliest("pk").pk)
    return given


def post_new(client: Client, kind: RecordKind, **values: Any) -> Any:
    return client.post(reverse("record_create", args=[kind]), answers(kind, **values))


def post_edit(client: Client, record: Record, **values: Any) -> Any:
    address = reverse("record_edit", args=[record.KIND, record.reference])
    return client.post(address, answers(record.KIND, version=record.version, **values))


def said(response: Any) -> str:
    """The page's text, its entities and white space made plain."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text.replace("&#x27;", "'").replace("&quot;", '"'))


@pytest.fixture
def _places(plan: Plan) -> None:
    """The plan with its reference data is there, Niger and the others among them."""


pytestmark = pytest.mark.usefixtures("_places")


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_is_entered_with_few_answers(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff)
    model: Any = SCREENS[kind].model
    before = set(model.objects.values_list("pk", flat=True))

    page = staff_client.get(reverse("record_create", args=[kind]))
    response = post_new(staff_client, kind)

    assert page.status_code == 200
    record = model.objects.exclude(pk__in=before).get()
    assert response.status_code == 302, said(response)
    assert response.url == reverse("record_detail", args=[kind, record.reference])
    assert (record.status, record.entered_by) == (Status.DRAFT, staff)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_is_changed_and_nothing_else_with_it(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    record = make_record(kind, entered_by=staff)
    page = staff_client.get(reverse("record_edit", args=[kind, record.reference]))
    form = page.context["form"]
    same = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    same = {name: getattr(value, "pk", value) for name, value in same.items()}
    same = {
        name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
        for name, value in same.items()
    }
    same["links"] = ""

    address = reverse("record_edit", args=[kind, record.reference])
    staff_client.post(address, same)
    record.refresh_from_db()
    assert (record.version, record.history.count()) == (1, 1)

    staff_client.post(address, same | {"notes": "A note."})
    record.refresh_from_db()
    assert (record.version, record.notes, record.history.count()) == (2, "A note.", 2)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_an_empty_form_says_at_each_question_what_to_do(
    kind: RecordKind, staff: User, staff_client: Client
) -> None:
    response = staff_client.post(reverse("record_create", args=[kind]), {})

    form = response.context["form"]
    assert response.status_code == 400
    assert response.content.decode().count("<title>Error: ") == 1
    for errors in form.errors.values():
        assert all(error.startswith(("Enter", "Choose", "Write")) for error in errors), errors
    assert SCREENS[kind].model._default_manager.count() == 0


def test_an_answer_in_error_is_kept_with_all_the_others(staff_client: Client) -> None:
    response = post_new(
        staff_client,
        RecordKind.INITIATIVE,
        title="Niger: interview rooms",
        countries="Nigeer; Togo",
        starts_on="2019-02-30",
        summary="<b>Eight</b> stations",
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert 'value="Nigeer; Togo"' in page
    assert 'value="2019-02-30"' in page
    assert 'value="Niger: interview rooms"' in page
    assert "&lt;b&gt;Eight&lt;/b&gt; stations" in page
    assert "“Nigeer” is not a country. Did you mean Niger" in page
    assert page.count("“2019-02-30” does not exist in the calendar.") == 2
    assert Initiative.objects.count() == 0


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_questions(
    staff_client: Client,
) -> None:
    page = post_new(staff_client, RecordKind.INITIATIVE, title="").content.decode()

    assert 'role="alert" tabindex="-1" autofocus' in page
    assert '<a href="#id_title">Enter the title</a>' in page
    assert page.index("autofocus") < page.index("<h1>")


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("Niger; Togo", {"NE", "TG"}),
        ("niger, togo", {"NE", "TG"}),
        ("NE;TG", {"NE", "TG"}),
        ("Sénégal", {"SN"}),
        ("senegal;", {"SN"}),
        ("Nigéria", {"NG"}),
        ("السنغال", {"SN"}),
        ("Cote d'Ivoire", {"CI"}),
        ("Niger; NE; niger", {"NE"}),
    ],
)
def test_countries_are_known_by_their_names_in_four_languages_and_by_code(
    typed: str, codes: set[str], staff_client: Client
) -> None:
    post_new(staff_client, RecordKind.INITIATIVE, countries=typed)
    assert {country.code for country in Initiative.objects.get().countries.all()} == codes


@pytest.mark.parametrize(
    ("kind", "values", "field", "sentence"),
    [
        ("initiative", {"starts_on": "2019-03", "ends_on": "2018"}, "ends_on", "not before"),
        ("initiative", {"countries": ""}, "countries", "Enter the country"),
        ("initiative", {"starts_on": "March"}, "starts_on", "is not a date"),
        ("initiative", {"reference": "a/b"}, "reference", "letters, digits"),
        ("initiative", {"reference": "new"}, "reference", "Choose another"),
        ("project", {"amount": "250000"}, "currency", "currency of the amount"),
        ("project", {"amount": "much"}, "amount", "in digits"),
        ("project", {"amount": "-5", "currency": "CAD"}, "amount", "0 or more"),
        ("project", {"currency": "EURO"}, "currency", "3 characters"),
        ("project", {"currency": "E1R"}, "currency", "three capital letters"),
        ("annual_budget", {"amount": "a lot"}, "amount", "in digits"),
        ("annual_budget", {"year": "18"}, "year", "Write the year as 2018"),
        ("annual_budget", {"year": "2018-2020"}, "year", "2018-2019"),
        ("event", {"occurred_on": "2019-05", "ends_on": "2019-04"}, "ends_on", "not before"),
        ("decision", {"reversed_on": "2017"}, "reversed_on", "not before"),
        ("decision", {"contribution": " "}, "contribution", "what the Bureau did"),
        ("decision", {"authority_country": "Atlantis"}, "authority_country", "is not a country"),
        ("activity", {"women": "-1"}, "women", "whole number"),
        ("activity", {"women": "many"}, "women", "whole number"),
        ("activity", {"men": "1000001"}, "men", "one session"),
        ("activity", {"initiative": "INI-NONE"}, "initiative", "may use"),
        ("policy_update", {"areas": ["999"]}, "areas", "valid choice"),
        ("event", {"links": "htp:/nowhere"}, "links", "is not a link"),
    ],
)
def test_values_that_do_not_fit_are_refused_at_their_question(
    kind: RecordKind,
    values: dict[str, str],
    field: str,
    sentence: str,
    staff: User,
    staff_client: Client,
) -> None:
    make_record("initiative", entered_by=staff)
    response = post_new(staff_client, RecordKind(kind), **values)

    assert response.status_code == 400
    errors = response.context["form"].errors
    assert sentence in errors[field][0], errors


def test_a_year_may_follow_a_day_of_it(staff_client: Client) -> None:
    post_new(staff_client, RecordKind.INITIATIVE, starts_on="2018-03-30", ends_on="2018")
    assert str(Initiative.objects.get().ends_on) == "2018"


def test_an_initiative_without_a_country_is_saved_when_its_scope_is_global(
    staff_client: Client,
) -> None:
    post_new(staff_client, RecordKind.INITIATIVE, scope="global", countries="")
    assert Initiative.objects.get().countries.count() == 0


def test_amounts_and_currencies_are_taken_as_people_write_them(staff_client: Client) -> None:
    post_new(staff_client, RecordKind.ANNUAL_BUDGET)
    budget = AnnualBudget.objects.get()
    assert (str(budget.amount), budget.currency) == ("1250000.50", "CAD")


def test_a_second_budget_of_one_year_is_refused_at_the_year(staff_client: Client) -> None:
    make_record("annual_budget", currency="CAD", year="2018")
    response = post_new(staff_client, RecordKind.ANNUAL_BUDGET)
    assert list(response.context["form"].errors) == ["year"]


def test_two_records_of_a_kind_have_two_references(staff_client: Client) -> None:
    make_record("event", reference="EVT-1")
    response = post_new(staff_client, RecordKind.EVENT, reference="EVT-1")
    assert response.context["form"].errors["reference"] == [
        "Another record has this reference. Choose another, or leave it empty."
    ]
    make_record("decision", reference="EVT-2")
    assert post_new(staff_client, RecordKind.EVENT, reference="EVT-2").status_code == 302


def test_people_not_recorded_stay_unknown_and_zero_stays_zero(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=staff)
    post_new(staff_client, RecordKind.ACTIVITY)
    activity = Activity.objects.get()
    assert (activity.women, activity.men, activity.sex_not_recorded) == (12, 0, None)


def test_saving_and_submitting_are_one_press_and_two_acts(staff_client: Client) -> None:
    response = post_new(staff_client, RecordKind.EVENT, submit="yes")

    event = Event.objects.get()
    assert event.status == Status.SUBMITTED
    assert [row.status for row in event.history.all()] == ["submitted", "draft"]
    assert "A second person checks it now" in said(staff_client.get(response.url))


def test_the_same_form_sent_twice_makes_one_record(staff_client: Client) -> None:
    token = str(uuid.uuid4())
    first = post_new(staff_client, RecordKind.EVENT, creation_token=token, submit="yes")
    second = post_new(staff_client, RecordKind.EVENT, creation_token=token, submit="yes")

    assert second.url == first.url
    assert Event.objects.count() == 1


def test_a_form_whose_token_is_no_token_is_refused_and_not_an_error_of_ours(
    staff_client: Client,
) -> None:
    response = post_new(staff_client, RecordKind.EVENT, creation_token="abc")
    assert response.status_code == 400


def test_links_and_files_are_attached(staff_client: Client) -> None:
    files = [SimpleUploadedFile("decree.pdf", PDF), SimpleUploadedFile("list.pdf", PDF)]
    post_new(
        staff_client,
        RecordKind.EVENT,
        links="https://www.ibcr.org/en/a;b\nwww.ibcr.org/fr/ \n\nhttps://www.ibcr.org/en/a;b",
        new_files=files,
    )

    items = Event.objects.get().evidence.all()
    assert [item.url for item in items if item.url] == [
        "https://www.ibcr.org/en/a%3Bb",
        "https://www.ibcr.org/fr/",
    ]
    assert [item.name for item in items if item.file] == ["decree.pdf", "list.pdf"]


def test_a_file_that_is_no_evidence_is_refused_and_asked_for_again(staff_client: Client) -> None:
    response = post_new(
        staff_client, RecordKind.EVENT, new_files=[SimpleUploadedFile("page.html", b"<b>")]
    )
    assert "“page.html” is not a PDF" in response.context["form"].errors["new_files"][0]
    assert "Choose the files again" in said(response)
    assert Event.objects.count() == 0


def test_a_file_is_taken_away(
    staff: User,
    staff_client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    post_new(staff_client, RecordKind.EVENT, new_files=[SimpleUploadedFile("decree.pdf", PDF)])
    event = Event.objects.get()
    item = event.evidence.get()

    with django_capture_on_commit_callbacks(execute=True):
        post_edit(staff_client, event, remove_files=[str(item.uuid)])
    assert event.evidence.count() == 0


def test_a_session_belongs_to_an_initiative_of_the_own_office(
    staff: User, staff_client: Client
) -> None:
    make_record("initiative", entered_by=make_user(Role.STAFF, "dakar"), reference="INI-DAKAR")
    make_record("initiative", entered_by=staff, reference="INI-NIAMEY")

    page = staff_client.get(reverse("record_create", args=["activity"])).content.decode()
    assert "INI-NIAMEY" in page
    assert "INI-DAKAR" not in page
    refused = post_new(staff_client, RecordKind.ACTIVITY, initiative="INI-DAKAR")
    assert "initiative" in refused.context["form"].errors


def test_where_there_are_many_records_one_types_the_reference(
    staff: User, staff_client: Client
) -> None:
    person = {"entered_by": staff, "changed_by": staff, "office": staff.office}
    Project.objects.bulk_create(
        [
            Project(title=f"Project {n}", reference=f"PRJ-{n}", **person)
            for n in range(MOST_CHOICES + 1)
        ]
    )
    page = staff_client.get(reverse("record_create", args=["initiative"])).content.decode()
    assert '<datalist id="project-list">' in page
    assert post_new(staff_client, RecordKind.INITIATIVE, project="PRJ-7").status_code == 302
    assert Initiative.objects.filter(project__reference="PRJ-7").count() == 1
    refused = post_new(staff_client, RecordKind.INITIATIVE, project="PRJ-7\x00")
    assert refused.status_code == 400


def test_reports_are_filed_under_the_indicators_that_ask_for_them(
    staff_client: Client, staff: User
) -> None:
    form = staff_client.get(reverse("record_create", args=["action_report"])).context["form"]
    filed = form.fields["filed_under"].queryset
    assert [indicator.code for indicator in filed] == ["3.1", "3.2"]
    post_new(staff_client, RecordKind.ACTION_REPORT, filed_under=[row.pk for row in filed])
    assert ActionReport.objects.get().filed_under.count() == 2


def test_the_form_says_beforehand_that_an_approved_record_stops_counting(
    staff: User, staff_client: Client
) -> None:
    event = make_approved("event", entered_by=staff)
    page = staff_client.get(reverse("record_edit", args=["event", event.reference]))
    assert "it stops counting until a second person approves it again" in said(page)

    response = post_edit(staff_client, event, title="Another title", links="https://a.org")
    event.refresh_from_db()
    assert (event.status, event.was_approved) == (Status.SUBMITTED, True)
    assert "It stopped counting" in said(staff_client.get(response.url))


def test_a_returned_record_shows_its_note_in_the_form(staff: User, staff_client: Client) -> None:
    event = make_record("event", status=Status.RETURNED, entered_by=staff)
    page = said(staff_client.get(reverse("record_edit", args=["event", event.reference])))
    assert "Which month did it start?" in page
    assert "Save and submit again" in page


def test_the_second_to_save_keeps_the_text_and_sees_both(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    seen = event.version
    post_edit(staff_client, event, title="Their title")

    address = reverse("record_edit", args=["event", event.reference])
    mine = answers(RecordKind.EVENT, title="My title", version=seen)
    response = staff_client.post(address, mine)

    assert response.status_code == 409
    page = response.content.decode()
    assert "<title>Error: " in page
    assert "Their title" in page
    assert 'value="My title"' in page
    assert Event.objects.get().title == "Their title"
    again = staff_client.post(
        address, mine | {"version": response.context["form"]["version"].value()}
    )
    assert again.status_code == 302
    assert Event.objects.get().title == "My title"


def test_a_form_that_does_not_say_which_version_it_saw_overwrites_nothing(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", entered_by=staff, title="Conference")
    response = staff_client.post(
        reverse("record_edit", args=["event", event.reference]), ANSWERS[RecordKind.EVENT]
    )
    assert response.status_code == 409


def test_a_countries_conflict_names_the_countries_of_both(
    staff: User, staff_client: Client
) -> None:
    initiative = make_record("initiative", entered_by=staff, countries=["NE"])
    post_edit(staff_client, initiative, countries="Togo")
    response = post_edit(staff_client, initiative, countries="Senegal")
    [difference] = [d for d in response.context["differences"] if d.label == "Target countries"]
    assert (difference.before, difference.after) == ("Togo", "Senegal")


def test_a_cancelled_record_is_restored_before_it_is_changed(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.CANCELLED, entered_by=staff)
    address = reverse("record_edit", args=["event", event.reference])
    assert staff_client.get(address).status_code == 403
    assert staff_client.post(address, answers(RecordKind.EVENT)).status_code == 403


def test_records_of_another_office_are_not_there(staff_client: Client) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    address = reverse("record_edit", args=["event", event.reference])
    assert staff_client.get(address).status_code == 404
    assert staff_client.post(address, answers(RecordKind.EVENT)).status_code == 404


def test_managers_and_officers_enter_records_and_change_those_of_any_office(
    manager_client: Client, officer_client: Client
) -> None:
    event = make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    assert post_new(officer_client, RecordKind.DECISION).status_code == 302
    assert Decision.objects.get().office.code == "montreal"
    assert post_edit(manager_client, event, title="Corrected").status_code == 302
    event.refresh_from_db()
    assert event.office.code == "dakar"


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_board_and_administrators_enter_nothing(role: Role) -> None:
    client = client_of(make_user(role))
    address = reverse("record_create", args=["event"])
    assert client.get(address).status_code == 403
    assert client.post(address, answers(RecordKind.EVENT)).status_code == 403
    assert Event.objects.count() == 0


def test_a_kind_that_there_is_not_has_no_form(staff_client: Client) -> None:
    assert staff_client.get("/records/festival/new/").status_code == 404


def test_the_form_costs_the_same_with_many_records(
    staff: User, staff_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make_record("project", entered_by=staff, reference=f"PRJ-{number}")
    initiative = make_record("initiative", entered_by=staff, evidence=3, countries=["NE", "TG"])
    with django_assert_max_num_queries(20):
        staff_client.get(reverse("record_create", args=["initiative"]))
    with django_assert_max_num_queries(28):
        staff_client.get(reverse("record_edit", args=["initiative", initiative.reference]))


def test_the_form_is_light(staff_client: Client) -> None:
    page = staff_client.get(reverse("record_create", args=["initiative"]))
    assert len(gzip.compress(page.content)) < 12_000


def test_every_kind_has_a_screen_and_asks_each_of_its_columns_once() -> None:
    assert set(SCREENS) == set(RecordKind)
    for screen in SCREENS.values():
        asked = (*screen.questions, *screen.details)
        assert sorted(asked) == sorted((*screen.model.COLUMNS, "notes", "reference"))
        assert set(screen.columns) <= set(screen.model.COLUMNS)
        assert screen.form._meta.model is screen.model


def test_a_country_can_be_chosen_where_the_names_of_two_are_alike(staff_client: Client) -> None:
    make_country("CD")
    post_new(staff_client, RecordKind.INITIATIVE, countries="CD")
    assert Initiative.objects.get().countries.get().code == "CD"


def test_a_record_that_waits_goes_on_waiting_when_it_is_changed(
    staff: User, staff_client: Client
) -> None:
    event = make_record("event", status=Status.SUBMITTED, entered_by=staff)
    response = post_edit(staff_client, event, title="Another title")
    assert "It still waits for a second person." in said(staff_client.get(response.url))
    event.refresh_from_db()
    assert event.status == Status.SUBMITTED


def test_an_approved_record_saved_as_it_is_stays_approved(
    staff: User, staff_client: Client
) -> None:
    post_new(staff_client, RecordKind.EVENT)
    event = Event.objects.get()
    Event.objects.update(status=Status.APPROVED)
    response = post_edit(staff_client, event)
    assert "Nothing was changed." in said(staff_client.get(response.url))
    assert Event.objects.get().status == Status.APPROVED


def test_an_office_that_is_lost_on_the_way_is_said(
    staff: User, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_values: Any) -> None:
        raise workflow.NotAllowed("Your account belongs to no office.")

    monkeypatch.setattr(workflow, "save_record", refuse)
    assert post_new(staff_client, RecordKind.EVENT).status_code == 403


def test_a_head_request_answers_as_a_page_does(staff: User, staff_client: Client) -> None:
    event = make_record("event", entered_by=staff)
    for name, args in (
        ("record_list", ["event"]),
        ("record_detail", ["event", event.reference]),
        ("record_create", ["event"]),
        ("my_work", []),
    ):
        assert staff_client.head(reverse(name, args=args)).status_code == 200

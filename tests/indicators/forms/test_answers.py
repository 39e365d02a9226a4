"""Which answers a form accepts, which it refuses, and its messages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from indicators.forms.fields import MAX_CHOICES, MAX_ERRORS, TEXT_LENGTH
from indicators.models import (
    ActionReport,
    Activity,
    AnnualBudget,
    Event,
    Initiative,
    Project,
)
from strategy.choices import RecordKind, Role
from strategy.models import Plan, User
from tests.factories import make_country, make_record, make_user
from tests.support.samples.documents.evidence_files import PDF
from tests.support.samples.form_answers import post_edit, post_new, read_text


@pytest.fixture
def _places(plan: Plan) -> None:
    """Load the plan and its reference data, with Niger and other countries."""


pytestmark = pytest.mark.usefixtures("_places")


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
        ("project", {"amount": "much"}, "amount", "digits only"),
        ("project", {"amount": "-5", "currency": "CAD"}, "amount", "0 or more"),
        ("project", {"currency": "EURO"}, "currency", "code of a currency"),
        ("project", {"currency": "E1R"}, "currency", "code of a currency"),
        ("annual_budget", {"amount": "a lot"}, "amount", "digits only"),
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


@pytest.mark.parametrize(
    ("field", "most"), [("title", 250), ("reference", 40), ("summary", 50_000), ("links", 50_000)]
)
def test_of_a_text_that_is_too_long_its_length_and_the_most_are_told(
    field: str, most: int, staff_client: Client
) -> None:
    response = post_new(staff_client, RecordKind.INITIATIVE, **{field: "x" * (most + 1)})
    assert response.context["form"].errors[field] == [
        f"The text has {most + 1} characters; at most {most} are kept. Shorten it."
    ]


@pytest.mark.parametrize("field", ["countries", "links"])
def test_a_long_text_pasted_at_the_wrong_question_is_not_gone_through(
    field: str, staff_client: Client
) -> None:
    text = "x;\n" * (TEXT_LENGTH.limit_value // 3 + 2)
    response = post_new(staff_client, RecordKind.INITIATIVE, **{field: text})
    assert response.status_code == 400
    assert len(response.context["form"].errors[field]) == 1


@pytest.mark.parametrize("field", ["countries", "links"])
def test_of_many_wrong_answers_no_more_are_told_than_one_reads(
    field: str, staff_client: Client
) -> None:
    text = ";\n".join(f"!{number}" for number in range(MAX_ERRORS + 1))
    response = post_new(staff_client, RecordKind.INITIATIVE, **{field: text})
    assert len(response.context["form"].errors[field]) == MAX_ERRORS


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
        "https://www.ibcr.org/en/a;b",
        "https://www.ibcr.org/fr/",
    ]
    assert [item.name for item in items if item.file] == ["decree.pdf", "list.pdf"]


def test_a_file_that_is_no_evidence_is_refused_and_asked_for_again(staff_client: Client) -> None:
    response = post_new(
        staff_client, RecordKind.EVENT, new_files=[SimpleUploadedFile("page.html", b"<b>")]
    )
    assert "“page.html” is not a PDF" in response.context["form"].errors["new_files"][0]
    assert "Choose the files again" in read_text(response)
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

    page = staff_client.get(reverse("indicators:record_create", args=["activity"])).content.decode()
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
            for n in range(MAX_CHOICES + 1)
        ]
    )
    page = staff_client.get(
        reverse("indicators:record_create", args=["initiative"])
    ).content.decode()
    assert '<datalist id="project-list">' in page
    assert post_new(staff_client, RecordKind.INITIATIVE, project="PRJ-7").status_code == 302
    assert Initiative.objects.filter(project__reference="PRJ-7").count() == 1
    refused = post_new(staff_client, RecordKind.INITIATIVE, project="PRJ-7\x00")
    assert refused.status_code == 400


def test_reports_are_filed_under_the_indicators_that_ask_for_them(
    staff_client: Client, staff: User
) -> None:
    form = staff_client.get(reverse("indicators:record_create", args=["action_report"])).context[
        "form"
    ]
    filed = form.fields["filed_under"].queryset
    assert [indicator.code for indicator in filed] == ["3.1", "3.2"]
    post_new(staff_client, RecordKind.ACTION_REPORT, filed_under=[row.pk for row in filed])
    assert ActionReport.objects.get().filed_under.count() == 2


def test_a_country_can_be_chosen_where_the_names_of_two_are_alike(staff_client: Client) -> None:
    make_country("CD")
    post_new(staff_client, RecordKind.INITIATIVE, countries="CD")
    assert Initiative.objects.get().countries.get().code == "CD"

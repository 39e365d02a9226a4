"""Lists of records: search, filters, order, pages, and the records behind one figure."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from indicators.forms.registry import RECORD_TYPES
from indicators.models import Initiative, Status
from strategy.choices import Reason, RecordKind, Role
from strategy.models import Plan, User
from tests.conftest import client_of
from tests.factories import NOON, make_approved, make_record, make_user
from tests.support.query_baselines import Baseline

INITIATIVES = reverse("indicators:record_list", args=["initiative"])


def shown(client: Client, address: str) -> list[str]:
    """Return the references of the records on the page, in order."""
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[:2000]
    return [row.record.reference for row in response.context["rows"]]


@pytest.fixture
def _plan(plan: Plan) -> None:
    """Load the plan with its reference data."""


pytestmark = pytest.mark.usefixtures("_plan")


@pytest.fixture
def three(plan: Plan, staff: User) -> None:
    make_approved(
        "initiative",
        reference="INI-1",
        title="Sénégal : formation de la police",
        countries=["SN"],
        fields_of_activity=["justice"],
        starts_on="2017-05",
        entered_by=staff,
        at=NOON,
    )
    make_record(
        "initiative",
        reference="INI-2",
        title="Niger: children in displacement",
        countries=["NE", "TG"],
        fields_of_activity=["emergencies"],
        starts_on="2019-02-03",
        notes="With the Cote d’Ivoire team",
        entered_by=staff,
        at=NOON + timedelta(days=1),
    )
    make_record(
        "initiative",
        reference="INI-3",
        title="Canada: course for lawyers",
        status=Status.SUBMITTED,
        countries=["CA"],
        fields_of_activity=[],
        starts_on=None,
        entered_by=staff,
        at=NOON + timedelta(days=2),
    )


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ["INI-3", "INI-2", "INI-1"]),
        ("q=police", ["INI-1"]),
        ("q=POLICE+senegal", ["INI-1"]),
        ("q=" + quote("sénégal"), ["INI-1"]),
        ("q=ini-2", ["INI-2"]),
        ("q=" + quote("Côte d'ivoire"), ["INI-2"]),
        ("q=nothing", []),
        ("q=" + quote("100%"), []),
        ("q=" + quote("(["), []),
        ("status=submitted", ["INI-3"]),
        ("country=TG", ["INI-2"]),
        ("field=emergencies", ["INI-2"]),
        ("year=2019", ["INI-2", "INI-1"]),
        ("year=2017", ["INI-1"]),
        ("year=2016", []),
        ("who=aissa", ["INI-3", "INI-2", "INI-1"]),
        ("country=SN&status=draft", []),
        ("sort=name", ["INI-3", "INI-2", "INI-1"]),
        ("sort=-name", ["INI-1", "INI-2", "INI-3"]),
        ("sort=when", ["INI-1", "INI-2", "INI-3"]),
        ("sort=-when", ["INI-2", "INI-1", "INI-3"]),
        ("sort=changed", ["INI-1", "INI-2", "INI-3"]),
        ("sort=status", ["INI-1", "INI-2", "INI-3"]),
        ("unknown=whatever", ["INI-3", "INI-2", "INI-1"]),
    ],
)
def test_what_is_asked_is_what_is_shown(
    query: str, references: list[str], staff_client: Client
) -> None:
    assert shown(staff_client, f"{INITIATIVES}?{query}") == references


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("name", ["status", "country", "field", "year", "who"])
def test_a_value_that_there_is_not_is_named_at_its_filter(name: str, staff_client: Client) -> None:
    response = staff_client.get(f"{INITIATIVES}?{name}=atlantis&q=police")

    assert response.status_code == 400
    assert response.context["rows"] == []
    assert response.context["form"].errors[name] == [
        "“atlantis” is not one of these. Choose from the list."
    ]
    assert 'value="police"' in response.content.decode()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("page=abc", "“abc” is not the number of a page"),
        ("page=2", "There is no page 2: the list has 1"),
        ("page=0", "There is no page 0"),
        ("page=-1", "There is no page -1"),
        ("sort=colour", "cannot be sorted by “colour”"),
        ("target=9.9", "no target “9.9” on records of this kind"),
        ("target=2.1-decisions", "no target “2.1-decisions” on records of this kind"),
        ("target=1.1-countries&as_of=2018-02-30", "“2018-02-30” is not a day"),
        ("target=1.1-countries&counts=perhaps", "Write counts=yes or counts=no"),
        ("target=1.1-countries&year=2031", "has no year “2031”"),
        ("target=1.1-countries&slice=XX", "“XX” is not a part of this figure"),
        ("target=1.1-initiatives&slice=NE", "tells these records not apart"),
        ("target=1.1-initiatives&slice=XX&by=country", "“XX” is not a part of this figure"),
        ("target=1.1-countries&counts=no&reason=bad_luck", "“bad_luck” is no reason"),
        ("target=1.1-countries&plan=1999", "There is no plan “1999”"),
    ],
)
def test_an_address_that_means_nothing_says_so(
    query: str, sentence: str, staff_client: Client
) -> None:
    response = staff_client.get(f"{INITIATIVES}?{query}")
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_a_search_with_a_null_character_is_refused_as_a_value(staff_client: Client) -> None:
    make_record("initiative")
    assert staff_client.get(f"{INITIATIVES}?q=%00").status_code == 400


def test_a_kind_that_there_is_not_has_no_list(staff_client: Client) -> None:
    assert staff_client.get("/records/festival/").status_code == 404


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_has_its_list(kind: RecordKind, staff: User, staff_client: Client) -> None:
    record = make_record(kind, entered_by=staff)
    address = reverse("indicators:record_list", args=[kind])
    assert shown(staff_client, address) == [record.reference]
    found = shown(staff_client, f"{address}?q={quote(record.reference)}&sort=name")
    assert found == [record.reference]


def test_fifty_records_are_a_page(staff: User, staff_client: Client) -> None:
    person = {"entered_by": staff, "changed_by": staff, "office": staff.office}
    Initiative.objects.bulk_create(
        [Initiative(title=f"Number {n}", reference=f"I-{n:03}", **person) for n in range(120)]
    )
    pages = [shown(staff_client, f"{INITIATIVES}?sort=name&page={n}") for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({reference for page in pages for reference in page}) == 120
    text = staff_client.get(f"{INITIATIVES}?sort=name&page=2").content.decode()
    assert "51 to 100 of 120" in text
    assert "?sort=name&amp;page=3" in text


@pytest.mark.usefixtures("three")
def test_conditions_in_force_are_shown_each_with_the_address_without_it(
    staff_client: Client,
) -> None:
    response = staff_client.get(f"{INITIATIVES}?q=police&country=SN&sort=name")

    chips = {chip["label"]: chip["url"] for chip in response.context["chips"]}
    assert chips == {
        "Search: police": "?country=SN&sort=name",
        "Country: Senegal": "?q=police&sort=name",
    }
    assert response.context["summary"] == "1 of 3"


@pytest.mark.usefixtures("three")
def test_the_list_says_how_many_wait_and_what_each_counts_towards(staff_client: Client) -> None:
    response = staff_client.get(INITIATIVES)

    assert response.context["rest"] == "1 waits for approval"
    last = {row.record.reference: row.counting_text for row in response.context["rows"]}
    assert last == {"INI-1": "1.1, 1.2", "INI-2": "", "INI-3": ""}


@pytest.mark.usefixtures("three")
def test_a_filter_offers_only_what_the_records_have(staff_client: Client) -> None:
    form = staff_client.get(INITIATIVES).context["form"]

    countries = [code for code, _name in form.fields["country"].choices]
    assert sorted(filter(None, countries)) == ["CA", "NE", "SN", "TG"]
    assert "office" not in form.fields
    years = [label for label, _name in form.fields["year"].choices]
    assert list(filter(None, years)) == ["2016", "2017", "2018", "2019", "2020"]
    sponsors = staff_client.get(reverse("indicators:record_list", args=["sponsor"])).context["form"]
    assert "country" not in sponsors.fields
    assert "field" not in sponsors.fields


def test_managers_filter_by_office(manager_client: Client, staff: User) -> None:
    make_record("initiative", entered_by=staff, reference="INI-1")
    make_record("initiative", entered_by=make_user(Role.STAFF, "dakar"), reference="INI-2")
    assert shown(manager_client, f"{INITIATIVES}?office=dakar") == ["INI-2"]


def test_nothing_recorded_yet_says_what_to_do(staff_client: Client) -> None:
    page = staff_client.get(INITIATIVES).content.decode()
    assert "Nothing is recorded here yet" in page
    assert page.count("Record an initiative") == 1
    assert page.count("One capacity-building process") == 1
    assert reverse("indicators:record_create", args=["initiative"]) in page


@pytest.mark.usefixtures("three")
def test_nothing_found_says_how_to_find_more(staff_client: Client) -> None:
    page = staff_client.get(f"{INITIATIVES}?q=nothing").content.decode()
    assert "No record meets these conditions" in page


def test_staff_see_their_office_and_managers_see_all(
    staff_client: Client, manager_client: Client, staff: User
) -> None:
    make_record("initiative", entered_by=staff, reference="INI-1")
    make_record("initiative", entered_by=make_user(Role.STAFF, "dakar"), reference="INI-2")
    assert shown(staff_client, INITIATIVES) == ["INI-1"]
    assert set(shown(manager_client, INITIATIVES)) == {"INI-1", "INI-2"}


@pytest.mark.parametrize("role", [Role.BOARD, Role.ADMIN])
def test_board_and_administrators_see_no_list(role: Role) -> None:
    client = client_of(make_user(role))
    assert client.get(INITIATIVES).status_code == 403
    assert client.get(reverse("indicators:record_index")).status_code == 403


def test_what_people_wrote_is_never_markup(staff: User, staff_client: Client) -> None:
    make_record("initiative", entered_by=staff, title="<script>alert(1)</script>")
    page = staff_client.get(INITIATIVES).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.fixture
def figures(plan: Plan, staff: User) -> None:
    """Create initiatives of two offices that count and do not count under 1.1."""
    dakar = make_user(Role.STAFF, "dakar")
    make_approved("initiative", reference="NE", countries=["NE", "TG"], entered_by=staff)
    make_approved("initiative", reference="SN", countries=["SN"], entered_by=dakar)
    make_approved("initiative", reference="CA", countries=["CA"], entered_by=staff)
    make_approved("initiative", reference="LATE", starts_on="2020", entered_by=staff)
    make_record("initiative", reference="DRAFT", entered_by=staff, evidence=1)
    make_record("initiative", reference="BARE", entered_by=staff)


FIGURE = f"{INITIATIVES}?target=1.1-countries&as_of=2019-12-31"


@pytest.mark.usefixtures("figures")
def test_a_figure_lists_exactly_the_records_that_it_counts(manager_client: Client) -> None:
    assert set(shown(manager_client, f"{FIGURE}&counts=yes")) == {"NE", "SN"}
    assert shown(manager_client, f"{FIGURE}&counts=yes&slice=TG") == ["NE"]
    assert set(shown(manager_client, f"{FIGURE}&year=2018")) == {"NE", "SN"}
    assert shown(manager_client, f"{FIGURE}&year=2017") == []
    assert "LATE" in shown(manager_client, f"{INITIATIVES}?target=1.1-countries")


@pytest.mark.usefixtures("figures")
def test_a_figures_records_are_told_apart_by_any_dimension_and_by_reason(
    manager_client: Client,
) -> None:
    asked = f"{INITIATIVES}?target=1.1-initiatives&plan=2017-2020&as_of=2019-12-31"
    assert shown(manager_client, f"{asked}&slice=SN&by=country") == ["SN"]
    assert shown(manager_client, f"{asked}&counts=no&reason=no_evidence") == ["BARE"]
    assert shown(manager_client, f"{asked}&counts=no&reason=no_date") == []


@pytest.mark.usefixtures("figures")
def test_a_figure_lists_what_it_leaves_out_each_with_its_reason(manager_client: Client) -> None:
    response = manager_client.get(f"{FIGURE}&counts=no")

    reasons = {row.record.reference: row.counting_text for row in response.context["rows"]}
    assert reasons == {
        "CA": Reason.OUTSIDE_GEOGRAPHY.label,
        "LATE": Reason.AFTER_AS_OF.label,
        "DRAFT": Reason.NOT_APPROVED.label,
        "BARE": Reason.NO_EVIDENCE.label,
    }
    assert "Reason" in response.content.decode()


@pytest.mark.usefixtures("figures")
def test_the_head_says_which_figure_it_is_and_leads_back(manager_client: Client) -> None:
    page = manager_client.get(f"{FIGURE}&counts=yes&slice=TG&year=2018").content.decode()
    assert "1.1 Countries: the records that count" in page
    assert "Year 2018, as of 31 December 2019." in page
    assert "Only: Togo." in page
    assert "/targets/1.1-countries/?plan=2017-2020&amp;as_of=2019-12-31" in page
    assert 'name="target" value="1.1-countries"' in page
    assert "Export" in page
    assert "?target=1.1-countries&amp;as_of=2019-12-31&amp;counts=yes" in page


@pytest.mark.usefixtures("figures")
def test_staff_are_told_how_many_of_a_figures_records_belong_to_others(
    staff_client: Client,
) -> None:
    response = staff_client.get(f"{FIGURE}&counts=yes")
    page = response.content.decode()
    assert [row.record.reference for row in response.context["rows"]] == ["NE"]
    assert "Shown: 1 of 2; the others belong to other offices." in page
    assert "Export" not in page


@pytest.mark.usefixtures("figures")
def test_a_figures_records_can_be_searched_further(manager_client: Client) -> None:
    assert shown(manager_client, f"{FIGURE}&counts=yes&country=TG") == ["NE"]


@pytest.mark.django_db(transaction=True)
def test_the_cost_of_a_list_does_not_grow_with_its_records(
    staff: User, staff_client: Client, query_baseline: Baseline
) -> None:
    def fill(times: int) -> None:
        for _time in range(times):
            make_approved("initiative", entered_by=staff, countries=["NE", "TG"])

    # The plan is kept, as it is between changes of it; the pages are not.
    fill(1)
    staff_client.get(f"{FIGURE}&counts=no")
    for times in (2, 10):
        fill(times)
        with query_baseline("record_list"):
            staff_client.get(INITIATIVES)
        with query_baseline("record_list_of_a_figure"):
            staff_client.get(f"{FIGURE}&counts=no")


def test_all_kinds_at_a_glance(staff: User, staff_client: Client, query_baseline: Baseline) -> None:
    for kind in RECORD_TYPES:
        make_record(kind, entered_by=staff, status=Status.SUBMITTED)
    make_record("event", entered_by=make_user(Role.STAFF, "dakar"))
    with query_baseline("record_index"):
        response = staff_client.get(reverse("indicators:record_index"))
    kinds = [one for _label, some in response.context["groups"] for one in some]
    numbers = {one["record_type"].kind: one["total"] for one in kinds}
    assert numbers["event"] == 1
    assert all(one["submitted"] for one in kinds)


def test_search_looks_for_every_word_in_any_text(staff: User) -> None:
    make_record("initiative", title="Police", notes="Niamey", entered_by=staff)
    found = Initiative.objects.matching("niamey police")
    assert found.count() == 1
    assert Initiative.objects.matching("niamey army").count() == 0

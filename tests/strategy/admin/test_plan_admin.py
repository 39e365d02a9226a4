"""Officers edit the plan, administrators the reference data; meaningless rules are refused."""

import re
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from strategy.choices import Role
from strategy.countries import CountryNames
from strategy.models import (
    Condition,
    Country,
    CountryList,
    Indicator,
    Office,
    Sector,
    Target,
    TargetVersion,
    User,
)
from tests.conftest import client_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

OFFICERS_ROWS = (
    *("plan", "section", "pillar", "qualitycriterion"),
    *("priority", "objective", "indicator", "target"),
)
REFERENCE_ROWS = (
    *("country", "countrylist", "office", "capability"),
    *("feature", "fieldofactivity", "partnertype", "policyarea", "sector", "targetgroup"),
)
REFUSED = re.compile(
    r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)"""
)
"""Markup that the content security policy forbids."""


def pages_of(name: str) -> list[str]:
    row = apps.get_model("strategy", name).objects.first()
    start = f"admin:strategy_{name}"
    return [
        reverse(f"{start}_changelist"),
        reverse(f"{start}_add"),
        reverse(f"{start}_change", args=[row.pk]),
        reverse(f"{start}_history", args=[row.pk]),
        reverse(f"{start}_delete", args=[row.pk]),
    ]


def test_every_page_of_an_officer_works_and_obeys_the_policy(officer_client: Client) -> None:
    for name in OFFICERS_ROWS:
        for address in pages_of(name):
            answer = officer_client.get(address)
            assert answer.status_code == 200, address
            assert not REFUSED.search(answer.content.decode()), address
            assert "script-src 'self';" in answer["Content-Security-Policy"]


def test_every_page_of_an_administrator_works_and_obeys_the_policy(admin_client: Client) -> None:
    for name in REFERENCE_ROWS:
        for address in pages_of(name):
            answer = admin_client.get(address)
            assert answer.status_code == 200, address
            assert not REFUSED.search(answer.content.decode()), address
    assert not REFUSED.search(admin_client.get(reverse("admin:index")).content.decode())


def test_each_keeps_only_the_own_rows(officer_client: Client, admin_client: Client) -> None:
    for name in REFERENCE_ROWS:
        listed, added, *_rest = pages_of(name)
        assert officer_client.get(listed).status_code == 200
        assert officer_client.get(added).status_code == 403
    for name in OFFICERS_ROWS:
        assert admin_client.get(pages_of(name)[0]).status_code == 403
    assert officer_client.get(reverse("strategy:people")).status_code == 403


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.BOARD])
def test_nobody_else_is_let_in(role: Role) -> None:
    client = client_of(make_user(role, is_staff=True))
    assert client.get(reverse("admin:index")).status_code == 403
    assert client.get(pages_of("target")[2]).status_code == 403


def test_records_and_groups_are_not_kept_here() -> None:
    names = {
        model._meta.label
        for model in apps.get_model("strategy", "Plan")._meta.apps.get_models()
        if model.__module__.startswith("indicators") or model._meta.label == "auth.Group"
    }
    for label in names:
        app, name = label.lower().split(".")
        assert (
            client_of(User.objects.create_superuser(f"root-{name}", password="x"))
            .get(f"/admin/{app}/{name}/")
            .status_code
            == 404
        )


def test_a_row_that_is_not_there_is_404(officer_client: Client) -> None:
    for verb in ("change", "delete", "history"):
        assert officer_client.get(f"/admin/strategy/target/999999/{verb}/").status_code == 404


def test_a_number_in_the_list_has_no_decimals_that_say_nothing(officer_client: Client) -> None:
    page = officer_client.get(reverse("admin:strategy_target_changelist")).content.decode()
    least = re.findall(r'class="field-minimum_text[^"]*">([^<]*)<', page)
    assert {"50", "25"} <= set(least)
    assert {"20", "–"} == set(re.findall(r'class="field-maximum_text[^"]*">([^<]*)<', page))


def test_each_language_has_its_own_part_of_the_form(officer_client: Client) -> None:
    form = officer_client.get(pages_of("target")[2]).context["adminform"]
    parts = {fieldset.name: fieldset for fieldset in form}
    assert list(parts) == [None, "English", "French", "Spanish", "Arabic"]
    assert parts["Arabic"].fields == ["name_ar", "unit_ar"]
    assert form.form.fields["name_ar"].widget.attrs["dir"] == "rtl"
    assert form.form.fields["name_en"].required
    assert not form.form.fields["name_ar"].required


def answers(target: Target, **values: Any) -> dict[str, Any]:
    """Return the form of a target as displayed, with some answers changed."""
    form = {k: v for k, v in model_to_dict(target).items() if v is not None}
    conditions = list(target.conditions.all())
    form |= {
        "conditions-TOTAL_FORMS": len(conditions),
        "conditions-INITIAL_FORMS": len(conditions),
    }
    for number, condition in enumerate(conditions):
        one = {
            "id": condition.pk,
            "target": target.pk,
            "number": condition.number,
            "dimension": condition.dimension,
            "test": condition.test,
            "country_lists": [one.pk for one in condition.country_lists.all()],
            "codes": ", ".join(condition.codes),
            "scopes_without_value": ", ".join(condition.scopes_without_value),
        }
        form |= {f"conditions-{number}-{name}": value for name, value in one.items()}
    return {**form, **values}


def save(client: Client, target: Target, **values: Any) -> Any:
    there = reverse("admin:strategy_target_change", args=[target.pk])
    return send(client, there, answers(target, **values), follow=True)


def send(
    client: Client, there: str, form: dict[str, Any], *, reason: str = "Decided", **options: Any
) -> Any:
    """Send a form; where it can move figures, send its preview too, with the reason."""
    answer = client.post(there, form, **options)
    token = answer.context["token"] if answer.context and "token" in answer.context else None
    if token is None:
        return answer
    return client.post(
        there, {**form, "figure_previewed": token, "figure_reason": reason}, **options
    )


def read_html(answer: Any) -> str:
    return answer.content.decode().replace("&quot;", '"')


def test_a_changed_rule_is_kept_with_who_made_it(officer_client: Client, officer: User) -> None:
    target = Target.objects.get(code="1.1-countries")
    assert save(officer_client, target, number="3").redirect_chain
    target.refresh_from_db()
    assert target.number == 3
    newest = target.history.first()
    assert newest is not None
    assert (newest.number, newest.history_user) == (3, officer)
    save(officer_client, target, number="4")
    page = officer_client.get(reverse("admin:strategy_target_history", args=[target.pk]))
    assert "<del>3</del> → <ins>4</ins>" in read_html(page)
    assert "Camille" in read_html(page)


def test_a_changed_condition_stands_in_the_history_of_its_target(officer_client: Client) -> None:
    target = Target.objects.get(code="2.3-events")
    condition = target.conditions.get(dimension="event_kind")
    number = list(target.conditions.all()).index(condition)
    assert save(
        officer_client, target, **{f"conditions-{number}-codes": "conference; workshop"}
    ).redirect_chain
    condition.refresh_from_db()
    assert condition.codes == ["conference", "workshop"]
    newest = target.history.first()
    assert newest is not None
    assert newest.history_change_reason.startswith("Decided\nConditions: ")
    assert "kind of event at least one value inside conference, workshop" in (
        newest.history_change_reason
    )
    assert condition.history.count() == 1


def test_saving_what_did_not_change_says_nothing_of_conditions(officer_client: Client) -> None:
    target = Target.objects.get(code="2.2-decisions")
    assert save(officer_client, target).redirect_chain
    newest = target.history.first()
    assert newest is not None
    assert not newest.history_change_reason
    assert target.conditions.count() == 2


BAD = [
    ("2.1-decisions", {"dimension": "event_role"}, "has no dimension “event_role”"),
    ("2.1-decisions", {"measure": "smallest_share"}, "This measure needs a dimension."),
    ("2.1-decisions", {"record_kind": "network"}, "has no dimension “authority_country”"),
    ("2.1-decisions", {"conditions-0-dimension": "event_role"}, "has no dimension “event_role”"),
    ("2.1-decisions", {"conditions-0-country_lists": []}, "at least one code or list of countries"),
    (
        "2.1-decisions",
        {"conditions-0-dimension": "instrument", "conditions-0-codes": "law"},
        "Only a condition on countries may name lists",
    ),
    ("2.3-events", {"conditions-0-codes": "conference, party"}, "has no code conference, party"),
    ("1.1-initiatives", {"conditions-0-scopes_without_value": "galactic"}, "galactic"),
    ("1.1-initiatives", {"due_months": "many"}, "Enter a whole number."),
    ("1.1-initiatives", {"unit_en": ""}, "This field is required."),
]


@pytest.mark.parametrize(("code", "values", "sentence"), BAD)
def test_a_rule_that_means_nothing_is_not_saved(
    officer_client: Client, code: str, values: dict[str, Any], sentence: str
) -> None:
    target = Target.objects.get(code=code)
    before = model_to_dict(target), list(target.conditions.values())
    answer = save(officer_client, target, **values)
    assert not answer.redirect_chain
    assert sentence in read_html(answer)
    target.refresh_from_db()
    assert (model_to_dict(target), list(target.conditions.values())) == before
    assert not target.history.exists()


@pytest.fixture
def new_target(officer_client: Client) -> dict[str, Any]:
    texts = {f"{name}_en": name for name in ("name", "unit")}
    texts |= {f"versions-0-{name}_en": name for name in ("statement", "rule")}
    return {
        "indicator": Indicator.objects.get(code="2.3").pk,
        "code": "2.3-campaigns",
        "number": 3,
        "record_kind": "event",
        "measure": "count",
        "frequency": "whole_plan",
        "due_months": 0,
        **texts,
        "versions-TOTAL_FORMS": 1,
        "versions-INITIAL_FORMS": 0,
        "versions-0-minimum": 2,
        "conditions-TOTAL_FORMS": 1,
        "conditions-INITIAL_FORMS": 0,
        "conditions-0-number": 1,
        "conditions-0-dimension": "instrument",
        "conditions-0-test": "inside",
        "conditions-0-codes": "law",
    }


def test_a_new_target_with_a_condition_on_nothing_it_has_is_not_saved(
    officer_client: Client, new_target: dict[str, Any]
) -> None:
    there, form = reverse("admin:strategy_target_add"), new_target
    answer = officer_client.post(there, form)
    assert "has no dimension “instrument”" in read_html(answer)
    good = {"conditions-0-dimension": "event_kind", "conditions-0-codes": "campaign"}
    bad = {"versions-0-maximum": 1}
    answer = officer_client.post(there, {**form, **good, **bad})
    assert "The maximum must not be below the minimum." in read_html(answer)
    assert send(officer_client, there, {**form, **good}).status_code == 302
    version = TargetVersion.objects.get(target__code="2.3-campaigns")
    assert (version.in_force_from, version.minimum) == (date(2017, 1, 1), 2)
    assert Condition.objects.get(target__code="2.3-campaigns").codes == ["campaign"]


GOOD_CONDITION = {"conditions-0-dimension": "event_kind", "conditions-0-codes": "campaign"}


@pytest.mark.parametrize(
    ("milestones", "sentence"),
    [
        ("2018", "write each year with its number"),
        ("2018: 1\n2018: 2", "write each year with its number"),
        ("2018: some", "The milestone of 2018 must be a number"),
        ("2016: 1\n2020: 2", "the plan has no year “2016”"),
        ("2018: 1\n2019: 1.5", "The last milestone, that of 2019, must equal the minimum."),
        ("2018: 2\n2019: 1\n2020: 2", "The milestone of 2019 is below that of 2018."),
    ],
)
def test_milestones_of_a_new_target_that_mean_nothing_are_not_saved(
    officer_client: Client, new_target: dict[str, Any], milestones: str, sentence: str
) -> None:
    form = {**new_target, **GOOD_CONDITION, "versions-0-milestones": milestones}
    page = read_html(officer_client.post(reverse("admin:strategy_target_add"), form))
    assert sentence in page
    assert milestones.splitlines()[-1] in page, "what was typed stays in the form"
    assert not Target.objects.filter(code="2.3-campaigns").exists()


def test_the_first_version_of_a_new_target_takes_milestones(
    officer_client: Client, new_target: dict[str, Any]
) -> None:
    form = {**new_target, **GOOD_CONDITION, "versions-0-milestones": " 2018 : 1\r\n\r\n2020: 2"}
    there = reverse("admin:strategy_target_add")
    assert send(officer_client, there, form).status_code == 302
    version = TargetVersion.objects.get(target__code="2.3-campaigns")
    assert version.milestones == {"2018": "1", "2020": "2"}
    assert [each.value for each in version.dated_milestones] == [1, 2]


def test_the_first_statement_of_a_new_target_names_no_other_number(
    officer_client: Client, new_target: dict[str, Any]
) -> None:
    statement = {"versions-0-statement_en": "3 campaigns by 2020"}
    form = {**new_target, **GOOD_CONDITION, **statement}
    answer = officer_client.post(reverse("admin:strategy_target_add"), form)
    assert "The number 3 is no minimum, maximum or milestone." in read_html(answer)
    right = {"versions-0-statement_en": "2 campaigns by 2020"}
    there = reverse("admin:strategy_target_add")
    assert send(officer_client, there, {**form, **right}).status_code == 302


def test_a_code_that_is_no_row_is_said_after_saving(officer_client: Client) -> None:
    target = Target.objects.get(code="3.4-policies")
    answer = save(officer_client, target, **{"conditions-0-codes": "human_resources, parking"})
    assert answer.redirect_chain
    assert "The plan is not well formed" in read_html(answer)
    assert "there is no policy area parking" in read_html(answer)


def test_the_code_of_a_reference_row_never_changes(admin_client: Client) -> None:
    sector = Sector.objects.get(code="health")
    there = reverse("admin:strategy_sector_change", args=[sector.pk])
    form = {"code": "medicine", "number": 9, "name_en": "Health care"}
    assert admin_client.post(there, form).status_code == 302
    sector.refresh_from_db()
    assert (sector.code, sector.name_en, sector.number) == ("health", "Health care", 9)


def test_what_is_in_use_cannot_be_deleted(admin_client: Client) -> None:
    niger = Country.objects.get(code="SN")
    assert Office.objects.filter(country=niger).exists()
    there = reverse("admin:strategy_country_delete", args=[niger.pk])
    answer = admin_client.post(there, {"post": "yes"})
    assert answer.status_code == 200
    assert Country.objects.filter(code="SN").exists()


def test_other_names_of_a_country_are_one_a_line_and_may_have_commas(admin_client: Client) -> None:
    congo = Country.objects.get(code="CD")
    there = reverse("admin:strategy_country_change", args=[congo.pk])
    form = {"numeric": "180", "name_en": "DR Congo", "aliases": "\r\n".join(congo.aliases)}
    assert admin_client.post(there, form).status_code == 302
    assert Country.objects.get(code="CD").aliases == congo.aliases
    assert CountryNames().find("Congo, République démocratique du") == congo


def test_kosovo_is_added_as_the_refusal_of_its_name_says(admin_client: Client) -> None:
    assert "Ask an administrator to add it, with the number 983." in (
        CountryNames().explain_unknown("Kosovo")
    )
    form = {"code": "XK", "numeric": "983", "name_en": "Kosovo", "aliases": ""}
    assert admin_client.post(reverse("admin:strategy_country_add"), form).status_code == 302
    assert CountryNames().find("Kosovo") == Country.objects.get(code="XK")


def test_a_list_of_countries_can_be_confirmed(admin_client: Client) -> None:
    targeted = CountryList.objects.get(code="foreign_policy")
    there = reverse("admin:strategy_countrylist_change", args=[targeted.pk])
    countries = [country.pk for country in targeted.countries.all()]
    form = {"name_en": "Targeted", "source_en": "A letter", "countries": countries}
    assert admin_client.post(there, {**form, "is_confirmed": "on"}).status_code == 302
    targeted.refresh_from_db()
    assert targeted.is_confirmed


@pytest.mark.parametrize("name", OFFICERS_ROWS)
def test_a_list_costs_the_same_for_more_rows(
    officer_client: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        officer_client.get(pages_of(name)[0])

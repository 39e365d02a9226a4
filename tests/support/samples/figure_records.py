"""Records with which every target has a figure."""

from tests.factories import make_approved, make_record


def make_records() -> None:
    for country, begun, fields in (
        ("NE", "2015-11-05", ["justice"]),
        ("SN", "2017-04", ["violence"]),
        ("BF", "2018-08-20", ["emergencies", "justice"]),
        ("TG", "2018-09", ["justice"]),
        ("MG", "2019-02-01", ["violence"]),
    ):
        make_approved("initiative", countries=[country], starts_on=begun, fields_of_activity=fields)
    make_approved("initiative", countries=["CA"], fields_of_activity=["justice"], starts_on="2018")
    make_record("initiative", status="submitted", evidence=1)
    make_approved("country_support", country="TG", starts_on="2018")
    make_approved("decision", authority_country="NE", occurred_on="2018-08-22")
    make_approved("decision", authority_country="CA", countries_concerned=["CA"])
    make_approved("network", starts_on="2017-06")
    make_approved("event", role="attended")
    make_approved("sector_strengthened", sector="education", occurred_on="2018-02-02")
    make_approved("action_report", filed_under=["3.1"], year_covered="2017", issued_on="2018-02-01")
    for signed in ("2017-02", "2017-03", "2018-05-05"):
        make_approved("sponsor", first_agreement_on=signed)
    for year, amount in (("2016", "300"), ("2017", "333.1"), ("2018", "420")):
        make_approved("annual_budget", year=year, amount=amount)
    make_approved("policy_update", areas=["human_resources"], occurred_on="2018-11-05")

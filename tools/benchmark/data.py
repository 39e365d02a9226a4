"""Plausible records for a temporary database, written in bulk."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model

from indicators.models import (
    ActionReport,
    Activity,
    AnnualBudget,
    CountrySupport,
    Decision,
    Event,
    Evidence,
    Initiative,
    Network,
    PolicyUpdate,
    Project,
    Record,
    SectorStrengthened,
    Sponsor,
    Status,
)
from strategy.choices import BudgetBasis
from strategy.dates.periods import PartialDate
from strategy.models import (
    Capability,
    Country,
    Feature,
    FieldOfActivity,
    Indicator,
    Office,
    Plan,
    PolicyArea,
    Sector,
    TargetGroup,
    User,
)

BATCH = 2_000

SHARES: Mapping[type[Record], int] = {
    Project: 3,
    Initiative: 32,
    Activity: 28,
    CountrySupport: 8,
    Decision: 10,
    Network: 2,
    Event: 11,
    SectorStrengthened: 2,
    Sponsor: 2,
    ActionReport: 1,
    PolicyUpdate: 1,
}
"""The share of each kind in percent; budgets are extra, one per year."""


class Filler:
    """A writer of records of every kind; the same seed writes the same records."""

    def __init__(self, plan: Plan, at: datetime, seed: int = 2017) -> None:
        self.plan = plan
        self.rng = random.Random(seed)
        self.now = at
        self.numbers, self.titles = itertools.count(1), itertools.count(1)
        self.countries = list(Country.objects.values_list("pk", flat=True))
        self.rng.shuffle(self.countries)
        # Few countries have most of the records, as in fixtures/records.
        self.frequencies = list(
            itertools.accumulate(1 / rank for rank in range(1, 1 + len(self.countries)))
        )
        self.canada = Country.objects.get(code="CA").pk
        self.words: dict[type[Model], list[int]] = {
            model: list(model.objects.values_list("pk", flat=True))
            for model in (Capability, Feature, FieldOfActivity, PolicyArea, Sector, TargetGroup)
        }
        self.indicators = list(Indicator.objects.of_plan(plan).values_list("pk", flat=True))
        self.office = Office.objects.order_by("pk")[0]
        self.author = User.objects.create(username=f"author-{seed}", office=self.office)
        self.approver = User.objects.create(username=f"approver-{seed}", office=self.office)

    def fill(self, size: int) -> int:
        """Write about ``size`` records and return their exact number."""
        written = 0
        with transaction.atomic():
            for model, share in SHARES.items():
                written += self._write(model, max(1, size * share // 100))
            written += self._budgets()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return written

    def _write(self, model: type[Record], number: int) -> int:
        values = self._values[model]
        evidence_of = ContentType.objects.get_for_model(model).pk
        for start in range(0, number, BATCH):
            size = min(BATCH, number - start)
            rows = [model(**self._life(model), **values()) for _one in range(size)]
            model.objects.bulk_create(rows)
            Evidence.objects.bulk_create(
                Evidence(
                    content_type_id=evidence_of,
                    object_id=row.pk,
                    url=f"https://example.org/{row.reference}",
                )
                for row in rows
                if row.status != Status.DRAFT
            )
            self._links(model, rows)
        return number

    def _life(self, model: type[Record]) -> dict[str, object]:
        status = self.rng.choices(
            [Status.APPROVED, Status.SUBMITTED, Status.DRAFT, Status.RETURNED], [80, 10, 8, 2]
        )[0]
        approval = {}
        if status == Status.APPROVED:
            approval = {"approved_by": self.approver, "approved_at": self.now}
        return {
            "reference": f"{model.PREFIX}-B{next(self.numbers):07}",
            "status": status,
            "office": self.office,
            "entered_by": self.author,
            "changed_by": self.author,
            "submitted_at": None if status == Status.DRAFT else self.now,
            **approval,
        }

    def _links(self, model: type[Record], rows: list[Record]) -> None:
        pools: dict[str, list[int]] = {
            "fields_of_activity": self.words[FieldOfActivity],
            "kinds": self.words[Capability],
            "target_groups": self.words[TargetGroup],
            "areas": self.words[PolicyArea],
            "features": self.words[Feature],
            "filed_under": self.indicators,
        }
        for field in model._meta.many_to_many:
            through: Any = field.remote_field.through
            record, word = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            pool = pools.get(field.name)
            through._default_manager.bulk_create(
                (
                    through(**{record: row.pk, word: chosen})
                    for row in rows
                    for chosen in (self._sample(pool) if pool else self._some_countries())
                ),
                batch_size=BATCH,
            )

    def _sample(self, pool: list[int]) -> list[int]:
        number = self.rng.choices([0, 1, 2, 3], [5, 75, 14, 6])[0]
        return self.rng.sample(pool, min(len(pool), number))

    def _some_countries(self) -> set[int]:
        number = self.rng.choices([0, 1, 2, 3, 10], [10, 70, 8, 4, 8])[0]
        return set(self.rng.choices(self.countries, cum_weights=self.frequencies, k=number))

    def _day(self) -> PartialDate | None:
        year = self.rng.choices(range(2015, 2023), [2, 4, 20, 22, 22, 22, 6, 2])[0]
        month, day = self.rng.randint(1, 12), self.rng.randint(1, 28)
        texts = (f"{year}-{month:02}-{day:02}", f"{year}-{month:02}", f"{year}")
        text = self.rng.choices([*texts, None], [75, 15, 7, 3])[0]
        return PartialDate(text) if text else None

    def _span(self) -> dict[str, object]:
        days = sorted(day for day in (self._day(), self._day()) if day)
        if len(days) < 2:
            return {"starts_on": days[0] if days else None, "ends_on": None}
        return {"starts_on": days[0], "ends_on": self.rng.choice([days[1], None])}

    def _title(self, words: str) -> str:
        return f"{words} {self.rng.randrange(100_000)}-{next(self.titles)}"

    def _some(self, model: type[Model]) -> int:
        return self.rng.choice(self.words[model])

    def _country(self) -> int:
        if self.rng.random() < 0.1:
            return self.canada
        return self.rng.choices(self.countries, cum_weights=self.frequencies)[0]

    @property
    def _values(self) -> Mapping[type[Record], Callable[[], dict[str, object]]]:
        return {**self._programming, **self._advocacy, **self._operations}

    @property
    def _programming(self) -> Mapping[type[Record], Callable[[], dict[str, object]]]:
        choose = self.rng.choice
        initiatives = list(Initiative.objects.order_by("pk").values_list("pk", flat=True))
        return {
            Project: lambda: {"title": self._title("Project"), **self._span()},
            Initiative: lambda: {
                "title": self._title("Police training"),
                "scope": choose(["country", "country", "regional", "global"]),
                **self._span(),
            },
            Activity: lambda: {
                "title": self._title("Session"),
                "initiative_id": choose(initiatives),
                "country_id": self._country(),
                "women": self.rng.randrange(40),
                "men": self.rng.randrange(40),
                **self._span(),
            },
            SectorStrengthened: lambda: {
                "title": self._title("Course"),
                "sector_id": self._some(Sector),
                "country_id": choose([self.canada, self._country()]),
                "state": choose(["in_use", "in_progress"]),
                "occurred_on": self._day(),
            },
        }

    @property
    def _advocacy(self) -> Mapping[type[Record], Callable[[], dict[str, object]]]:
        choose = self.rng.choice
        return {
            CountrySupport: lambda: {
                "title": self._title("Advice to a ministry"),
                "country_id": self._country(),
                "support": choose(["advocacy", "institutional", "technical"]),
                **self._span(),
            },
            Decision: lambda: {
                "title": self._title("Decree"),
                "instrument": choose(["law", "decree", "policy", "budget"]),
                "authority": "Ministry of Justice",
                "authority_country_id": self._country(),
                "contribution": "Wrote the first draft.",
                "occurred_on": self._day(),
            },
            Network: lambda: {"title": self._title("Network"), "support": "member", **self._span()},
            Event: lambda: {
                "title": self._title("Conference"),
                "role": choose(["organised", "co_organised", "contributed", "attended"]),
                "kind": choose(["conference", "workshop", "webinar", "visit", "fundraising"]),
                "country_id": self._country(),
                "occurred_on": self._day(),
            },
        }

    @property
    def _operations(self) -> Mapping[type[Record], Callable[[], dict[str, object]]]:
        choose = self.rng.choice
        return {
            Sponsor: lambda: {"title": self._title("Sponsor"), "first_agreement_on": self._day()},
            ActionReport: lambda: {
                "title": self._title("Report on actions"),
                "year_covered": choose([year.label for year in self.plan.years]),
                "issued_on": self._day(),
            },
            PolicyUpdate: lambda: {
                "title": self._title("Policy"),
                "change": choose(["new", "revised", "reviewed"]),
                "occurred_on": self._day(),
            },
        }

    def _budgets(self) -> int:
        if AnnualBudget.objects.exists():
            return 0
        years = [self.plan.year_before, *self.plan.years]
        for place, year in enumerate(years):
            life = self._life(AnnualBudget) | {"status": Status.APPROVED}
            AnnualBudget.objects.create(
                year=year.label,
                amount=1_000_000 * 112**place // 100**place,
                currency="CAD",
                basis=BudgetBasis.APPROVED,
                **life,
            )
        return len(years)


def make_initiatives(plan: Plan, number: int) -> Iterator[dict[str, str]]:
    """Yield rows of an import file of initiatives, with the columns of the exchange format."""
    rng = random.Random(number)
    codes = list(Country.objects.values_list("code", flat=True))
    fields = [field.code for field in plan.fields_of_activity.all()]
    for place in range(number):
        yield {
            "reference": f"INI-IMPORT-{place:06}",
            "title": f"Police training {place}",
            "project": "",
            "scope": "country",
            "countries": ";".join(rng.sample(codes, 1 + place % 2)),
            "fields_of_activity": rng.choice(fields),
            "kinds": "training",
            "target_groups": "security_forces",
            "starts_on": f"{rng.randint(2017, 2020)}-{rng.randint(1, 12):02}",
            "ends_on": "",
            "summary": "",
            "evidence_url": f"https://example.org/{place}",
            "notes": "",
        }

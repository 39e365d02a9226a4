"""The translated columns of the plan and of the reference data.

The history of the plan's levels is registered here too, when the models have their columns of all
languages.
"""

import simple_history
from modeltranslation.translator import TranslationOptions, translator

from strategy.models import (
    Axis,
    Capability,
    Condition,
    Country,
    CountryList,
    FieldOfActivity,
    Indicator,
    Objective,
    Office,
    Passage,
    Pillar,
    Plan,
    PolicyArea,
    Priority,
    QualityCriterion,
    Section,
    Sector,
    Target,
    TargetGroup,
    TargetVersion,
)

_COLUMNS = {
    Axis: ("title",),
    Capability: ("name",),
    Country: ("name",),
    CountryList: ("name", "source"),
    FieldOfActivity: ("name", "text"),
    Indicator: ("statement", "baseline", "data_source", "method", "collected", "responsible"),
    Objective: ("statement", "short_title"),
    Office: ("name",),
    Passage: ("title", "text"),
    Pillar: ("title", "impact", "examples_heading", "examples"),
    Plan: ("title",),
    PolicyArea: ("name",),
    Priority: ("title",),
    QualityCriterion: ("name", "question"),
    Section: ("heading", "text"),
    Sector: ("name",),
    Target: ("name", "unit"),
    TargetGroup: ("name",),
    TargetVersion: ("statement", "rule"),
}

for _model, _columns in _COLUMNS.items():
    translator.register(
        _model, type(f"{_model.__name__}Translation", (TranslationOptions,), {"fields": _columns})
    )

for _model in (Plan, Objective, Indicator, Target, TargetVersion):
    simple_history.register(_model)
simple_history.register(Condition, m2m_fields=["country_lists"])

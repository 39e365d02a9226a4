"""The translated columns of the plan and of the reference data.

The history of the plan's levels is registered here too, when the models have their columns of all
languages.
"""

import simple_history
from modeltranslation.translator import TranslationOptions, translator

from strategy import models

_COLUMNS = {
    models.Axis: ("title",),
    models.Capability: ("name",),
    models.Country: ("name",),
    models.CountryList: ("name", "source"),
    models.Feature: ("name",),
    models.FieldOfActivity: ("name", "text"),
    models.Indicator: (
        "statement",
        "target_words",
        "baseline",
        "data_source",
        "method",
        "collected",
        "responsible",
    ),
    models.Objective: ("statement", "short_title"),
    models.Office: ("name",),
    models.Passage: ("title", "text"),
    models.Pillar: ("title", "impact", "examples_heading", "examples"),
    models.Plan: ("title",),
    models.PartnerType: ("name",),
    models.PolicyArea: ("name",),
    models.Priority: ("title",),
    models.QualityCriterion: ("name", "question"),
    models.ResultLevel: ("name",),
    models.Rubric: ("name",),
    models.RubricStep: ("name", "text"),
    models.RestrictedContext: (),
    models.Section: ("heading", "text"),
    models.Sector: ("name",),
    models.Target: ("name", "unit"),
    models.TargetGroup: ("name",),
    models.TargetVersion: ("statement", "rule"),
}

for _model, _columns in _COLUMNS.items():
    translator.register(
        _model, type(f"{_model.__name__}Translation", (TranslationOptions,), {"fields": _columns})
    )

for _model in (
    *(models.Plan, models.ResultLevel, models.Priority, models.Axis, models.Objective),
    *(models.Indicator, models.Target, models.TargetVersion),
    *(models.Section, models.Passage, models.Pillar, models.QualityCriterion),
    *(models.Rubric, models.RubricStep),
):
    simple_history.register(_model)
simple_history.register(models.Condition, m2m_fields=["country_lists"])

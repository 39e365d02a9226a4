from django.db import migrations
from django.db.models import Q

from strategy.text import DIGITS, fold_spelling

KINDS = (
    "project",
    "initiative",
    "activity",
    "countrysupport",
    "decision",
    "network",
    "event",
    "sectorstrengthened",
    "sponsor",
    "annualbudget",
    "actionreport",
    "policyupdate",
)
NAMED = ("sponsor", "network")


def fold_digits(apps, schema_editor):
    for kind in KINDS:
        model = apps.get_model("indicators", kind)
        _fold(model, "reference")
        if kind in NAMED:
            _fold(model, "title")


def _fold(model, column):
    # Two records may have been saved under one name, as before: see 0006.
    folded_column = f"folded_{column}"
    has_digits = Q()
    for digit in map(chr, DIGITS):
        has_digits |= Q(**{f"{folded_column}__contains": digit})
    for record in model.objects.filter(has_digits).order_by("pk"):
        folded = fold_spelling(getattr(record, column))[:280]
        if model.objects.filter(**{folded_column: folded}).exists():
            folded = f"{folded}\n{record.pk}"
        model.objects.filter(pk=record.pk).update(**{folded_column: folded})


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0010_mark_copied_answers_of_drafts"),
    ]

    operations = [migrations.RunPython(fold_digits, migrations.RunPython.noop)]

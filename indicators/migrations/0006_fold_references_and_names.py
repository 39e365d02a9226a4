from django.db import migrations, models

import indicators.models.record
from strategy.text import fold_spelling

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


def fill_folded(apps, schema_editor):
    for kind in KINDS:
        model = apps.get_model("indicators", kind)
        records = model.objects.order_by("pk")
        _fill(model, records, "reference")
        if kind in NAMED:
            _fill(model, records, "title", lambda record: record.deleted_at is None and record.status != "withdrawn")


def _fill(model, records, column, is_unique=lambda record: True):
    # Two records may have been saved under one name. The later one gets a text that no name has:
    # it stays as it is until somebody edits it, who is then asked for another name.
    taken = set()
    for record in records:
        folded = fold_spelling(getattr(record, column))[:280]
        if is_unique(record):
            folded = f"{folded}\n{record.pk}" if folded in taken else folded
            taken.add(folded)
        model.objects.filter(pk=record.pk).update(**{f"folded_{column}": folded})


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0005_close_years_for_entry"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name=kind,
                name="folded_reference",
                field=indicators.models.record.FoldedField(
                    default="", editable=False, max_length=300, of="reference"
                ),
                preserve_default=False,
            )
            for kind in KINDS
        ),
        *(
            migrations.AddField(
                model_name=kind,
                name="folded_title",
                field=indicators.models.record.FoldedField(
                    default="", editable=False, max_length=300, of="title"
                ),
                preserve_default=False,
            )
            for kind in NAMED
        ),
        migrations.RunPython(fill_folded, migrations.RunPython.noop),
    ]

from django.db import migrations, models

import indicators.models.record

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


class Migration(migrations.Migration):
    """Apart from the filling: PostgreSQL alters no table whose rows the transaction changed."""

    dependencies = [
        ("indicators", "0006_fold_references_and_names"),
    ]

    operations = [
        *(
            migrations.AlterField(
                model_name=kind,
                name="folded_reference",
                field=indicators.models.record.FoldedField(
                    editable=False, max_length=300, of="reference", unique=True
                ),
            )
            for kind in KINDS
        ),
        *(
            migrations.AddConstraint(
                model_name=kind,
                constraint=models.UniqueConstraint(
                    condition=models.Q(
                        models.Q(("status", "withdrawn"), _negated=True), ("deleted_at", None)
                    ),
                    fields=("folded_title",),
                    name=f"{kind}_once_a_name",
                ),
            )
            for kind in NAMED
        ),
    ]

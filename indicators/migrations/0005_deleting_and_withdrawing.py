"""What was never approved is deleted, softly; what was approved is withdrawn, no longer cancelled."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = (
    "actionreport",
    "activity",
    "annualbudget",
    "countrysupport",
    "decision",
    "event",
    "initiative",
    "network",
    "policyupdate",
    "project",
    "sectorstrengthened",
    "sponsor",
)
HISTORIES = tuple(f"historical{kind}" for kind in KINDS)


def rename_status(before, after):
    def rename(apps, schema_editor):
        for name in (*KINDS, *HISTORIES):
            rows = apps.get_model("indicators", name)._base_manager.filter(status=before)
            rows.update(status=after)

    return rename


def deleted_at(is_history):
    return models.DateTimeField(
        blank=True,
        db_index=not is_history,
        help_text="Only of what was never approved; it can be undone for 30 days.",
        null=True,
        verbose_name="deleted at",
    )


def deleted_by(**options):
    return models.ForeignKey(
        blank=True,
        null=True,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        verbose_name="deleted by",
        **options,
    )


def operations_of(name):
    is_history = name in HISTORIES
    link = (
        deleted_by(
            db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING
        )
        if is_history
        else deleted_by(on_delete=django.db.models.deletion.PROTECT)
    )
    statuses = ("draft", "submitted", "returned", "approved", "withdrawn")
    return [
        migrations.AddField(name, "deleted_at", deleted_at(is_history)),
        migrations.AddField(name, "deleted_by", link),
        migrations.AlterField(
            name,
            "note_on_return",
            models.TextField(blank=True, verbose_name="why it was returned or withdrawn"),
        ),
        migrations.AlterField(
            name,
            "status",
            models.CharField(
                choices=[(status, status.capitalize()) for status in statuses],
                db_index=not is_history,
                default="draft",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0004_imports_taken_back"),
        ("strategy", "0001_plan_and_reference_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("annualbudget", "budget_once_a_year_currency_and_basis"),
        migrations.RunPython(
            rename_status("cancelled", "withdrawn"), rename_status("withdrawn", "cancelled")
        ),
        *(one for name in (*KINDS, *HISTORIES) for one in operations_of(name)),
        migrations.AddConstraint(
            "annualbudget",
            models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True), ("deleted_at", None)
                ),
                fields=("year", "currency", "basis"),
                name="budget_once_a_year_currency_and_basis",
            ),
        ),
    ]

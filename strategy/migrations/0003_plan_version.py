"""The version of plans, rules and reference data; ``migrate`` ends with its triggers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("strategy", "0002_changes_of_plans_never_change")]

    operations = [
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=40, verbose_name="token")),
            ],
            options={
                "verbose_name": "version of the plans",
                "verbose_name_plural": "versions of the plans",
            },
        ),
    ]

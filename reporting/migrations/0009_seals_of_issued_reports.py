"""A seal for each issued report: that nothing is added to it any more (0010 holds to it)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0008_issued_rows_never_go")]

    operations = [
        migrations.CreateModel(
            name="ReportSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seal",
                        to="reporting.annualreport",
                    ),
                ),
            ],
        ),
    ]

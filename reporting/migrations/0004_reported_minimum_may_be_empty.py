"""The minimum of a reported target may be empty: at most so much is asked for then."""

from importlib import import_module

from django.db import migrations, models

triggers = import_module("reporting.migrations.0002_issued_reports_are_sealed")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0003_seals_are_signed")]

    operations = [
        migrations.RunPython(triggers.unseal, triggers.seal),
        migrations.AlterField(
            model_name='reportedactual',
            name='minimum',
            field=models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='minimum'),
        ),
        migrations.RunPython(triggers.seal, triggers.unseal),
    ]

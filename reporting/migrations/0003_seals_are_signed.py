"""Seals and files of reports get signatures; those of earlier reports stay empty.

The triggers of both tables are made again, since SQLite drops them when it rebuilds a table.
"""

from importlib import import_module

from django.db import migrations, models

triggers = import_module("reporting.migrations.0002_issued_reports_are_sealed")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0002_issued_reports_are_sealed")]

    operations = [
        migrations.RunPython(triggers.unseal, triggers.seal),
        migrations.AddField(
            model_name='reportfile',
            name='public_key',
            field=models.CharField(blank=True, max_length=64, verbose_name='public key'),
        ),
        migrations.AddField(
            model_name='reportfile',
            name='signature',
            field=models.CharField(blank=True, max_length=128, verbose_name='signature'),
        ),
        migrations.AddField(
            model_name='reportseal',
            name='number',
            field=models.PositiveIntegerField(null=True, unique=True, verbose_name='number in the chain'),
        ),
        migrations.AddField(
            model_name='reportseal',
            name='public_key',
            field=models.CharField(blank=True, max_length=64, verbose_name='public key'),
        ),
        migrations.AddField(
            model_name='reportseal',
            name='rows',
            field=models.JSONField(default=list, verbose_name='digests of the rows'),
        ),
        migrations.AddField(
            model_name='reportseal',
            name='signature',
            field=models.CharField(blank=True, max_length=128, verbose_name='signature'),
        ),
        migrations.AddField(
            model_name='reportseal',
            name='statement',
            field=models.TextField(blank=True, verbose_name='signed statement'),
        ),
        migrations.RunPython(triggers.seal, triggers.unseal),
    ]

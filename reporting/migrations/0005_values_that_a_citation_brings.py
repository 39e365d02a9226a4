"""The values on the target's dimension that a cited record brings to the number.

SQLite rebuilds the table, so the triggers that refuse changes are taken away and made again.
"""

from importlib import import_module

from django.db import migrations, models

sealed = import_module("reporting.migrations.0002_issued_rows_never_change")


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0004_ratings_set_by_officers'),
    ]

    operations = [
        migrations.RunPython(sealed.allow_updates, sealed.forbid_updates),
        migrations.AddField(
            model_name='reportedevidence',
            name='codes',
            field=models.JSONField(default=list, verbose_name='values counted'),
        ),
        migrations.RunPython(sealed.forbid_updates, sealed.allow_updates),
    ]

"""What an officer writes, versions that correct one another, and the year before.

SQLite rebuilds the tables, so the triggers that refuse changes are taken away and made again.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

sealed = import_module("reporting.migrations.0002_issued_rows_never_change")


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0002_issued_rows_never_change'),
        ('strategy', '0001_plan_and_reference_data'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(sealed.allow_updates, sealed.forbid_updates),
        migrations.AddField(
            model_name='annualreport',
            name='changes',
            field=models.JSONField(default=list, verbose_name='figures corrected'),
        ),
        migrations.AddField(
            model_name='annualreport',
            name='correction',
            field=models.JSONField(default=dict, verbose_name='why it corrects that version'),
        ),
        migrations.AddField(
            model_name='annualreport',
            name='corrects',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='reporting.annualreport', verbose_name='version that it corrects'),
        ),
        migrations.AddField(
            model_name='annualreport',
            name='narrative',
            field=models.JSONField(default=dict, verbose_name='narrative'),
        ),
        migrations.AddField(
            model_name='annualreport',
            name='people',
            field=models.JSONField(null=True, verbose_name='people trained'),
        ),
        migrations.AddField(
            model_name='annualreport',
            name='restatements',
            field=models.JSONField(default=list, verbose_name='earlier figures that read differently now'),
        ),
        migrations.AddField(
            model_name='reportedactual',
            name='comment',
            field=models.JSONField(default=dict, verbose_name='comment'),
        ),
        migrations.AddField(
            model_name='reportedactual',
            name='override',
            field=models.JSONField(null=True, verbose_name='rating set by an officer'),
        ),
        migrations.AddField(
            model_name='reportedactual',
            name='rating_before',
            field=models.CharField(blank=True, choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved')], max_length=12, verbose_name='rating a year before'),
        ),
        migrations.AddField(
            model_name='reportedactual',
            name='value_before',
            field=models.DecimalField(decimal_places=10, max_digits=24, null=True, verbose_name='value a year before'),
        ),
        migrations.AddField(
            model_name='reportedobjective',
            name='rating_before',
            field=models.CharField(blank=True, choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved')], max_length=12, verbose_name='rating a year before'),
        ),
        migrations.AddConstraint(
            model_name='annualreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', True), ('version', 1)), models.Q(('corrects__isnull', False), ('version__gt', 1)), _connector='OR'), name='later_version_corrects_one'),
        ),
        migrations.RunPython(sealed.forbid_updates, sealed.allow_updates),
    ]

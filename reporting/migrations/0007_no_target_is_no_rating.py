"""An indicator without a target is measured and not rated: reports may say so."""

from importlib import import_module

from django.db import migrations, models

triggers = import_module("reporting.migrations.0002_issued_reports_are_sealed")


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0006_code_that_calculated_a_report'),
    ]

    operations = [
        migrations.RunPython(triggers.unseal, triggers.seal),
        migrations.RemoveConstraint(
            model_name='reportedactual',
            name='reported_actual_has_a_rating',
        ),
        migrations.RemoveConstraint(
            model_name='reportedobjective',
            name='reported_objective_has_a_rating',
        ),
        migrations.AlterField(
            model_name='reportedactual',
            name='rating',
            field=models.CharField(choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved'), ('no_target', 'No target set')], max_length=12, verbose_name='rating'),
        ),
        migrations.AlterField(
            model_name='reportedactual',
            name='rating_before',
            field=models.CharField(blank=True, choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved'), ('no_target', 'No target set')], max_length=12, verbose_name='rating a year before'),
        ),
        migrations.AlterField(
            model_name='reportedobjective',
            name='rating',
            field=models.CharField(choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved'), ('no_target', 'No target set')], max_length=12, verbose_name='rating'),
        ),
        migrations.AlterField(
            model_name='reportedobjective',
            name='rating_before',
            field=models.CharField(blank=True, choices=[('not_achieved', 'Not achieved'), ('off_track', 'Off track'), ('at_risk', 'At risk'), ('no_data', 'No data'), ('too_early', 'Too early to rate'), ('on_track', 'On track'), ('achieved', 'Achieved'), ('no_target', 'No target set')], max_length=12, verbose_name='rating a year before'),
        ),
        migrations.AddConstraint(
            model_name='reportedactual',
            constraint=models.CheckConstraint(condition=models.Q(('rating__in', ['not_achieved', 'off_track', 'at_risk', 'no_data', 'too_early', 'on_track', 'achieved', 'no_target'])), name='reported_actual_has_a_rating'),
        ),
        migrations.AddConstraint(
            model_name='reportedobjective',
            constraint=models.CheckConstraint(condition=models.Q(('rating__in', ['not_achieved', 'off_track', 'at_risk', 'no_data', 'too_early', 'on_track', 'achieved', 'no_target'])), name='reported_objective_has_a_rating'),
        ),
        migrations.RunPython(triggers.seal, triggers.unseal),
    ]

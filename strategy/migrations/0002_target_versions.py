"""Targets get versions. Their own columns may be empty from here, so that they can come back."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('strategy', '0001_plan_accounts_and_reference_data'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalTargetVersion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('in_force_from', models.DateField(help_text='Figures as of this day and later use this version.', verbose_name='in force from')),
                ('statement', models.CharField(help_text="The target in the plan's own words.", max_length=200, verbose_name='statement')),
                ('statement_en', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_fr', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_es', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_ar', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('rule', models.TextField(help_text='The rule in words, shown with the figure.', verbose_name='counting rule')),
                ('rule_en', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_fr', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_es', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_ar', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('minimum', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='minimum')),
                ('maximum', models.DecimalField(blank=True, decimal_places=4, help_text='The highest value that still meets the target. Empty: no upper bound.', max_digits=14, null=True, verbose_name='maximum')),
                ('decided_by', models.CharField(blank=True, help_text='The person or body that decided it, such as the board of directors.', max_length=200, verbose_name='decided by')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('document', models.CharField(blank=True, help_text='A link to the decision, or where to find it.', max_length=500, verbose_name='document')),
                ('created_at', models.DateTimeField(editable=False, null=True, verbose_name='entered at')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical version of a target',
                'verbose_name_plural': 'historical versions of targets',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='TargetVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('in_force_from', models.DateField(help_text='Figures as of this day and later use this version.', verbose_name='in force from')),
                ('statement', models.CharField(help_text="The target in the plan's own words.", max_length=200, verbose_name='statement')),
                ('statement_en', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_fr', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_es', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('statement_ar', models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement')),
                ('rule', models.TextField(help_text='The rule in words, shown with the figure.', verbose_name='counting rule')),
                ('rule_en', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_fr', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_es', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('rule_ar', models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule')),
                ('minimum', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='minimum')),
                ('maximum', models.DecimalField(blank=True, decimal_places=4, help_text='The highest value that still meets the target. Empty: no upper bound.', max_digits=14, null=True, verbose_name='maximum')),
                ('decided_by', models.CharField(blank=True, help_text='The person or body that decided it, such as the board of directors.', max_length=200, verbose_name='decided by')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('document', models.CharField(blank=True, help_text='A link to the decision, or where to find it.', max_length=500, verbose_name='document')),
                ('created_at', models.DateTimeField(editable=False, null=True, verbose_name='entered at')),
            ],
            options={
                'verbose_name': 'version of a target',
                'verbose_name_plural': 'versions of targets',
                'ordering': ['target', 'in_force_from'],
            },
        ),
        migrations.AddField(
            model_name='historicaltargetversion',
            name='created_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='historicaltargetversion',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicaltargetversion',
            name='target',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='strategy.target', verbose_name='target'),
        ),
        migrations.AddField(
            model_name='targetversion',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='targetversion',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='strategy.target', verbose_name='target'),
        ),
        migrations.AddConstraint(
            model_name='targetversion',
            constraint=models.UniqueConstraint(fields=('target', 'in_force_from'), name='target_version_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='targetversion',
            constraint=models.CheckConstraint(condition=models.Q(('maximum__isnull', True), ('maximum__gte', models.F('minimum')), _connector='OR'), name='target_maximum_not_below_minimum'),
        ),
        migrations.AlterField(
            model_name='target',
            name='minimum',
            field=models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='minimum'),
        ),
        migrations.AlterField(
            model_name='target',
            name='rule',
            field=models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule'),
        ),
        migrations.AlterField(
            model_name='target',
            name='statement',
            field=models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement'),
        ),
        migrations.AlterField(
            model_name='historicaltarget',
            name='minimum',
            field=models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='minimum'),
        ),
        migrations.AlterField(
            model_name='historicaltarget',
            name='rule',
            field=models.TextField(help_text='The rule in words, shown with the figure.', null=True, verbose_name='counting rule'),
        ),
        migrations.AlterField(
            model_name='historicaltarget',
            name='statement',
            field=models.CharField(help_text="The target in the plan's own words.", max_length=200, null=True, verbose_name='statement'),
        ),
    ]

"""Weights, sales, ranges of value and what waits to be scored: tables in the form that 0002 left."""

from django.conf import settings
import django.contrib.postgres.fields
from django.db import migrations, models
import django.db.models.deletion
import django.db.models.functions.datetime
import scoring.weights
import simple_history.models


TABLES = [
    migrations.CreateModel(
        name='ScoringProfile',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('version', models.PositiveIntegerField()),
            ('weights', models.JSONField(default=scoring.weights.default_weights, validators=[scoring.weights.check_weights])),
            ('active', models.BooleanField(default=True)),
            ('note', models.CharField(blank=True, max_length=200)),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scoring_profiles', to='markets.market')),
        ],
        options={
            'ordering': ['market', '-version'],
            'constraints': [
                models.UniqueConstraint(fields=('market', 'version'), name='scoring_version_unique_in_market'),
                models.UniqueConstraint(condition=models.Q(('active', True)), fields=('market',), name='scoring_one_active_profile'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalScoringProfile',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('version', models.PositiveIntegerField()),
            ('weights', models.JSONField(default=scoring.weights.default_weights, validators=[scoring.weights.check_weights])),
            ('active', models.BooleanField(default=True)),
            ('note', models.CharField(blank=True, max_length=200)),
            ('created_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('created_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='markets.market')),
        ],
        options={
            'verbose_name': 'historical scoring profile',
            'verbose_name_plural': 'historical scoring profiles',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='Sale',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('sold_on', models.DateField()),
            ('price', models.DecimalField(decimal_places=2, help_text='US dollars.', max_digits=14)),
            ('source', models.CharField(max_length=120)),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sales', to='leads.parcel')),
        ],
        options={
            'ordering': ['-sold_on'],
            'constraints': [
                models.UniqueConstraint(fields=('parcel', 'sold_on', 'price'), name='sale_once'),
                models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='sale_price_positive'),
                models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='sale_has_source'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalSale',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('sold_on', models.DateField()),
            ('price', models.DecimalField(decimal_places=2, help_text='US dollars.', max_digits=14)),
            ('source', models.CharField(max_length=120)),
            ('created_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('parcel', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.parcel')),
        ],
        options={
            'verbose_name': 'historical sale',
            'verbose_name_plural': 'historical sales',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='Valuation',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('low', models.DecimalField(decimal_places=2, max_digits=14)),
            ('high', models.DecimalField(decimal_places=2, max_digits=14)),
            ('confidence', models.CharField(choices=[('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], max_length=6)),
            ('inputs', models.JSONField()),
            ('reasons', models.JSONField()),
            ('computed_at', models.DateTimeField()),
            ('lead', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='valuations', to='leads.lead')),
        ],
        options={
            'ordering': ['-computed_at'],
            'constraints': [
                models.CheckConstraint(condition=models.Q(('high__gte', models.F('low')), ('low__gt', 0)), name='valuation_is_a_range'),
            ],
        },
    ),
    migrations.CreateModel(
        name='LeadToScore',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('lead_id', models.BigIntegerField()),
            ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
        options={
            'verbose_name': 'lead to score',
            'verbose_name_plural': 'leads to score',
        },
    ),
    migrations.CreateModel(
        name='ParishYardstick',
        fields=[
            ('parish', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='yardstick', serialize=False, to='markets.parish')),
            ('median', models.DecimalField(decimal_places=2, help_text='US dollars of land value an acre; empty: too few.', max_digits=14, null=True)),
            ('counted', models.PositiveIntegerField(help_text='About how many parcels the median is from.')),
            ('zips', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), help_text="Five-digit ZIPs of the parish's land.", size=None)),
            ('taken_at', models.DateTimeField()),
        ],
    ),
    migrations.CreateModel(
        name='ScoringRun',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('cause', models.CharField(choices=[('weights', 'Changed weights'), ('by_hand', 'Asked for'), ('night', "The night's look at everything")], max_length=8)),
            ('state', models.CharField(choices=[('queued', 'Waiting for a worker'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('superseded', 'Replaced by a newer one')], default='queued', max_length=10)),
            ('error', models.CharField(blank=True, max_length=300)),
            ('leads_total', models.PositiveIntegerField(default=0)),
            ('leads_done', models.PositiveIntegerField(default=0)),
            ('leads_changed', models.PositiveIntegerField(default=0)),
            ('last_lead_id', models.BigIntegerField(default=0, help_text='Up to which the leads are done, by id.')),
            ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Starts since the last progress.')),
            ('asked_at', models.DateTimeField(auto_now_add=True)),
            ('started_at', models.DateTimeField(blank=True, null=True)),
            ('finished_at', models.DateTimeField(blank=True, null=True)),
            ('heartbeat_at', models.DateTimeField(blank=True, help_text='Last sign of life of the worker on it.', null=True)),
            ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scoring_runs', to='markets.market')),
            ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='scoring.scoringprofile')),
        ],
        options={
            'ordering': ['-id'],
            'constraints': [
                models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('market',), name='scoring_one_run_per_market'),
            ],
        },
    ),
]

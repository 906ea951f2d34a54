"""Old events: a table of their own, partitioned by month, one view over both, and daily counts (as 0011 left them)."""

from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion

ARCHIVE = """
CREATE TABLE leads_eventarchive (
    id bigint NOT NULL,
    kind varchar(20) NOT NULL,
    lead_id bigint,
    owner_id bigint,
    actor_id bigint,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    handled_at timestamptz,
    market_id bigint,
    day date NOT NULL,
    PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);
CREATE INDEX leads_eventarchive_lead ON leads_eventarchive (lead_id, created_at DESC);
CREATE INDEX leads_eventarchive_owner ON leads_eventarchive (owner_id, created_at DESC);

-- Makes sure of the partition of a moment's month (UTC). Attaching one that is complete lets readers and writers go on.
CREATE FUNCTION leads_archive_month(moment timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    month timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    name text := 'leads_eventarchive_' || to_char(month, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(name, 0));
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE leads_eventarchive INCLUDING ALL)', name);
        EXECUTE format(
            'ALTER TABLE leads_eventarchive ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
        );
    END IF;
    RETURN name;
END $$;
"""
DROP_ARCHIVE = "DROP FUNCTION leads_archive_month(timestamptz); DROP TABLE leads_eventarchive;"
VIEW = """
CREATE VIEW leads_anyevent AS
SELECT id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at, false AS archived FROM leads_event
UNION ALL
SELECT id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at, true AS archived FROM leads_eventarchive;
"""



TABLES = [
    migrations.CreateModel(
        name='EventDay',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('day', models.DateField()),
            ('kind', models.CharField(max_length=20)),
            ('count', models.PositiveIntegerField()),
            ('market', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='markets.market')),
        ],
        options={
            'ordering': ['-day', 'kind'],
            'constraints': [
                models.UniqueConstraint(fields=('market', 'day', 'kind'), name='event_day_once', nulls_distinct=False),
            ],
        },
    ),
    migrations.CreateModel(
        name='EventRestore',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('since', models.DateTimeField(blank=True, null=True)),
            ('until', models.DateTimeField(blank=True, null=True)),
            ('state', models.CharField(choices=[('queued', 'Waiting'), ('done', 'Done')], default='queued', max_length=6)),
            ('events', models.PositiveIntegerField(default=0, help_text='Brought back so far.')),
            ('kept_until', models.DateTimeField()),
            ('created_at', models.DateTimeField()),
            ('finished_at', models.DateTimeField(blank=True, null=True)),
            ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='event_restores', to='leads.lead')),
        ],
        options={
            'ordering': ['-id'],
            'permissions': [('restore_event', 'Can bring archived events back')],
            'constraints': [
                models.CheckConstraint(condition=models.Q(models.Q(('lead__isnull', False), ('since__isnull', True), ('until__isnull', True)), models.Q(('lead__isnull', True), ('since__lt', models.F('until'))), _connector='OR'), name='event_restore_of_lead_or_period'),
            ],
        },
    ),
    migrations.CreateModel(
        name='AnyEvent',
        fields=[
            ('id', models.BigIntegerField(primary_key=True, serialize=False)),
            ('kind', models.CharField(max_length=20)),
            ('data', models.JSONField(default=dict)),
            ('created_at', models.DateTimeField(verbose_name='when')),
            ('handled_at', models.DateTimeField(null=True, verbose_name='reacted to at')),
            ('archived', models.BooleanField()),
        ],
        options={
            'verbose_name': 'event',
            'db_table': 'leads_anyevent',
            'ordering': ['-created_at', '-id'],
            'managed': False,
        },
    ),
    migrations.SeparateDatabaseAndState(
        state_operations=[
            migrations.CreateModel(
                name='ArchivedEvent',
                fields=[
                    ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('kind', models.CharField(max_length=20)),
                    ('data', models.JSONField(default=dict)),
                    ('created_at', models.DateTimeField()),
                    ('handled_at', models.DateTimeField(null=True)),
                    ('day', models.DateField(help_text='The day it is counted under.')),
                    ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('lead', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.lead')),
                    ('market', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='markets.market')),
                    ('owner', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.owner')),
                ],
                options={
                    'db_table': 'leads_eventarchive',
                    'ordering': ['-created_at', '-id'],
                },
            ),
        ],
        database_operations=[migrations.RunSQL(ARCHIVE, DROP_ARCHIVE)],
    ),
    migrations.RunSQL(VIEW, 'DROP VIEW leads_anyevent;'),
]

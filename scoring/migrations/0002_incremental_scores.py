"""Which leads are to be scored anew is found out by the database: whatever changes an input of a score, and whoever
changes it, marks the leads that are measured by it. A lead comes in with its score (a list) or is marked."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# EXECUTE plans each for the number of rows at hand; the plans of plain statements are kept for the session.
MARK = """
CREATE FUNCTION scoring_mark_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scoring_leadtoscore (lead_id) SELECT id FROM new_leads WHERE score_version IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_to_score_added AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_mark_new_leads();

CREATE FUNCTION scoring_mark_changed_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scoring_leadtoscore (lead_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER lead_to_score_moved AFTER UPDATE OF market_id, parcel_id, owner_id, deleted_at ON leads_lead FOR EACH ROW
    WHEN (NEW.deleted_at IS NULL AND (OLD.market_id, OLD.parcel_id, OLD.owner_id, OLD.deleted_at)
          IS DISTINCT FROM (NEW.market_id, NEW.parcel_id, NEW.owner_id, NEW.deleted_at))
    EXECUTE FUNCTION scoring_mark_changed_lead();

CREATE FUNCTION scoring_mark_changed_parcels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO scoring_leadtoscore (lead_id)
        SELECT l.id FROM new_parcels n
             JOIN old_parcels b ON b.id = n.id
                  AND (b.parish_id, b.adjudicated, b.years_delinquent, b.acres, b.land_value, b.last_sale_on)
                  IS DISTINCT FROM (n.parish_id, n.adjudicated, n.years_delinquent, n.acres, n.land_value, n.last_sale_on)
             JOIN leads_lead l ON l.parcel_id = n.id';
    RETURN NULL;
END $$;
CREATE TRIGGER parcel_to_score_changed AFTER UPDATE ON leads_parcel
    REFERENCING OLD TABLE AS old_parcels NEW TABLE AS new_parcels
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_mark_changed_parcels();

CREATE FUNCTION scoring_mark_changed_owners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO scoring_leadtoscore (lead_id)
        SELECT l.id FROM new_owners n
             JOIN old_owners b ON b.id = n.id
                  AND (b.mailing_state, left(b.mailing_zip, 5)) <> (n.mailing_state, left(n.mailing_zip, 5))
             JOIN leads_lead l ON l.owner_id = n.id';
    RETURN NULL;
END $$;
CREATE TRIGGER owner_to_score_changed AFTER UPDATE ON leads_owner
    REFERENCING OLD TABLE AS old_owners NEW TABLE AS new_owners
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_mark_changed_owners();

CREATE FUNCTION scoring_mark_stacked_parcels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO scoring_leadtoscore (lead_id)
        SELECT l.id FROM stacked s JOIN leads_lead l ON l.parcel_id = s.parcel_id
        WHERE s.source IN (''adjudicated'', ''delinquent'')';
    RETURN NULL;
END $$;
CREATE TRIGGER parcel_to_score_listed AFTER INSERT ON leads_parcellist REFERENCING NEW TABLE AS stacked
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_mark_stacked_parcels();
CREATE TRIGGER parcel_to_score_unlisted AFTER DELETE ON leads_parcellist REFERENCING OLD TABLE AS stacked
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_mark_stacked_parcels();

-- Leads scored before there were marks: once all of them.
INSERT INTO scoring_leadtoscore (lead_id) SELECT id FROM leads_lead WHERE deleted_at IS NULL ORDER BY id;
"""
UNMARK = """
DROP TRIGGER parcel_to_score_unlisted ON leads_parcellist; DROP TRIGGER parcel_to_score_listed ON leads_parcellist;
DROP TRIGGER owner_to_score_changed ON leads_owner; DROP TRIGGER parcel_to_score_changed ON leads_parcel;
DROP TRIGGER lead_to_score_moved ON leads_lead; DROP TRIGGER lead_to_score_added ON leads_lead;
DROP FUNCTION scoring_mark_stacked_parcels(); DROP FUNCTION scoring_mark_changed_owners();
DROP FUNCTION scoring_mark_changed_parcels(); DROP FUNCTION scoring_mark_changed_lead();
DROP FUNCTION scoring_mark_new_leads();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0022_compact_reasons'),
        ('markets', '0005_phone_lookups'),
        ('scoring', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('market',), name='scoring_one_run_per_market')],
            },
        ),
        migrations.RunSQL(MARK, UNMARK),
    ]

"""What a list pays for each of its rows: indexes that others make superfluous, and keys that the database need not
look up again, since nothing but the row's own statement or trigger writes them."""
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WITH_THE_PARENT = """
ALTER TABLE leads_leadsearch DROP CONSTRAINT leadsearch_lead;
ALTER TABLE leads_parcellist DROP CONSTRAINT leads_parcellist_parcel_fk;
CREATE FUNCTION leads_search_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leads_leadsearch s USING gone g WHERE s.lead_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_search_gone AFTER DELETE ON leads_lead REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_search_gone();
CREATE FUNCTION leads_lists_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leads_parcellist l USING gone g WHERE l.parcel_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER parcel_lists_gone AFTER DELETE ON leads_parcel REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_lists_gone();
"""
BY_KEYS = """
DROP TRIGGER parcel_lists_gone ON leads_parcel; DROP FUNCTION leads_lists_gone();
DROP TRIGGER lead_search_gone ON leads_lead; DROP FUNCTION leads_search_gone();
ALTER TABLE leads_leadsearch ADD CONSTRAINT leadsearch_lead
    FOREIGN KEY (lead_id) REFERENCES leads_lead (id) ON DELETE CASCADE;
ALTER TABLE leads_parcellist ADD CONSTRAINT leads_parcellist_parcel_fk
    FOREIGN KEY (parcel_id) REFERENCES leads_parcel (id) ON DELETE CASCADE;
"""
# New texts wait in a list that is searched as well; four times as long as usual, so that lists pay less often.
PENDING = "ALTER INDEX lead_search_text SET (gin_pending_list_limit = 16384)"
NOT_PENDING = "ALTER INDEX lead_search_text RESET (gin_pending_list_limit)"


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0014_roll_changes'),
        ('markets', '0005_phone_lookups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(WITH_THE_PARENT, BY_KEYS),
        migrations.RunSQL(PENDING, NOT_PENDING),
        migrations.AlterField(
            model_name='event',
            name='lead',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='leads.lead'),
        ),
        migrations.AlterField(
            model_name='event',
            name='owner',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='leads.owner'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='assigned_to',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='lead',
            name='market',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='markets.market'),
        ),
    ]

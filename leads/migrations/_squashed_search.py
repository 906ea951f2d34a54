"""One text per lead to search in, written by the database itself.

`leads_search_text` is the only place that says what the text is. Triggers keep it: set-based for leads that come in and
for parcels that change, so that a list of 500,000 rows pays one statement per chunk and no caller can forget it. It is
taken apart for blanks only where it holds more than single ones.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models
import django.db.models.deletion

_ALL = "owner || ' ' || number || ' ' || situs"
TEXT = rf"""
CREATE FUNCTION leads_search_text(owner text, number text, situs text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' || CASE WHEN ({_ALL}) ~ '  |[^ -~]' THEN btrim(regexp_replace(upper({_ALL}), '\s+', ' ', 'g'))
                   ELSE btrim(upper({_ALL})) END;
"""
# A plan is kept for the session: one made for 10,000 leads must do for a single one as well.
BY_INDEX = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"
KEEP = f"""
CREATE FUNCTION leads_search_new_leads() RETURNS trigger LANGUAGE plpgsql {BY_INDEX} AS $$
BEGIN
    INSERT INTO leads_leadsearch (lead_id, text)
    SELECT n.id, leads_search_text(o.name, p.number, p.situs_address)
    FROM new_leads n JOIN leads_owner o ON o.id = n.owner_id JOIN leads_parcel p ON p.id = n.parcel_id;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_search_added AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION leads_search_new_leads();

CREATE FUNCTION leads_search_changed_lead() RETURNS trigger LANGUAGE plpgsql {BY_INDEX} AS $$
BEGIN
    UPDATE leads_leadsearch s SET text = leads_search_text(o.name, p.number, p.situs_address)
    FROM leads_owner o, leads_parcel p
    WHERE s.lead_id = NEW.id AND o.id = NEW.owner_id AND p.id = NEW.parcel_id;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_search_moved AFTER UPDATE OF owner_id, parcel_id ON leads_lead FOR EACH ROW
    WHEN ((OLD.owner_id, OLD.parcel_id) IS DISTINCT FROM (NEW.owner_id, NEW.parcel_id))
    EXECUTE FUNCTION leads_search_changed_lead();

CREATE FUNCTION leads_search_renamed_owner() RETURNS trigger LANGUAGE plpgsql {BY_INDEX} AS $$
BEGIN
    UPDATE leads_leadsearch s SET text = leads_search_text(NEW.name, p.number, p.situs_address)
    FROM leads_lead l, leads_parcel p
    WHERE l.owner_id = NEW.id AND s.lead_id = l.id AND p.id = l.parcel_id;
    RETURN NULL;
END $$;
CREATE TRIGGER owner_search_renamed AFTER UPDATE OF name ON leads_owner FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION leads_search_renamed_owner();

CREATE FUNCTION leads_search_changed_parcels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'UPDATE leads_leadsearch s SET text = leads_search_text(o.name, n.number, n.situs_address)
        FROM new_parcels n
             JOIN old_parcels b ON b.id = n.id AND (b.number, b.situs_address) <> (n.number, n.situs_address)
             JOIN leads_lead l ON l.parcel_id = n.id JOIN leads_owner o ON o.id = l.owner_id
        WHERE s.lead_id = l.id';  -- EXECUTE plans it for the number of parcels at hand
    RETURN NULL;
END $$;
CREATE TRIGGER parcel_search_changed AFTER UPDATE ON leads_parcel
    REFERENCING OLD TABLE AS old_parcels NEW TABLE AS new_parcels
    FOR EACH STATEMENT EXECUTE FUNCTION leads_search_changed_parcels();

CREATE FUNCTION leads_search_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leads_leadsearch s USING gone g WHERE s.lead_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_search_gone AFTER DELETE ON leads_lead REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_search_gone();
"""
UNDO = """
DROP FUNCTION leads_search_gone() CASCADE; DROP FUNCTION leads_search_changed_parcels() CASCADE;
DROP FUNCTION leads_search_renamed_owner() CASCADE; DROP FUNCTION leads_search_changed_lead() CASCADE;
DROP FUNCTION leads_search_new_leads() CASCADE; DROP FUNCTION leads_search_text(text, text, text);
"""
# New texts wait in a list that is searched as well; four times as long as usual, so that lists pay less often.
PENDING = "ALTER INDEX lead_search_text SET (gin_pending_list_limit = 16384)"


TABLES = [
    migrations.CreateModel(
        name='LeadSearch',
        fields=[
            ('lead', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='search', serialize=False, to='leads.lead')),
            ('text', models.TextField(editable=False, help_text='Upper case, single spaces, one in front of each word.')),
        ],
    ),
]
# The index is made here and now, not at the end of the migration like others, because the next statement names it.
SEARCH = [
    migrations.AddIndex(
        model_name='leadsearch',
        index=django.contrib.postgres.indexes.GinIndex(fields=['text'], name='lead_search_text', opclasses=['gin_trgm_ops']),
    ),
    migrations.RunSQL(PENDING, migrations.RunSQL.noop),
    migrations.RunSQL([TEXT, KEEP], UNDO),
]

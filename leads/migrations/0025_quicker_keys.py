"""The keys of a statement's rows are looked up one by one in the parent's index, whatever the planner believes of a
table that the same transaction has only begun to fill: joined, the first 10,000 leads took a second longer."""

from django.db import migrations

_ADDED = r"""
CREATE OR REPLACE FUNCTION leads_keys_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE  -- arguments: parent table, key
    parent text := TG_ARGV[0];
    key text := TG_ARGV[1];
    others bigint[];
    locked bigint[];
    missing bigint;
BEGIN
    EXECUTE format(
        'SELECT array_agg(a.id) FROM (SELECT DISTINCT %2$I AS id FROM added WHERE %2$I IS NOT NULL) a
         WHERE {new}',
        parent, key) INTO others;
    IF others IS NOT NULL THEN
        EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM %I WHERE id = ANY($1) ORDER BY id FOR KEY SHARE) l',
                       parent) INTO locked USING others;
        IF cardinality(locked) IS DISTINCT FROM cardinality(others) THEN
            SELECT min(id) INTO missing FROM unnest(others) id WHERE id <> ALL (COALESCE(locked, '{{}}'));
            PERFORM leads_refuse_key(TG_TABLE_NAME, key, parent, missing);
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""
ONE_BY_ONE = "(SELECT p.xmin FROM %1$I p WHERE p.id = a.id) IS DISTINCT FROM pg_current_xact_id()::xid"
JOINED = "NOT EXISTS (SELECT 1 FROM %1$I p WHERE p.id = a.id AND p.xmin = pg_current_xact_id()::xid)"


class Migration(migrations.Migration):
    dependencies = [("leads", "0024_best_leads_of_a_rep")]
    operations = [migrations.RunSQL(_ADDED.format(new=ONE_BY_ONE), _ADDED.format(new=JOINED))]

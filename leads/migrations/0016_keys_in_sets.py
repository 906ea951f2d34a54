"""Keys of the tables that lists fill, looked up for a whole statement at once instead of row by row (ADR 16).

What a foreign key promises stays: a key names a record that is there, and no record goes while a key names it. Parents
written by the same transaction are seen by nobody else and need no lock; the others are locked as PostgreSQL does it.
"""

import django.db.models.deletion
from django.db import migrations, models

CHECKS = r"""
CREATE FUNCTION leads_refuse_key(child text, key text, parent text, id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % names no record of %', key, child, parent
        USING ERRCODE = 'foreign_key_violation', DETAIL = format('Key (%s)=(%s).', key, id),
              CONSTRAINT = child || '_' || key, TABLE = child, COLUMN = key;
END $$;
CREATE FUNCTION leads_keys_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE  -- arguments: parent table, key
    parent text := TG_ARGV[0];
    key text := TG_ARGV[1];
    others bigint[];
    locked bigint[];
    missing bigint;
BEGIN
    EXECUTE format(
        'SELECT array_agg(a.id) FROM (SELECT DISTINCT %2$I AS id FROM added WHERE %2$I IS NOT NULL) a
         WHERE NOT EXISTS (SELECT 1 FROM %1$I p WHERE p.id = a.id AND p.xmin = pg_current_xact_id()::xid)',
        parent, key) INTO others;
    IF others IS NOT NULL THEN
        EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM %I WHERE id = ANY($1) ORDER BY id FOR KEY SHARE) l',
                       parent) INTO locked USING others;
        IF cardinality(locked) IS DISTINCT FROM cardinality(others) THEN
            SELECT min(id) INTO missing FROM unnest(others) id WHERE id <> ALL (COALESCE(locked, '{}'));
            PERFORM leads_refuse_key(TG_TABLE_NAME, key, parent, missing);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_key_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
    found bigint;
BEGIN
    IF wanted IS NOT NULL THEN
        EXECUTE format('SELECT id FROM %I WHERE id = $1 FOR KEY SHARE', TG_ARGV[0]) INTO found USING wanted;
        IF found IS NULL THEN
            PERFORM leads_refuse_key(TG_TABLE_NAME, TG_ARGV[1], TG_ARGV[0], wanted);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_keys_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
BEGIN  -- arguments: child table, key
    EXECUTE format('SELECT g.id FROM gone g WHERE EXISTS (SELECT 1 FROM %1$I c WHERE c.%2$I = g.id) LIMIT 1',
                   TG_ARGV[0], TG_ARGV[1]) INTO held;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION 'a record of % is still named by % of %', TG_TABLE_NAME, TG_ARGV[1], TG_ARGV[0]
            USING ERRCODE = 'foreign_key_violation', DETAIL = format('Key (id)=(%s).', held),
                  CONSTRAINT = TG_ARGV[0] || '_' || TG_ARGV[1], TABLE = TG_TABLE_NAME, COLUMN = 'id';
    END IF;
    RETURN NULL;
END $$;
"""
NO_CHECKS = """
DROP FUNCTION leads_keys_gone(); DROP FUNCTION leads_key_changed(); DROP FUNCTION leads_keys_added();
DROP FUNCTION leads_refuse_key(text, text, text, bigint);
"""
KEYS = (
    ("leads_parcel", "parish_id", "markets_parish"),
    ("leads_ownership", "parcel_id", "leads_parcel"),
    ("leads_ownership", "owner_id", "leads_owner"),
    ("leads_lead", "market_id", "markets_market"),
    ("leads_lead", "parcel_id", "leads_parcel"),
    ("leads_lead", "owner_id", "leads_owner"),
    ("leads_ownerphone", "owner_id", "leads_owner"),
    ("leads_ownerphone", "phone_id", "leads_phonenumber"),
)


def _watch(child: str, key: str, parent: str) -> str:
    name = f"{child}_{key}"
    return f"""
CREATE TRIGGER {name}_added AFTER INSERT ON {child} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION leads_keys_added('{parent}', '{key}');
CREATE TRIGGER {name}_changed AFTER UPDATE OF {key} ON {child}
    FOR EACH ROW WHEN (NEW.{key} IS DISTINCT FROM OLD.{key})
    EXECUTE FUNCTION leads_key_changed('{parent}', '{key}');
CREATE TRIGGER {name}_gone AFTER DELETE ON {parent} REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_keys_gone('{child}', '{key}');
"""


def _unwatch(child: str, key: str, parent: str) -> str:
    name = f"{child}_{key}"
    return f"""
DROP TRIGGER {name}_added ON {child}; DROP TRIGGER {name}_changed ON {child}; DROP TRIGGER {name}_gone ON {parent};
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0015_import_speed"), ("markets", "0005_phone_lookups")]
    operations = [
        migrations.AlterField(
            model_name='lead',
            name='market',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='markets.market'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='owner',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.owner'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='parcel',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.parcel'),
        ),
        migrations.AlterField(
            model_name='ownerphone',
            name='owner',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='phone_links', to='leads.owner'),
        ),
        migrations.AlterField(
            model_name='ownerphone',
            name='phone',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='owner_links', to='leads.phonenumber'),
        ),
        migrations.AlterField(
            model_name='ownership',
            name='owner',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='ownerships', to='leads.owner'),
        ),
        migrations.AlterField(
            model_name='ownership',
            name='parcel',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='ownerships', to='leads.parcel'),
        ),
        migrations.AlterField(
            model_name='parcel',
            name='parish',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='markets.parish'),
        ),
        migrations.RunSQL(CHECKS, NO_CHECKS),
        *(migrations.RunSQL(_watch(*key), _unwatch(*key)) for key in KEYS),
    ]

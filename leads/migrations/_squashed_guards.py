"""What no code may bypass: stages change only through the pipeline, events are never rewritten, and keys of the tables
that lists fill are looked up for a whole statement at once instead of row by row (ADR 16).

What a foreign key promises stays: a key names a record that is there, and no record goes while a key names it. Parents
written by the same transaction are seen by nobody else and need no lock; the others are locked as PostgreSQL does it.
Keys are looked up one by one in the parent's index, whatever the planner believes of a table that the same transaction
has only begun to fill.
"""

from django.db import migrations

STAGE_GUARD = """
CREATE FUNCTION leads_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('lalw.stage_move', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'a lead''s stage changes only through leads.pipeline.move_lead'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lead_stage_moves BEFORE UPDATE OF stage ON leads_lead
    FOR EACH ROW WHEN (NEW.stage IS DISTINCT FROM OLD.stage) EXECUTE FUNCTION leads_guard_stage();
CREATE TRIGGER lead_born_ingested BEFORE INSERT ON leads_lead
    FOR EACH ROW WHEN (NEW.stage <> 'ingested') EXECUTE FUNCTION leads_guard_stage();
"""
EVENT_GUARD = """
CREATE FUNCTION leads_guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.handled_at IS NOT NULL OR (to_jsonb(NEW) - 'handled_at') <> (to_jsonb(OLD) - 'handled_at') THEN
        RAISE EXCEPTION 'events are append-only: only handled_at may be set, once'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE ON leads_event
    FOR EACH ROW EXECUTE FUNCTION leads_guard_event();
"""
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
         WHERE (SELECT p.xmin FROM %1$I p WHERE p.id = a.id) IS DISTINCT FROM pg_current_xact_id()::xid',
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
LISTS = """
CREATE FUNCTION leads_lists_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leads_parcellist l USING gone g WHERE l.parcel_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER parcel_lists_gone AFTER DELETE ON leads_parcel REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_lists_gone();
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


def _by_people(table: str) -> str:
    """History is indexed by record and, where people wrote it, by them."""
    name = f"{table.removeprefix('leads_')}_by_people"
    return f"CREATE INDEX {name} ON {table} (history_user_id, id) WHERE history_user_id IS NOT NULL"


UNDO = """
DROP FUNCTION leads_lists_gone() CASCADE; DROP FUNCTION leads_keys_gone() CASCADE;
DROP FUNCTION leads_key_changed() CASCADE; DROP FUNCTION leads_keys_added() CASCADE;
DROP FUNCTION leads_refuse_key(text, text, text, bigint); DROP FUNCTION leads_guard_event() CASCADE;
DROP FUNCTION leads_guard_stage() CASCADE;
"""
GUARDS = [
    migrations.RunSQL([STAGE_GUARD, EVENT_GUARD, CHECKS, LISTS, *(_watch(*key) for key in KEYS)], UNDO),
    migrations.RunSQL([_by_people("leads_historicalowner"), _by_people("leads_historicalparcel")], migrations.RunSQL.noop),
]

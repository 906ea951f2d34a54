"""Which leads are to be scored anew is found out by the database: whatever changes an input of a score, and whoever
changes it, marks the leads that are measured by it. A lead comes in with its score (a list) or is marked."""

from django.db import migrations

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
"""
UNMARK = """
DROP FUNCTION scoring_mark_stacked_parcels() CASCADE; DROP FUNCTION scoring_mark_changed_owners() CASCADE;
DROP FUNCTION scoring_mark_changed_parcels() CASCADE; DROP FUNCTION scoring_mark_changed_lead() CASCADE;
DROP FUNCTION scoring_mark_new_leads() CASCADE;
"""
MARKS = [migrations.RunSQL(MARK, UNMARK)]

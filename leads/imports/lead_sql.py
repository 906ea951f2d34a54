"""Set-based SQL of a chunk for leads, their events, and what became of the rows.

A parcel gets a lead when it has an owner and none is open; not again for an owner whose lead on it has ended, else a
list would revive what the team has closed. Stages change only where a parcel has changed hands (`transfer_sql`).
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.models import Event, Lead
from leads.stages import ENDED, Stage

OPEN = f"l.archived_at IS NULL AND l.deleted_at IS NULL AND l.stage NOT IN ({', '.join(repr(s.value) for s in ENDED)})"
LEAD_COLUMNS = ", ".join(str(field.column) for field in Lead._meta.concrete_fields)

OPEN_LEADS = f"""
CREATE TEMP TABLE opened ON COMMIT DROP AS
SELECT c.line, c.parcel_id, c.owner_id, nextval('leads_lead_id_seq') AS id
FROM (SELECT pl.line, pl.parcel_id, COALESCE(ow.owner_id, first.owner_id) AS owner_id
      FROM placed pl LEFT JOIN owned ow USING (line)
           LEFT JOIN (SELECT line, min(owner_id) AS owner_id FROM held GROUP BY line) first USING (line)
      ORDER BY pl.line) c
WHERE c.owner_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM leads_lead l
                  WHERE l.parcel_id = c.parcel_id AND (l.owner_id = c.owner_id OR ({OPEN})))
"""
INSERT_LEADS = f"""
INSERT INTO leads_lead (id, market_id, parcel_id, owner_id, stage, score_reasons, created_at, updated_at)
SELECT id, %(market)s, parcel_id, owner_id, '{Stage.INGESTED.value}', '{{}}', %(now)s, %(now)s FROM opened ORDER BY line
"""
INSERT_SCORED_LEADS = f"""
INSERT INTO leads_lead (id, market_id, parcel_id, owner_id, stage, score, score_reasons, scored_at, score_version,
                        created_at, updated_at)
SELECT id, %(market)s, parcel_id, owner_id, '{Stage.INGESTED.value}', score, reasons, %(now)s, %(score_version)s,
       %(now)s, %(now)s
FROM ({{scores}}) scored ORDER BY line
"""
SCORED_COLUMNS = ("line", "parcel_id", "owner_id")
RECORD_LEADS = f"""
INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
SELECT '{Event.Kind.LEAD_CREATED.value}', id, owner_id,
       jsonb_build_object('source', %(source)s::text, 'list_import', %(list_import)s), %(now)s, %(now)s
FROM opened ORDER BY line
"""
NOTE_LEADS = "INSERT INTO touched SELECT line, 'updated' FROM opened"
RECORD_ROWS = """
WITH kept AS (
    INSERT INTO leads_importrow (list_import_id, line, outcome, reason, parcel_id, before)
    SELECT %(list_import)s, t.line, t.kind, '', pl.parcel_id, r.before
    FROM (SELECT line, min(kind) AS kind FROM touched GROUP BY line) t
         JOIN placed pl USING (line) LEFT JOIN renewed r USING (line)
    ORDER BY t.line
    RETURNING outcome)
SELECT count(*) FILTER (WHERE outcome = 'created'), count(*) FILTER (WHERE outcome = 'updated') FROM kept
"""

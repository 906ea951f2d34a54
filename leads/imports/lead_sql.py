"""Set-based SQL of a chunk for leads, their events, and what became of the rows.

A parcel gets a lead when it has an owner and none is open; not again for an owner whose lead on it has ended, else a
list would revive what the team has closed. Stages are never changed.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.models import Event, Lead
from leads.stages import ENDED, Stage

OPEN = f"l.archived_at IS NULL AND l.deleted_at IS NULL AND l.stage NOT IN ({', '.join(repr(s.value) for s in ENDED)})"
_LEAD_COLUMNS = ", ".join(str(field.column) for field in Lead._meta.concrete_fields)

# Before the leads follow, so that `lead_owner` is whom the lead had.
RECORD_TRANSFERS = f"""
INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
SELECT '{Event.Kind.OWNER_CHANGED.value}', l.id, t.owner_id,
       jsonb_build_object('parcel', t.parcel_id, 'from', h.owners, 'to', t.owner_id, 'lead_owner', l.owner_id,
                          'list_import', %(list_import)s),
       %(now)s, %(now)s
FROM transfers t JOIN (SELECT line, jsonb_agg(owner_id ORDER BY owner_id) AS owners FROM held GROUP BY line) h
          USING (line)
     LEFT JOIN leads_lead l ON l.parcel_id = t.parcel_id AND {OPEN}
ORDER BY t.line
"""
FOLLOW_OWNERS = f"""
WITH changed AS (
    UPDATE leads_lead l SET owner_id = t.owner_id, updated_at = %(now)s
    FROM transfers t WHERE l.parcel_id = t.parcel_id AND {OPEN} AND l.owner_id <> t.owner_id
    RETURNING l.*)
INSERT INTO leads_historicallead ({_LEAD_COLUMNS}, history_date, history_type, history_change_reason)
SELECT {_LEAD_COLUMNS}, %(now)s, '~', %(reason)s FROM changed
"""
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
SELECT id, %(market)s, parcel_id, owner_id, '{Stage.INGESTED.value}', '[]', %(now)s, %(now)s FROM opened ORDER BY line
"""
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

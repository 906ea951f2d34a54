"""Set-based SQL for parcels that change hands: the rule by which one ownership closes and the next opens, and what
becomes of the open leads. Lists run it on a chunk, `leads.transfers` on one parcel.

It reads the temporary tables transfers (line, parcel_id, owner_id, is_new) and held (line, parcel_id, owner_id: who
owned it until now). What becomes of a lead is its market's rule; a lead with an offer out or a contract signed waits
for a person whatever the rule says. The event keeps which of the three it was (`lead`): an undo goes by it.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.imports.lead_sql import LEAD_COLUMNS, OPEN
from leads.models import Event
from leads.stages import Stage
from markets.models import OnOwnerChange

WAITING = (Stage.OFFER_MADE, Stage.UNDER_CONTRACT)
"""Stages in which no rule decides over a lead."""
WHY = "The parcel has a new owner"

CLOSE_OWNERSHIPS = """
UPDATE leads_ownership w SET until = GREATEST(w.since, %(on)s), closed_by_list_id = %(list_import)s
FROM transfers t WHERE w.parcel_id = t.parcel_id AND w.until IS NULL AND NOT t.is_new
"""
OPEN_OWNERSHIPS = """
INSERT INTO leads_ownership (parcel_id, owner_id, since, source, opened_by_list_id)
SELECT parcel_id, owner_id, %(on)s, %(source)s, %(list_import)s FROM transfers ORDER BY line
"""
_FATE = f"""CASE WHEN l.owner_id = t.owner_id THEN NULL
     WHEN l.stage IN ({", ".join(repr(stage.value) for stage in WAITING)}) THEN '{OnOwnerChange.DECIDE.value}'
     ELSE m.on_owner_change END"""
_LEADS = f"leads_lead l JOIN markets_market m ON m.id = l.market_id WHERE l.parcel_id = t.parcel_id AND {OPEN}"
_KEEP_HISTORY = f"""INSERT INTO leads_historicallead
    ({LEAD_COLUMNS}, history_date, history_type, history_change_reason, history_user_id)
SELECT {LEAD_COLUMNS}, %(now)s, '~', %(reason)s, %(by)s::bigint FROM changed"""

# Before the leads change, so that `lead_owner` is whom the lead had. Says how many transfers there are: the statements
# after it need not run when there are none.
RECORD_TRANSFERS = f"""
INSERT INTO leads_event (kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
SELECT '{Event.Kind.OWNER_CHANGED.value}', l.id, t.owner_id, %(by)s::bigint,
       jsonb_build_object('parcel', t.parcel_id, 'from', h.owners, 'to', t.owner_id, 'lead_owner', l.owner_id,
                          'lead', l.fate, 'list_import', %(list_import)s::bigint) || %(told)s::jsonb,
       %(now)s, %(handled)s::timestamptz
FROM transfers t
     LEFT JOIN (SELECT line, jsonb_agg(owner_id ORDER BY owner_id) AS owners FROM held GROUP BY line) h USING (line)
     LEFT JOIN LATERAL (SELECT l.id, l.owner_id, {_FATE} AS fate FROM {_LEADS}) l ON true
WHERE NOT t.is_new AND (h.owners IS NOT NULL OR l.fate IS NOT NULL)
ORDER BY t.line
"""
_FATED = f"""SELECT l.id, l.stage, t.line, t.owner_id AS to_id
    FROM transfers t CROSS JOIN LATERAL (SELECT l.id, l.stage, {_FATE} AS fate FROM {_LEADS}) l WHERE l.fate ="""
FOLLOW_OWNERS = f"""
WITH changed AS (
    UPDATE leads_lead l SET owner_id = f.to_id, updated_at = %(now)s
    FROM ({_FATED} '{OnOwnerChange.FOLLOW.value}') f WHERE l.id = f.id
    RETURNING l.*)
{_KEEP_HISTORY}
"""
ALLOW_STAGE_WRITES = "SELECT set_config('lalw.stage_move', 'on', true)"
CLOSE_LEADS = f"""
WITH fated AS ({_FATED} '{OnOwnerChange.CLOSE.value}'),
changed AS (
    UPDATE leads_lead l SET stage = '{Stage.DEAD.value}', updated_at = %(now)s FROM fated f WHERE l.id = f.id
    RETURNING l.*),
told AS (
    INSERT INTO leads_event (kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
    SELECT '{Event.Kind.STAGE_CHANGED.value}', c.id, c.owner_id, %(by)s::bigint,
           jsonb_build_object('from', f.stage, 'to', c.stage, 'reason', '{WHY}',
                              'list_import', %(list_import)s::bigint),
           %(now)s, %(handled)s::timestamptz
    FROM changed c JOIN fated f USING (id) ORDER BY f.line)
{_KEEP_HISTORY}
"""
LET_WAIT = f"""
WITH changed AS (
    UPDATE leads_lead l SET owner_changed_at = %(now)s, updated_at = %(now)s
    FROM ({_FATED} '{OnOwnerChange.DECIDE.value}') f WHERE l.id = f.id
    RETURNING l.*)
{_KEEP_HISTORY}
"""
WAIT_NO_MORE = f"""
WITH changed AS (
    UPDATE leads_lead l SET owner_changed_at = NULL, updated_at = %(now)s
    FROM transfers t WHERE l.parcel_id = t.parcel_id AND l.owner_id = t.owner_id AND l.owner_changed_at IS NOT NULL
    RETURNING l.*)
{_KEEP_HISTORY}
"""
"""Where the parcel is back with the lead's owner."""
AFTER_TRANSFERS = (FOLLOW_OWNERS, ALLOW_STAGE_WRITES, CLOSE_LEADS, LET_WAIT, WAIT_NO_MORE)
"""After RECORD_TRANSFERS, when it has found any."""

"""SQL of the clean-up: which deleted leads the law keeps and why, and how the others go with all that hangs on them."""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import CASCADE, PROTECT, SET_NULL

from leads.imports.undo_sql import referring
from leads.models import Event, Lead
from leads.stages import Stage
from outreach.models import CallTask, Consent, Letter, Message, Suppression

DUE, WAITING = "due", "waiting"
_CONTACT = (
    Event.Kind.MESSAGE_SENT,
    Event.Kind.MESSAGE_FAILED,
    Event.Kind.REPLY_RECEIVED,
    Event.Kind.REPLY_LABELLED,
    Event.Kind.LETTER_EXPORTED,
    Event.Kind.CALL_LOGGED,
)
_TOLD = ", ".join(f"'{kind.value}'" for kind in _CONTACT)
_SIGNED = f"('{Stage.UNDER_CONTRACT.value}', '{Stage.CLOSED.value}')"
_MESSAGES, _LETTERS, _CALLS = Message._meta.db_table, Letter._meta.db_table, CallTask._meta.db_table
_CONSENTS, _STOPS = Consent._meta.db_table, Suppression._meta.db_table
_KNOWN = {Message, Letter}

# A text keeps its lead in whatever state it is: the gate's decision about it is evidence, too.
_CONTACTED = f"""(
    EXISTS (SELECT FROM {_MESSAGES} m WHERE m.lead_id = lead.id)
    OR EXISTS (SELECT FROM {_MESSAGES} m WHERE m.owner_id = lead.owner_id AND m.lead_id IS NULL)
    OR EXISTS (SELECT FROM {_LETTERS} t WHERE t.lead_id = lead.id)
    OR EXISTS (SELECT FROM {_CALLS} c WHERE c.lead_id = lead.id AND c.done_at IS NOT NULL
               AND c.outcome <> '{CallTask.Outcome.CANCELLED.value}')
    OR EXISTS (SELECT FROM leads_anyevent e WHERE e.lead_id = lead.id AND e.kind IN ({_TOLD})))"""
_STOPPED = f"""(
    EXISTS (SELECT FROM {_STOPS} s WHERE s.owner_id = lead.owner_id)
    OR EXISTS (SELECT FROM leads_ownerphone k JOIN leads_phonenumber n ON n.id = k.phone_id
               JOIN {_STOPS} s ON s.number_hash = n.number_hash WHERE k.owner_id = lead.owner_id))"""
_CONTRACT = f"""(
    lead.stage IN {_SIGNED}
    OR EXISTS (SELECT FROM leads_historicallead h WHERE h.id = lead.id AND h.stage IN {_SIGNED}))"""


def _held_by_others() -> str:
    """Condition: a record of a kind that this module does not know refuses to lose its lead."""
    keys = [key for key in referring(Lead) if key.remote_field.on_delete is PROTECT and key.model not in _KNOWN]
    tests = [f"EXISTS (SELECT FROM {key.model._meta.db_table} r WHERE r.{key.column} = lead.id)" for key in keys]
    return f"({' OR '.join(tests)})" if tests else "false"


KEPT: Mapping[str, str] = {
    "contacted": _CONTACTED,
    "consent on record": f"EXISTS (SELECT FROM {_CONSENTS} c WHERE c.owner_id = lead.owner_id)",
    "said stop": _STOPPED,
    "under contract once": _CONTRACT,
    "other records": _held_by_others(),
}
"""Why a lead stays, in words -> condition; the first that holds is the one that is counted."""

_WHY = " ".join(f"WHEN {condition} THEN '{why}'" for why, condition in KEPT.items())
COUNT = f"""
SELECT CASE WHEN %(before)s::timestamptz IS NULL OR lead.deleted_at >= %(before)s::timestamptz THEN '{WAITING}'
            {_WHY} ELSE '{DUE}' END AS why, count(*)
FROM leads_lead lead WHERE lead.market_id = %(market)s AND lead.deleted_at IS NOT NULL GROUP BY why
"""
CHOOSE = f"""
CREATE TEMP TABLE going ON COMMIT DROP AS
SELECT lead.id FROM leads_lead lead
WHERE lead.market_id = %(market)s AND lead.deleted_at < %(before)s AND lead.id > %(after)s
  AND NOT ({" OR ".join(KEPT.values())})
ORDER BY lead.id LIMIT %(size)s FOR UPDATE OF lead SKIP LOCKED
"""
_COLUMNS = ", ".join(str(field.column) for field in Lead._meta.concrete_fields)
_UNCOUNT = """
UPDATE leads_eventday present SET count = present.count - gone.events
FROM (SELECT market_id, day, kind, count(*) AS events FROM leads_eventarchive JOIN going ON going.id = lead_id
      GROUP BY market_id, day, kind) gone
WHERE present.market_id IS NOT DISTINCT FROM gone.market_id AND present.day = gone.day AND present.kind = gone.kind
"""
_LEADS = f"""
WITH gone AS (DELETE FROM leads_lead lead USING going WHERE lead.id = going.id RETURNING lead.*)
INSERT INTO leads_historicallead ({_COLUMNS}, history_date, history_type, history_change_reason)
SELECT {_COLUMNS}, %(now)s, '-', %(reason)s FROM gone
"""


def remove() -> Iterator[str]:
    """The leads in `going` with their timeline and planned calls; history keeps their last state. What refuses to lose
    its lead is not touched: the database would stop the batch."""
    yield _UNCOUNT
    for key in referring(Lead):
        table, action = key.model._meta.db_table, key.remote_field.on_delete
        if action is CASCADE:
            yield f"DELETE FROM {table} r USING going WHERE r.{key.column} = going.id"
        elif action is SET_NULL:
            yield f"UPDATE {table} r SET {key.column} = NULL FROM going WHERE r.{key.column} = going.id"
    yield _LEADS

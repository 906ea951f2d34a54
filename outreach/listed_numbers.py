"""Do-not-call lists: their numbers are stopped as the list comes in, set-based, whether or not we have them.

A list adds stops and lifts none. Undone, it takes back only those that it alone has brought: not those that another
list names, or that anybody has confirmed since. Texts and calls that wait for such a number are cancelled at once.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from leads.imports.followers import StoredChunk
from leads.models import Event, ListedNumber, ListImport
from outreach import sending
from outreach.models import CallTask, Suppression

WAITING_CANCELLED = "The number is on a do-not-call list."
_COLUMNS = ", ".join(str(field.column) for field in Suppression._meta.concrete_fields)
_REASON = f"CASE n.kind WHEN 'own' THEN '{Suppression.Reason.MANUAL.value}' ELSE n.kind END"
_LIST = "concat('List “', i.filename, '” (', i.id, ')')"
_OWNERS = """JOIN leads_phonenumber p ON p.number_hash = x.number_hash
         JOIN leads_ownerphone k ON k.phone_id = p.id AND k.until IS NULL JOIN leads_owner o ON o.id = k.owner_id"""
_KEEP_HISTORY = f"""
INSERT INTO outreach_historicalsuppression
    ({_COLUMNS}, history_date, history_type, history_change_reason, history_user_id)
SELECT {_COLUMNS}, %(now)s, %(kind)s, %(wrote)s, %(by)s FROM changed
"""
# A table of its own, counted before it is used: the planner knows nothing yet of rows that are only just written.
_NAME = f"""
CREATE TEMP TABLE named ON COMMIT DROP AS
SELECT n.id, n.number_hash, {_REASON} AS reason, n.line,
       left(concat({_LIST}, ', listed ' || to_char(n.listed_on, 'FMMon FMDD, YYYY')), 300) AS evidence
FROM leads_listednumber n JOIN leads_listimport i ON i.id = n.list_import_id
WHERE n.list_import_id = %(list_import)s AND n.line BETWEEN %(first)s AND %(last)s
"""
_MARK_STOPPED = """
UPDATE leads_listednumber n SET was_stopped = true
FROM named WHERE n.id = named.id AND EXISTS (
    SELECT 1 FROM outreach_suppression s WHERE s.number_hash = named.number_hash AND s.lifted_at IS NULL
      AND s.list_import_id IS DISTINCT FROM %(list_import)s)
"""
_STOP = f"""
WITH changed AS (
    INSERT INTO outreach_suppression
        (number_hash, reason, evidence, created_by_id, created_at, lift_reason, list_import_id)
    SELECT DISTINCT ON (number_hash, reason) number_hash, reason, evidence, %(by)s::bigint, %(now)s, '',
           %(list_import)s::bigint
    FROM named ORDER BY number_hash, reason, line
    ON CONFLICT (number_hash, reason) WHERE lifted_at IS NULL DO NOTHING
    RETURNING *),
marked AS (
    UPDATE leads_listednumber n SET is_brought = true
    FROM named JOIN changed USING (number_hash, reason) WHERE n.id = named.id),
told AS (
    INSERT INTO leads_event (kind, owner_id, data, created_at, handled_at)
    SELECT DISTINCT ON (COALESCE(o.merged_into_id, o.id)) '{Event.Kind.NUMBER_STOPPED.value}',
           COALESCE(o.merged_into_id, o.id),
           jsonb_build_object('reason', x.evidence, 'suppressed_for', x.reason, 'phone', p.id), %(now)s, %(now)s
    FROM changed x {_OWNERS}
    ORDER BY COALESCE(o.merged_into_id, o.id), x.id)
{_KEEP_HISTORY}
"""
_BACKED = f"""
CREATE TEMP TABLE backed ON COMMIT DROP AS
SELECT DISTINCT ON (s.id) s.id, i.id AS list_import_id, {_LIST} AS evidence
FROM outreach_suppression s JOIN leads_listednumber n ON n.number_hash = s.number_hash AND {_REASON} = s.reason
     JOIN leads_listimport i ON i.id = n.list_import_id
WHERE s.list_import_id = %(list_import)s AND s.lifted_at IS NULL AND i.id <> %(list_import)s
  AND i.status NOT IN ('undoing', 'undone')
ORDER BY s.id, i.id
"""
# Who names the number too is what it rests on from now on.
_PASS_ON = f"""
WITH changed AS (
    UPDATE outreach_suppression s SET list_import_id = backed.list_import_id, evidence = left(backed.evidence, 300)
    FROM backed WHERE s.id = backed.id
    RETURNING s.*)
{_KEEP_HISTORY}
"""
_LIFT = f"""
WITH changed AS (
    UPDATE outreach_suppression s SET lifted_at = %(now)s, lifted_by_id = %(by)s, lift_reason = %(why)s
    WHERE s.list_import_id = %(list_import)s AND s.lifted_at IS NULL
    RETURNING s.*),
told AS (
    INSERT INTO leads_event (kind, owner_id, actor_id, data, created_at, handled_at)
    SELECT '{Event.Kind.OPT_OUT_LIFTED.value}', COALESCE(o.merged_into_id, o.id), %(by)s,
           jsonb_build_object('suppression', x.id, 'suppressed_for', x.reason, 'reason', %(why)s::text),
           %(now)s, %(now)s
    FROM changed x {_OWNERS} ORDER BY x.id)
{_KEEP_HISTORY}
"""
_STAYED = f"""
SELECT n.line, min(CASE WHEN s.list_import_id IS NULL THEN 'still stopped: confirmed by somebody since'
                        ELSE 'still stopped: ' || s.evidence || ' names it too' END)
FROM leads_listednumber n JOIN outreach_suppression s ON s.number_hash = n.number_hash AND s.reason = {_REASON}
WHERE n.list_import_id = %(list_import)s AND n.is_brought AND s.lifted_at IS NULL GROUP BY n.line
"""


def stop_listed(chunk: StoredChunk) -> None:
    list_import = ListImport.objects.get(pk=chunk.list_import_id)
    parameters = _parameters(list_import, chunk.now) | {
        "first": chunk.first_line,
        "last": chunk.last_line,
        "by": list_import.created_by_id,
        "kind": "+",
    }
    with connection.cursor() as cursor:
        for statement in (_NAME, "ANALYZE named", _MARK_STOPPED, _STOP, "DROP TABLE named"):
            cursor.execute(statement, parameters)
    sending.cancel_listed(chunk.list_import_id, chunk.first_line, chunk.last_line, reason=WAITING_CANCELLED)
    _cancel_calls(chunk)


def give_listed_back(list_import: ListImport, now: datetime) -> Iterable[tuple[int, str]]:
    """Lifts what rests on the list alone, in the name of whoever undid it; returns the lines that stay stopped."""
    parameters = _parameters(list_import, now) | {
        "by": list_import.undone_by_id,
        "kind": "~",
        "why": f"List “{list_import.filename}” undone: {list_import.undo_reason}"[:300],
    }
    with connection.cursor() as cursor:
        for statement in (_BACKED, "ANALYZE backed", _PASS_ON, _LIFT, "DROP TABLE backed"):
            cursor.execute(statement, parameters)
        cursor.execute(_STAYED, parameters)
        return cursor.fetchall()


def _cancel_calls(chunk: StoredChunk) -> None:
    """Few of the numbers are ours, and fewer wait for a call."""
    hashes = ListedNumber.objects.in_lines(chunk.list_import_id, chunk.first_line, chunk.last_line).hashes()
    for task in CallTask.objects.lock_to_numbers(hashes):
        task.outcome, task.note, task.done_at = CallTask.Outcome.CANCELLED, WAITING_CANCELLED, chunk.now
        task.save(update_fields=["outcome", "note", "done_at"])


def _parameters(list_import: ListImport, now: datetime) -> dict[str, Any]:
    return {"list_import": list_import.pk, "now": now, "wrote": f"list import {list_import.pk}"}

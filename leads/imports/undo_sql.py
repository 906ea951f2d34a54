"""Set-based SQL that takes back a slice of a list: the parcels of so many of its rows, and all that hangs on them.

What a list has done is read from what it left behind: history rows with its reason, ownerships and number links with
its id, LeadCreated events. A value goes back only where it is still the one that the list wrote. A record goes only
if nothing refers to it that was not made by machines along with it: whoever was contacted or worked on stays.

Temporary tables: undoing (line, parcel_id, outcome) · concerned (owner_id, line) · notes (line, reason) · going (id).
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models import CASCADE, SET_NULL, ForeignKey

from leads.imports.lead_sql import OPEN
from leads.imports.parcel_sql import LISTED_FIELDS, history_of, history_table
from leads.imports.restore_sql import restore
from leads.imports.transfer_sql import ALLOW_STAGE_WRITES
from leads.models import Event, Lead, Owner, OwnerPhone, Parcel, PhoneNumber
from leads.stages import Stage

MADE_BY_MACHINES = frozenset(
    {"Event", "ArchivedEvent", "Alert", "DuplicatePair", "ImportRow", "ParcelList", "RollChange", "LeadSearch"}
)
"""Models whose rows go with the record they name, instead of keeping it."""
_OWNER_FIELDS = ("mailing_street", "mailing_city", "mailing_state", "mailing_zip", "mailing_key", "email")

SLICE = """
CREATE TEMP TABLE undoing ON COMMIT DROP AS
SELECT line, parcel_id, outcome FROM leads_importrow
WHERE list_import_id = %(list_import)s AND line > %(after)s AND outcome IN ('created', 'updated')
  AND parcel_id IS NOT NULL
ORDER BY line LIMIT %(size)s
"""
PREPARE = (
    "ANALYZE undoing",
    """
    CREATE TEMP TABLE concerned ON COMMIT DROP AS
    SELECT w.owner_id, min(u.line) AS line FROM undoing u JOIN leads_ownership w USING (parcel_id) GROUP BY w.owner_id
    """,
    "ANALYZE concerned",
    "CREATE TEMP TABLE notes (line integer, reason text) ON COMMIT DROP",
)
_DONE = "DROP TABLE going"


def referring(model: type[models.Model]) -> Iterator[ForeignKey[models.Model, models.Model]]:
    """Every key of the project that names a record of the model, history aside."""
    for relation in model._meta.get_fields(include_hidden=True):
        key = getattr(relation, "field", None)
        if relation.auto_created and isinstance(key, ForeignKey) and _is_record(key.model):
            yield key


def _is_record(model: type[models.Model]) -> bool:
    return not model.__name__.startswith("Historical") and model.__name__ != "AnyEvent"  # a view of two others


def _in_use(model: type[models.Model], row: str, besides: frozenset[str] = frozenset()) -> str:
    """Condition: something that people or the outside world made refers to `row`, or a person has edited it."""
    tests = [
        f"EXISTS (SELECT 1 FROM {key.model._meta.db_table} r WHERE r.{key.column} = {row}.id)"
        for key in referring(model)
        if key.model.__name__ not in MADE_BY_MACHINES | besides
    ]
    tests.append(
        f"EXISTS (SELECT 1 FROM {history_table(model)} h WHERE h.id = {row}.id AND h.history_user_id IS NOT NULL)"
    )
    return "(" + "\n    OR ".join(tests) + ")"


def _remove(model: type[models.Model]) -> Iterator[str]:
    """The records in `going`, with what machines made of them; history keeps their last state."""
    for key in referring(model):
        if key.model.__name__ in MADE_BY_MACHINES:
            table = key.model._meta.db_table
            if key.remote_field.on_delete is CASCADE:
                yield f"DELETE FROM {table} r USING going g WHERE r.{key.column} = g.id"
            elif key.remote_field.on_delete is SET_NULL and key.model.__name__ != "ImportRow":  # cleared below
                yield f"UPDATE {table} r SET {key.column} = NULL FROM going g WHERE r.{key.column} = g.id"
    yield f"""
    WITH gone AS (DELETE FROM {model._meta.db_table} x USING going g WHERE x.id = g.id RETURNING x.*)
    {history_of(model, "gone", "-")}
    """


def _both_named(model: type[models.Model], row: str, by: str, owner: str, since: str) -> str:
    """Condition: something that people or the outside world made names both the record and the owner, since then."""
    tests = [
        f"EXISTS (SELECT 1 FROM {key.model._meta.db_table} r WHERE r.{by} = {row} AND r.owner_id = {owner}"
        f"{_made_since(key.model, since)})"
        for key in referring(model)
        if key.model.__name__ not in MADE_BY_MACHINES | {"OwnerPhone"}
        and any(field.name == "owner" for field in key.model._meta.fields)
    ]
    return "(" + "\n    OR ".join(tests) + ")"


def _made_since(model: type[models.Model], since: str) -> str:
    """A record without a date counts whenever it was made."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateTimeField) and field.auto_now_add:
            return f" AND r.{field.column} >= {since}"
    return ""


def _is(owner: str, named: str) -> str:
    """Condition: it is the owner with this id, or whom that one was merged into since."""
    return f"{owner} IN ({named}, (SELECT m.merged_into_id FROM leads_owner m WHERE m.id = {named}))"


_IN_EVENT = "(e.data ->> '{}')::bigint"


LINKS = (
    # A list only ever names a line type that was unknown. First, while all its links are there.
    f"""
    WITH changed AS (
        UPDATE leads_phonenumber n SET line_type = 'unknown'
        FROM (SELECT DISTINCT ON (h.id) h.id, h.line_type
              FROM concerned c JOIN leads_ownerphone k USING (owner_id)
                   JOIN leads_historicalphonenumber h ON h.id = k.phone_id
              WHERE h.history_change_reason = %(wrote)s ORDER BY h.id, h.history_id DESC) named
        WHERE n.id = named.id AND n.line_type = named.line_type AND n.checked_at IS NULL
        RETURNING n.*)
    {history_of(PhoneNumber, "changed", "~")}
    """,
    f"""
    CREATE TEMP TABLE links ON COMMIT DROP AS
    SELECT k.id, k.phone_id, c.line,
           k.until IS NOT NULL OR {_in_use(OwnerPhone, "k")}
           OR {_both_named(PhoneNumber, "k.phone_id", "phone_id", "k.owner_id", "k.since")}
           OR (n.created_at >= %(started)s AND {_in_use(PhoneNumber, "n", frozenset({"OwnerPhone"}))})
           OR EXISTS (SELECT 1 FROM leads_historicalownerphone h
                      WHERE h.id = k.id AND h.history_change_reason LIKE 'list import %%'
                        AND h.history_change_reason <> ALL(%(undone)s)) AS stays
    FROM concerned c JOIN leads_ownerphone k USING (owner_id) JOIN leads_phonenumber n ON n.id = k.phone_id
    WHERE k.list_import_id = %(list_import)s
    """,
    "INSERT INTO notes SELECT line, 'a number has been used or changed since' FROM links WHERE stays",
    "CREATE TEMP TABLE going ON COMMIT DROP AS SELECT id FROM links WHERE NOT stays",
    *_remove(OwnerPhone),
    _DONE,
    f"""
    CREATE TEMP TABLE going ON COMMIT DROP AS
    SELECT n.id FROM leads_phonenumber n
    WHERE n.id IN (SELECT phone_id FROM links WHERE NOT stays) AND n.created_at >= %(started)s
      AND NOT {_in_use(PhoneNumber, "n")}
    """,
    *_remove(PhoneNumber),
    _DONE,
    "DROP TABLE links",
)
LEADS = (
    f"""
    CREATE TEMP TABLE born ON COMMIT DROP AS
    SELECT l.id, u.line, {_in_use(Lead, "l")}
           OR EXISTS (SELECT 1 FROM leads_event e WHERE e.lead_id = l.id AND e.actor_id IS NOT NULL) AS stays
    FROM undoing u JOIN leads_lead l USING (parcel_id)
    WHERE EXISTS (SELECT 1 FROM leads_event e
                  WHERE e.lead_id = l.id AND e.kind = '{Event.Kind.LEAD_CREATED.value}'
                    AND (e.data ->> 'list_import')::integer = %(list_import)s)
    """,
    "INSERT INTO notes SELECT line, 'its lead has been contacted or worked on' FROM born WHERE stays",
    "CREATE TEMP TABLE going ON COMMIT DROP AS SELECT id FROM born WHERE NOT stays",
    *_remove(Lead),
    _DONE,
    "DROP TABLE born",
)
OWNERSHIPS = (
    f"""
    CREATE TEMP TABLE opened ON COMMIT DROP AS
    SELECT w.id, u.line, w.until IS NOT NULL AS closed, EXISTS (
        SELECT 1 FROM leads_lead l WHERE l.parcel_id = w.parcel_id AND l.owner_id = w.owner_id
          AND (l.created_at >= w.since OR {_both_named(Lead, "l.id", "lead_id", "w.owner_id", "w.since")}
               OR EXISTS (SELECT 1 FROM leads_event e WHERE e.lead_id = l.id AND e.created_at >= w.since
                            AND e.kind = '{Event.Kind.OWNER_CHANGE_SETTLED.value}'))) AS worked
    FROM undoing u JOIN leads_ownership w USING (parcel_id) WHERE w.opened_by_list_id = %(list_import)s
    """,
    "INSERT INTO notes SELECT line, 'the parcel has changed hands again since' FROM opened WHERE closed",
    "INSERT INTO notes SELECT line, 'its new owner has been contacted or worked on' FROM opened"
    " WHERE worked AND NOT closed",
    "DELETE FROM leads_ownership w USING opened o WHERE w.id = o.id AND NOT o.closed AND NOT o.worked",
    """
    UPDATE leads_ownership w SET until = NULL, closed_by_list_id = NULL
    WHERE w.id IN (
        SELECT max(c.id) FROM undoing u JOIN leads_ownership c USING (parcel_id)
        WHERE c.closed_by_list_id = %(list_import)s AND NOT EXISTS (
            SELECT 1 FROM leads_ownership now WHERE now.parcel_id = c.parcel_id
              AND (now.opened_by_list_id = %(list_import)s OR (now.owner_id = c.owner_id AND now.until IS NULL)))
        GROUP BY c.parcel_id, c.owner_id)
    """,
    "DROP TABLE opened",
    f"""
    CREATE TEMP TABLE followers ON COMMIT DROP AS
    SELECT DISTINCT l.id, w.owner_id, l.owner_id AS from_id FROM undoing u JOIN leads_lead l USING (parcel_id)
         JOIN leads_event e ON e.lead_id = l.id AND e.kind = '{Event.Kind.OWNER_CHANGED.value}'
         JOIN leads_ownership w ON w.parcel_id = l.parcel_id AND w.until IS NULL AND w.owner_id <> l.owner_id
              AND {_is("w.owner_id", _IN_EVENT.format("lead_owner"))}
    WHERE (e.data ->> 'list_import')::integer = %(list_import)s AND {_is("l.owner_id", _IN_EVENT.format("to"))}
    """,
    f"""
    WITH changed AS (
        UPDATE leads_lead l SET owner_id = r.owner_id, updated_at = %(now)s FROM followers r WHERE l.id = r.id
        RETURNING l.*),
    told AS (
        INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
        SELECT '{Event.Kind.OWNER_CHANGED.value}', id, owner_id, jsonb_build_object(
            'from', jsonb_build_array(from_id), 'to', owner_id, 'undone_list_import', %(list_import)s), %(now)s, %(now)s
        FROM followers)
    {history_of(Lead, "changed", "~")}
    """,
    "DROP TABLE followers",
    f"""
    CREATE TEMP TABLE closed ON COMMIT DROP AS
    SELECT u.line, old.id, old.owner_id, e.data ->> 'from' AS stage,
           old.stage <> '{Stage.DEAD.value}' OR old.deleted_at IS NOT NULL OR EXISTS (
               SELECT 1 FROM leads_event later
               WHERE later.lead_id = old.id AND later.kind = e.kind AND later.id > e.id) AS moved
    FROM undoing u JOIN leads_lead old USING (parcel_id)
         JOIN leads_event e ON e.lead_id = old.id AND e.kind = '{Event.Kind.STAGE_CHANGED.value}'
         JOIN leads_ownership w ON w.parcel_id = old.parcel_id AND w.owner_id = old.owner_id AND w.until IS NULL
    WHERE (e.data ->> 'list_import')::bigint = %(list_import)s AND NOT EXISTS (
        SELECT 1 FROM leads_lead l WHERE l.parcel_id = old.parcel_id AND l.id <> old.id AND {OPEN})
    """,
    "INSERT INTO notes SELECT line, 'its lead has been moved to another stage since' FROM closed WHERE moved",
    ALLOW_STAGE_WRITES,
    f"""
    WITH changed AS (
        UPDATE leads_lead l SET stage = c.stage, updated_at = %(now)s FROM closed c WHERE l.id = c.id AND NOT c.moved
        RETURNING l.*),
    told AS (
        INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
        SELECT '{Event.Kind.STAGE_CHANGED.value}', id, owner_id, jsonb_build_object(
            'from', '{Stage.DEAD.value}', 'to', stage, 'reason', 'The list that closed it was undone',
            'undone_list_import', %(list_import)s), %(now)s, %(now)s
        FROM closed WHERE NOT moved)
    {history_of(Lead, "changed", "~")}
    """,
    "DROP TABLE closed",
    f"""
    WITH changed AS (
        UPDATE leads_lead l SET owner_changed_at = NULL, updated_at = %(now)s
        FROM undoing u JOIN leads_ownership w ON w.parcel_id = u.parcel_id AND w.until IS NULL
        WHERE l.parcel_id = u.parcel_id AND w.owner_id = l.owner_id AND EXISTS (
            SELECT 1 FROM leads_event e
            WHERE e.lead_id = l.id AND e.kind = '{Event.Kind.OWNER_CHANGED.value}'
              AND e.created_at = l.owner_changed_at AND (e.data ->> 'list_import')::bigint = %(list_import)s)
        RETURNING l.*)
    {history_of(Lead, "changed", "~")}
    """,
)
PARCELS = (
    restore(
        Parcel,
        "SELECT parcel_id FROM undoing WHERE outcome = 'updated'",
        LISTED_FIELDS,
        "(SELECT min(u.line) FROM undoing u WHERE u.parcel_id = t.id)",
    ),
    f"""
    CREATE TEMP TABLE born ON COMMIT DROP AS
    SELECT p.id, u.line, {_in_use(Parcel, "p")} OR EXISTS (
        SELECT 1 FROM leads_parcellist r JOIN leads_listimport i ON i.id = r.list_import_id
        WHERE r.parcel_id = p.id AND i.id <> %(list_import)s AND i.status <> 'undone') AS stays
    FROM undoing u JOIN leads_parcel p ON p.id = u.parcel_id
    WHERE EXISTS (SELECT 1 FROM leads_historicalparcel h
                  WHERE h.id = p.id AND h.history_type = '+' AND h.history_change_reason = %(wrote)s)
    """,
    "INSERT INTO notes SELECT line, 'its parcel is still in use, by a person or another list' FROM born WHERE stays",
    "CREATE TEMP TABLE going ON COMMIT DROP AS SELECT id FROM born WHERE NOT stays",
    *_remove(Parcel),
    """
    UPDATE leads_importrow r SET parcel_id = NULL FROM born b
    WHERE NOT b.stays AND r.list_import_id = %(list_import)s AND r.line = b.line
    """,
    _DONE,
    "DROP TABLE born",
)
_TOLD_ANYWAY = frozenset({"Ownership", "Lead", "OwnerPhone"})
"""They are listed themselves where they stay, or their turn has not come yet."""
_OWNER_STAYS = "its owner has been used or changed since"
OWNERS = (
    restore(
        Owner,
        "SELECT owner_id FROM concerned",
        _OWNER_FIELDS,
        "(SELECT c.line FROM concerned c WHERE c.owner_id = t.id)",
    ),
    f"""
    CREATE TEMP TABLE born ON COMMIT DROP AS
    SELECT o.id, c.line, {_in_use(Owner, "o")} AS stays, {_in_use(Owner, "o", _TOLD_ANYWAY)} AS told
    FROM leads_owner o JOIN concerned c ON c.owner_id = o.id
    WHERE EXISTS (SELECT 1 FROM leads_historicalowner h
                  WHERE h.id = o.id AND h.history_type = '+' AND h.history_change_reason = %(wrote)s)
    """,
    f"INSERT INTO notes SELECT line, '{_OWNER_STAYS}' FROM born WHERE told",
    "CREATE TEMP TABLE going ON COMMIT DROP AS SELECT id FROM born WHERE NOT stays",
    *_remove(Owner),
    _DONE,
    "DROP TABLE born",
)
_LEAD_STAYS = "its lead has been contacted or worked on"
# A lead that stays keeps its land and its owner: that goes without saying.
SHORTEN = f"""
DELETE FROM notes n USING notes m
WHERE n.line = m.line AND m.reason = '{_LEAD_STAYS}'
  AND n.reason IN ('{_OWNER_STAYS}', 'its new owner has been contacted or worked on',
                   'its parcel is still in use, by a person or another list')
"""
NOTE = """
INSERT INTO leads_importrow (list_import_id, line, outcome, reason, parcel_id)
SELECT %(list_import)s, n.line, 'kept', left(string_agg(DISTINCT n.reason, '; ' ORDER BY n.reason), 300), min(p.id)
FROM notes n JOIN undoing u USING (line) LEFT JOIN leads_parcel p ON p.id = u.parcel_id
GROUP BY n.line
"""
LAST_LINE = "SELECT max(line) FROM undoing"
TAKE_BACK = (*PREPARE, *LINKS, *LEADS, *OWNERSHIPS, *PARCELS, *OWNERS, SHORTEN, NOTE)
TABLES = "undoing, concerned, notes"

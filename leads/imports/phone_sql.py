"""Set-based SQL of a chunk for telephone numbers. A number is one record however many owners share it.

A list adds links and do-not-call marks. It never takes any away, and never renews a link that somebody has ended.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.imports.parcel_sql import history_of
from leads.models import OwnerPhone, PhoneNumber

# Sorted, so that imports of two parishes lock the numbers they share in one order.
INSERT_NUMBERS = """
INSERT INTO leads_phonenumber (number, number_hash, area_code, line_type, carrier, status, status_reason, created_at)
SELECT DISTINCT ON (p.number_hash) p.number, p.number_hash, p.area_code, p.line_type, '', 'unchecked', '', %(now)s
FROM staged_phones p JOIN owned o USING (line) WHERE o.how <> 'person'
ORDER BY p.number_hash, p.line_type = 'unknown', p.line, p.position
ON CONFLICT (number_hash) DO NOTHING
"""
NAME_LINE_TYPES = f"""
WITH named AS (
    SELECT DISTINCT ON (p.number_hash) p.number_hash, p.line_type, p.line FROM staged_phones p JOIN owned o USING (line)
    WHERE p.line_type <> 'unknown' AND o.how <> 'person'
    ORDER BY p.number_hash, p.line, p.position),
changed AS (
    UPDATE leads_phonenumber n SET line_type = p.line_type
    FROM named p WHERE n.number_hash = p.number_hash AND n.line_type = 'unknown' AND n.checked_at IS NULL
    RETURNING n.*),
noted AS (INSERT INTO touched SELECT p.line, 'updated' FROM changed JOIN named p USING (number_hash))
{history_of(PhoneNumber, "changed", "~")}
"""
LINKS = """
CREATE TEMP TABLE links ON COMMIT DROP AS
SELECT l.*, old.id IS NULL AS is_new, old.until IS NOT NULL AS is_ended, old.id AS link_id,
       COALESCE(old.do_not_call, false) AS is_marked,
       NOT EXISTS (SELECT 1 FROM leads_ownerphone any_link WHERE any_link.owner_id = l.owner_id) AS owner_is_new
FROM (SELECT DISTINCT ON (o.owner_id, n.id) o.owner_id, n.id AS phone_id, p.line, p.position,
             bool_or(p.do_not_call) OVER (PARTITION BY o.owner_id, n.id) AS do_not_call
      FROM staged_phones p JOIN owned o USING (line) JOIN leads_phonenumber n USING (number_hash)
      WHERE o.how <> 'person' ORDER BY o.owner_id, n.id, p.line, p.position) l
     LEFT JOIN LATERAL (SELECT id, until, do_not_call FROM leads_ownerphone k
                        WHERE k.owner_id = l.owner_id AND k.phone_id = l.phone_id
                        ORDER BY until IS NULL DESC, id DESC LIMIT 1) old ON true
"""
INSERT_LINKS = """
INSERT INTO leads_ownerphone (owner_id, phone_id, rank, source, since, do_not_call, list_import_id)
SELECT l.owner_id, l.phone_id,
       COALESCE((SELECT max(k.rank) FROM leads_ownerphone k WHERE k.owner_id = l.owner_id AND k.until IS NULL), 0)
           + row_number() OVER (PARTITION BY l.owner_id ORDER BY l.line, l.position),
       %(source)s, %(now)s, l.do_not_call, %(list_import)s
FROM links l WHERE l.is_new
"""
# With history, by which an undo of the list that brought the number knows that another has marked it.
MARK_DO_NOT_CALL = f"""
WITH changed AS (
    UPDATE leads_ownerphone k SET do_not_call = true
    FROM links l WHERE k.id = l.link_id AND l.do_not_call AND NOT l.is_marked
    RETURNING k.*)
{history_of(OwnerPhone, "changed", "~")}
"""
# A skip-trace row is “created” where it brings its owner the first number, else “updated”.
NOTE_LINKS = """
INSERT INTO touched
SELECT line, CASE WHEN %(only_contacts)s AND bool_or(owner_is_new AND line = first_line) THEN 'created'
                  ELSE 'updated' END
FROM (SELECT *, min(line) OVER (PARTITION BY owner_id) AS first_line FROM links
      WHERE is_new OR (do_not_call AND NOT is_marked)) l
GROUP BY line
"""

"""Set-based SQL of a chunk for owners and ownership, in the order of this file.

Temporary tables: held (current ownerships of the placed parcels) · owned (line, parcel_id, owner_id, how) · newcomers
(owners to create) · edited_owners · new_addresses (with `before`, the old one in a line) · transfers (parcels that
get another owner).
`how`: same = the parcel's owner already · person = a person entered another owner, who stays · found = known by name
and address · new.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.imports.parcel_sql import history_of, human_edits
from leads.models import Owner, Ownership

HOLD = """
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT pl.line, pl.parcel_id, w.owner_id, o.name_key, w.source,
       EXISTS (SELECT 1 FROM leads_historicalownership h
               WHERE h.id = w.id AND h.history_user_id IS NOT NULL) AS by_person
FROM placed pl JOIN leads_ownership w ON w.parcel_id = pl.parcel_id AND w.until IS NULL
     JOIN leads_owner o ON o.id = w.owner_id
WHERE NOT pl.is_new
"""
# The list's name is the owner's if it is the present one, that with or without initials, one that a person has
# corrected since, or a merged owner's. “SMITH JOHN” and “SMITH JOHN A” on one parcel are one man; A and B are two.
_BARE = "btrim(regexp_replace(regexp_replace({}, '\\m[A-Z]\\M', '', 'g'), ' +', ' ', 'g'))"
_LISTED, _PRESENT = _BARE.format("s.name_key"), _BARE.format("h.name_key")
_SAME_NAME = f"""(s.name_key = h.name_key
    OR ({_LISTED} = {_PRESENT} AND (s.name_key = {_LISTED} OR h.name_key = {_PRESENT}))
    OR EXISTS (SELECT 1 FROM leads_historicalowner f WHERE f.id = h.owner_id AND f.name_key = s.name_key)
    OR EXISTS (SELECT 1 FROM leads_owner m WHERE m.merged_into_id = h.owner_id AND m.name_key = s.name_key))"""
OWN_SAME = f"""
CREATE TEMP TABLE owned ON COMMIT DROP AS
SELECT DISTINCT ON (h.line) h.line, h.parcel_id, h.owner_id, 'same' AS how
FROM held h JOIN staged s USING (line)
WHERE s.name_key IS NOT NULL AND {_SAME_NAME}
ORDER BY h.line, s.name_key = h.name_key DESC, h.owner_id
"""
# Against a transfer that a person recorded no list counts that still names a former owner; any other name is news.
OWN_BY_PERSON = f"""
INSERT INTO owned
SELECT h.line, h.parcel_id, min(h.owner_id), 'person'
FROM held h JOIN staged s USING (line)
WHERE h.by_person AND s.name_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM owned o WHERE o.line = h.line)
  AND (h.source NOT IN ({", ".join(repr(how.value) for how in Ownership.How)}) OR EXISTS (
      SELECT 1 FROM leads_ownership w JOIN leads_owner f ON f.id = w.owner_id
      WHERE w.parcel_id = h.parcel_id AND w.until IS NOT NULL AND {_LISTED} = {_BARE.format("f.name_key")}))
GROUP BY h.line, h.parcel_id
"""
SEEK = """
CREATE TEMP TABLE seekers ON COMMIT DROP AS
SELECT s.line, pl.parcel_id, s.name_key, s.mailing_key,
       (SELECT COALESCE(o.merged_into_id, o.id) FROM leads_owner o
        WHERE o.name_key = s.name_key AND o.mailing_key = s.mailing_key
        ORDER BY o.merged_into_id IS NULL DESC, o.id LIMIT 1) AS owner_id
FROM placed pl JOIN staged s USING (line) LEFT JOIN owned ow ON ow.line = s.line
WHERE s.name_key IS NOT NULL AND ow.line IS NULL
"""
# Who moves and buys in one list is one owner: a row of a parcel that is theirs already gives this very address.
SEEK_MOVED = """
UPDATE seekers k SET owner_id = m.owner_id
FROM (SELECT s.name_key, s.mailing_key, min(o.id) AS owner_id
      FROM owned ow JOIN staged s USING (line) JOIN leads_owner o ON o.id = ow.owner_id AND o.name_key = s.name_key
      WHERE ow.how = 'same' AND EXISTS (SELECT 1 FROM seekers WHERE owner_id IS NULL)
      GROUP BY s.name_key, s.mailing_key) m
WHERE k.owner_id IS NULL AND k.name_key = m.name_key AND k.mailing_key = m.mailing_key
"""
NEWCOMERS = """
CREATE TEMP TABLE newcomers ON COMMIT DROP AS
SELECT first.line, first.name_key, first.mailing_key, nextval('leads_owner_id_seq') AS id
FROM (SELECT DISTINCT ON (name_key, mailing_key) line, name_key, mailing_key FROM seekers WHERE owner_id IS NULL
      ORDER BY name_key, mailing_key, line) first
"""
INSERT_OWNERS = f"""
WITH born AS (
    INSERT INTO leads_owner (id, name, name_key, kind, people, care_of, et_al, mailing_street, mailing_city,
                             mailing_state, mailing_zip, mailing_key, email, created_at, updated_at)
    SELECT n.id, s.owner_name, s.name_key, s.owner_kind, s.owner_people, s.care_of, s.et_al,
           COALESCE(s.mailing_street, ''), COALESCE(s.mailing_city, ''),
           COALESCE(s.mailing_state, ''), COALESCE(s.mailing_zip, ''), s.mailing_key, s.email, %(now)s, %(now)s
    FROM newcomers n JOIN staged s USING (line) ORDER BY n.line
    RETURNING *)
{history_of(Owner, "born", "+")}
"""
OWN_SOUGHT = """
INSERT INTO owned
SELECT k.line, k.parcel_id, COALESCE(k.owner_id, n.id), CASE WHEN k.owner_id IS NULL THEN 'new' ELSE 'found' END
FROM seekers k LEFT JOIN newcomers n ON n.name_key = k.name_key AND n.mailing_key = k.mailing_key
"""
ANALYZE_OWNED = "ANALYZE owned"
EDITED_OWNERS = human_edits(
    "edited_owners", "leads_historicalowner", "SELECT owner_id FROM owned WHERE how IN ('same', 'found')"
)
# Of an owner's parcels the one known longest speaks for the address; the others only fill an empty one. So an owner
# whose parcels are listed with different addresses does not change address with each row, or with each import.
# An address with less to it than the present one is not taken: half of it would be the old one's.
NEW_ADDRESSES = """
CREATE TEMP TABLE new_addresses ON COMMIT DROP AS
WITH other AS MATERIALIZED (  -- few; for the others nobody asks which parcel speaks
    SELECT ow.owner_id, ow.line, ow.parcel_id, s.mailing_street, s.mailing_city, s.mailing_state, s.mailing_zip,
           s.mailing_key, o.mailing_street = '' AS is_empty,
           concat_ws(', ', NULLIF(o.mailing_street, ''), NULLIF(o.mailing_city, ''),
                     NULLIF(btrim(o.mailing_state || ' ' || o.mailing_zip), '')) AS before
    FROM owned ow JOIN staged s USING (line) JOIN leads_owner o ON o.id = ow.owner_id
         LEFT JOIN edited_owners e ON e.id = o.id
    WHERE ow.how = 'same' AND s.mailing_street IS NOT NULL AND s.mailing_key <> o.mailing_key
      AND (o.mailing_city = '' OR s.mailing_city IS NOT NULL)
      AND (o.mailing_state = '' OR s.mailing_state IS NOT NULL)
      AND (o.mailing_zip = '' OR s.mailing_zip IS NOT NULL)
      AND NOT COALESCE(e.fields && ARRAY['mailing_street', 'mailing_city', 'mailing_state', 'mailing_zip'], false))
SELECT DISTINCT ON (owner_id) * FROM (
    SELECT *, parcel_id = (SELECT min(w.parcel_id) FROM leads_ownership w
                           WHERE w.owner_id = other.owner_id AND w.until IS NULL) AS speaks
    FROM other) candidates
WHERE speaks OR is_empty ORDER BY owner_id, speaks DESC, line
"""
UPDATE_ADDRESSES = f"""
WITH changed AS (
    UPDATE leads_owner o
    SET mailing_street = c.mailing_street, mailing_city = COALESCE(c.mailing_city, ''),
        mailing_state = COALESCE(c.mailing_state, ''), mailing_zip = COALESCE(c.mailing_zip, ''),
        mailing_key = c.mailing_key, updated_at = %(now)s
    FROM new_addresses c WHERE o.id = c.owner_id
    RETURNING o.*),
noted AS (INSERT INTO touched SELECT line, 'updated' FROM new_addresses)
{history_of(Owner, "changed", "~")}
"""
# Encrypted values cannot be compared, so a list fills a missing e-mail address and never replaces one.
FILL_EMAILS = f"""
WITH chosen AS (
    SELECT DISTINCT ON (ow.owner_id) ow.owner_id, ow.line, s.email
    FROM owned ow JOIN staged s USING (line) JOIN leads_owner o ON o.id = ow.owner_id
         LEFT JOIN edited_owners e ON e.id = o.id
    WHERE ow.how <> 'person' AND s.email IS NOT NULL AND o.email IS NULL
      AND NOT COALESCE('email' = ANY(e.fields), false)
    ORDER BY ow.owner_id, ow.line),
changed AS (
    UPDATE leads_owner o SET email = c.email, updated_at = %(now)s FROM chosen c WHERE o.id = c.owner_id RETURNING o.*),
noted AS (INSERT INTO touched SELECT line, 'updated' FROM chosen)
{history_of(Owner, "changed", "~")}
"""
TRANSFERS = """
CREATE TEMP TABLE transfers ON COMMIT DROP AS
SELECT ow.line, ow.parcel_id, ow.owner_id, pl.is_new
FROM owned ow JOIN placed pl USING (line)
WHERE ow.how IN ('found', 'new')
  AND NOT EXISTS (SELECT 1 FROM held h WHERE h.line = ow.line AND h.owner_id = ow.owner_id)
"""
NOTE_TRANSFERS = "INSERT INTO touched SELECT line, 'updated' FROM transfers WHERE NOT is_new"
# Skip trace ----------------------------------------------------------------------------------------------------------
OWN_UNNAMED = """
INSERT INTO owned
SELECT h.line, h.parcel_id, min(h.owner_id), 'same'
FROM held h JOIN staged s USING (line)
WHERE s.name_key IS NULL GROUP BY h.line, h.parcel_id HAVING count(*) = 1
"""
TAKE_UNOWNED = """
DELETE FROM placed pl USING staged s
WHERE s.line = pl.line AND NOT EXISTS (SELECT 1 FROM owned o WHERE o.line = pl.line)
RETURNING pl.line, CASE
    WHEN NOT EXISTS (SELECT 1 FROM held h WHERE h.line = pl.line) THEN 'the parcel has no owner on record'
    WHEN s.name_key IS NULL THEN 'the parcel has several owners and the row names none'
    ELSE 'the parcel now has another owner than the row says' END
"""

"""Which owners are worth comparing: those that share a block (same surname in a ZIP, same phone, same house...).

Blocks and pairs live in temporary tables; Python sees one chunk of owners or pairs at a time. A block with more owners
than the limit (a law firm's post box, a registered agent's number) says nothing and is left out, counted by kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from leads.duplicates.addresses import address_words, house_number
from leads.duplicates.matching import Match, Shared, Side
from leads.duplicates.names import read_name
from leads.models import Owner

BLOCK_LIMIT = 200
CHUNK = 10_000
NAME, HOUSE, PHONE, PARCEL, SUBDIVISION = range(1, 6)
BLOCKS = {
    NAME: "name and ZIP", HOUSE: "house and ZIP", PHONE: "phone", PARCEL: "parcel", SUBDIVISION: "name and subdivision",
}  # fmt: skip
"""No block of surname and ZIP alone: nine tenths of all pairs came from it, and none of them scored enough to be asked
about, since every second fact that counts has a block of its own."""

TABLES = """
DROP TABLE IF EXISTS pg_temp.dup_owner, pg_temp.dup_key, pg_temp.dup_block, pg_temp.dup_pair, pg_temp.dup_found,
    pg_temp.dup_different, pg_temp.dup_carriers;
CREATE TEMP TABLE dup_owner (owner_id bigint NOT NULL, words bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE dup_key (kind smallint NOT NULL, key bigint NOT NULL, owner_id bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE dup_found (first_id bigint NOT NULL, second_id bigint NOT NULL, score numeric(5,4) NOT NULL,
    evidence jsonb NOT NULL) ON COMMIT DROP;
SET LOCAL work_mem = '64MB';
"""
OWNERS = """
SELECT o.id, o.name_key, o.kind, o.mailing_street, o.mailing_zip FROM leads_owner o
 WHERE o.id > %(last)s AND o.merged_into_id IS NULL AND o.kind <> ALL(%(never)s)
   AND (%(market)s::bigint IS NULL
        OR EXISTS (SELECT 1 FROM leads_lead l WHERE l.owner_id = o.id AND l.market_id = %(market)s)
        OR EXISTS (SELECT 1 FROM leads_ownership w JOIN leads_parcel p ON p.id = w.parcel_id
                     JOIN markets_parish r ON r.id = p.parish_id
                    WHERE w.owner_id = o.id AND w.until IS NULL AND r.market_id = %(market)s))
 ORDER BY o.id LIMIT %(limit)s
"""
SHARED_KEYS = """
CREATE UNIQUE INDEX ON dup_owner (owner_id);
ANALYZE dup_owner;
INSERT INTO dup_key SELECT DISTINCT %(phone)s, p.phone_id, o.owner_id
  FROM dup_owner o JOIN leads_ownerphone p ON p.owner_id = o.owner_id AND p.until IS NULL;
INSERT INTO dup_key SELECT DISTINCT %(parcel)s, w.parcel_id, o.owner_id
  FROM dup_owner o JOIN leads_ownership w ON w.owner_id = o.owner_id;
INSERT INTO dup_key SELECT DISTINCT %(subdivision)s,
       hashtextextended(o.words || ' ' || p.parish_id || ' ' || upper(p.subdivision), 0), o.owner_id
  FROM dup_owner o JOIN leads_ownership w ON w.owner_id = o.owner_id AND w.until IS NULL
  JOIN leads_parcel p ON p.id = w.parcel_id AND p.subdivision <> '';
"""
SIZED = """
CREATE TEMP TABLE dup_block ON COMMIT DROP AS
SELECT kind, key, owner_id, size FROM
  (SELECT kind, key, owner_id, count(*) OVER (PARTITION BY kind, key) AS size FROM dup_key) sized
 WHERE size > 1;
DROP TABLE dup_key;
ANALYZE dup_block;
"""
TOO_BIG = "SELECT kind, count(DISTINCT key) FROM dup_block WHERE size > %(block_limit)s GROUP BY kind"
PAIRS = """
CREATE TEMP TABLE dup_pair ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY first_id, second_id) AS n, first_id, second_id, phone, parcel, subdivision FROM
  (SELECT a.owner_id AS first_id, b.owner_id AS second_id, bool_or(a.kind = %(phone)s) AS phone,
          bool_or(a.kind = %(parcel)s) AS parcel, bool_or(a.kind = %(subdivision)s) AS subdivision
     FROM dup_block a JOIN dup_block b ON b.kind = a.kind AND b.key = a.key AND b.owner_id > a.owner_id
    WHERE a.size <= %(block_limit)s GROUP BY 1, 2) pairs
 WHERE NOT EXISTS (SELECT 1 FROM dup_different d WHERE d.first_id = pairs.first_id AND d.second_id = pairs.second_id);
CREATE UNIQUE INDEX ON dup_pair (n);
ANALYZE dup_pair;
"""
DIFFERENT = """
CREATE TEMP TABLE dup_different ON COMMIT DROP AS
SELECT DISTINCT least(first_id, second_id) AS first_id, greatest(first_id, second_id) AS second_id FROM
  (SELECT COALESCE(one.merged_into_id, one.id) AS first_id, COALESCE(other.merged_into_id, other.id) AS second_id
     FROM leads_duplicatepair p
     JOIN leads_owner one ON one.id = p.first_id JOIN leads_owner other ON other.id = p.second_id
    WHERE p.state = 'different') decided
"""
CARRIERS = """
CREATE TEMP TABLE dup_carriers ON COMMIT DROP AS SELECT words, count(*) AS carriers FROM dup_owner GROUP BY words;
CREATE UNIQUE INDEX ON dup_carriers (words);
"""
SIDES = """
SELECT p.first_id, p.second_id, a.name_key, a.kind, a.mailing_street, a.mailing_zip,
       b.name_key, b.kind, b.mailing_street, b.mailing_zip, p.phone, p.parcel, p.subdivision, c.carriers
  FROM dup_pair p JOIN leads_owner a ON a.id = p.first_id JOIN leads_owner b ON b.id = p.second_id
  JOIN dup_owner o ON o.owner_id = p.first_id JOIN dup_carriers c ON c.words = o.words
 WHERE p.n > %s AND p.n <= %s ORDER BY p.n
"""


@dataclass
class Candidates:
    owners: int = 0
    pairs: int = 0
    skipped_blocks: dict[str, int] = field(default_factory=dict)


class CandidatePair(NamedTuple):
    first_id: int
    second_id: int
    one: Side
    other: Side
    shared: Shared


Progress = Callable[[str, int, int], None]


def find_candidates(market_id: int | None, block_limit: int, progress: Progress) -> Candidates:
    """Fills the temporary tables; needs an open transaction, at whose end they vanish."""
    found = Candidates()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        total = _owners_at_most(cursor)
        for rows in _owner_chunks(cursor, market_id):
            _copy(cursor, "dup_owner (owner_id, words)", ((row[0], _words_of(row)) for row in rows))
            _copy(cursor, "dup_key (kind, key, owner_id)", (key for row in rows for key in _keys(row)))
            found.owners += len(rows)
            progress("reading owners", found.owners, max(total, found.owners))
        progress("sorting into blocks", 0, 1)
        values = {"block_limit": block_limit, "phone": PHONE, "parcel": PARCEL, "subdivision": SUBDIVISION}
        for statement in (SHARED_KEYS, SIZED, CARRIERS, DIFFERENT):
            cursor.execute(statement, values)
        cursor.execute(TOO_BIG, values)
        found.skipped_blocks = {BLOCKS[kind]: count for kind, count in cursor.fetchall()}
        cursor.execute(PAIRS, values)
        cursor.execute("SELECT count(*) FROM dup_pair")
        found.pairs = cursor.fetchone()[0]
    return found


def candidate_pairs(total: int) -> Iterator[list[CandidatePair]]:
    with connection.cursor() as cursor:
        for start in range(0, total, CHUNK):
            cursor.execute(SIDES, [start, start + CHUNK])
            yield [_candidate(row) for row in cursor.fetchall()]


def keep_found(found: list[tuple[CandidatePair, Match]], evidence: Callable[[Match], str]) -> None:
    with connection.cursor() as cursor:
        rows = ((p.first_id, p.second_id, match.points / 100, evidence(match)) for p, match in found)
        _copy(cursor, "dup_found (first_id, second_id, score, evidence)", rows)


def _owners_at_most(cursor: Any) -> int:
    cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'leads_owner'::regclass")
    return int(cursor.fetchone()[0])


def _owner_chunks(cursor: Any, market_id: int | None) -> Iterator[list[tuple[Any, ...]]]:
    last = 0
    never = [str(kind) for kind in Owner.NEVER_CONTACTED]
    while True:
        cursor.execute(OWNERS, {"last": last, "never": never, "market": market_id, "limit": CHUNK})
        rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _words_of(row: tuple[Any, ...]) -> int:
    """One number for the words of a name in any order. Python's hash: it only has to agree within this process."""
    return hash(tuple(sorted(read_name(row[1], row[2]).words)))


def _keys(row: tuple[Any, ...]) -> set[tuple[int, int, int]]:
    owner_id, name_key, kind, street, zip_code = row
    zip5 = zip_code[:5]
    if not zip5:
        return set()
    name = tuple(sorted(read_name(name_key, kind).words))
    keys = {(NAME, hash((name, zip5)), owner_id)}
    if house := house_number(street) or " ".join(address_words(street)):
        keys.add((HOUSE, hash((house, zip5)), owner_id))
    return keys


def _candidate(row: tuple[Any, ...]) -> CandidatePair:
    return CandidatePair(row[0], row[1], Side(*row[2:6]), Side(*row[6:10]), Shared(*row[10:14]))


def _copy(cursor: Any, table: str, rows: Any) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)

"""One chunk of a do-not-call list into the records: the numbers' hashes, and through the follower the stops themselves.

A number is stopped whether or not we have it. Nothing here ever lifts a stop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from leads.imports.followers import StoredChunk, tell_stored
from leads.imports.rows import StagedRow
from leads.imports.staging import spell_listed, stage_listed
from leads.imports.upserts import Batch, Chunk, Counts, record_refusals, store_chunk

RECORD = """
INSERT INTO leads_listednumber
    (list_import_id, line, number_hash, kind, listed_on, is_known, was_stopped, is_brought)
SELECT DISTINCT ON (s.number_hash, s.kind) %(list_import)s, s.line, s.number_hash, s.kind, s.listed_on,
       EXISTS (SELECT 1 FROM leads_phonenumber n WHERE n.number_hash = s.number_hash), false, false
FROM staged_listed s ORDER BY s.number_hash, s.kind, s.line
ON CONFLICT (number_hash, kind, list_import_id) DO NOTHING
"""
COUNT = """
SELECT count(DISTINCT line) FROM leads_listednumber
WHERE list_import_id = %(list_import)s AND line BETWEEN %(first)s AND %(last)s AND is_brought
"""


@dataclass
class NumberChunk(Chunk):
    listed: list[str] = field(default_factory=list)
    spelled_listed: bytes = b""

    def add(self, row: StagedRow) -> None:
        self.listed.extend(spell_listed(row))
        if row.notes:
            self.notes[row.line] = row.notes

    def close(self) -> None:
        self.spelled_listed = "".join(self.listed).encode()
        self.listed = []


def store(batch: Batch, chunk: Chunk) -> Counts:
    return store_numbers(batch, chunk) if isinstance(chunk, NumberChunk) else store_chunk(batch, chunk)


def store_numbers(batch: Batch, chunk: NumberChunk) -> Counts:
    """As store_chunk. A row that stops a number which nothing had stopped so is “created”."""
    lines = {"first": chunk.first_line, "last": chunk.last_line}
    with connection.cursor() as cursor:
        stage_listed(cursor, chunk.spelled_listed)
        cursor.execute(RECORD, batch.parameters)
        tell_stored(StoredChunk(batch.list_import_id, batch.plan.source, chunk.first_line, chunk.last_line, batch.now))
        created = _count(cursor, batch.parameters | lines)
        record_refusals(cursor, batch, chunk, chunk.rejected)
        cursor.execute("DROP TABLE staged_listed")
    rejected = len(chunk.rejected)
    return Counts(created, 0, chunk.size - created - rejected, rejected)


def _count(cursor: Any, parameters: dict[str, Any]) -> int:
    cursor.execute(COUNT, parameters)
    return int(cursor.fetchone()[0])

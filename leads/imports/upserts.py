"""One chunk of a list into the records: staged, then a fixed series of set-based statements in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from core.plans import by_index
from leads.imports import lead_sql, owner_sql, parcel_sql, phone_sql, roll_sql, sale_sql, stacking_sql, transfer_sql
from leads.imports.followers import StoredChunk, tell_stored
from leads.imports.rows import Place, Rejected, StagedRow
from leads.imports.scorer import ChunkScorer, the_scorer
from leads.imports.sources import SourcePlan
from leads.imports.staging import (
    copy_into,
    encrypted,
    spell_phones,
    spell_row,
    spell_sale,
    stage_phones,
    stage_rows,
    stage_sales,
)
from leads.models import ImportRow, ListImport

Outcome = ImportRow.Outcome


@dataclass(frozen=True)
class Batch:
    """What all rows of a list have in common."""

    list_import_id: int
    market_id: int
    place: Place
    plan: SourcePlan
    now: datetime
    last_roll: ListImport | None = None
    """Of the parish, when this is a newer one: then what has changed since is kept."""

    @property
    def parameters(self) -> dict[str, Any]:
        known = self.last_roll.mapping if self.last_roll else {}
        return {
            "list_import": self.list_import_id,
            "market": self.market_id,
            "parish": self.place.parish_id,
            "source": self.plan.source,
            "creates": self.plan.creates_parcels,
            "is_roll": self.plan.is_roll,
            "only_contacts": self.plan.only_contacts,
            "least_years": self.plan.least_years,
            "reason": f"list import {self.list_import_id}",
            "knew_years": "years_delinquent" in known,
            "knew_adjudicated": "adjudicated" in known,
            "now": self.now,
            "on": self.now,
            "handled": self.now,
            "by": None,
            "told": "{}",
        }


@dataclass
class Chunk:
    """Rows as the database reads them, spelled by whoever reads ahead; they would take five times the room unspelled.

    `raw` holds each row's cells by line, for those that may end up rejected; `notes` what a row goes in without.
    """

    raw: dict[int, list[str]]
    rows: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    sales: list[str] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    spelled_rows: bytes = b""
    spelled_phones: bytes = b""
    spelled_sales: bytes = b""
    size: int = field(init=False)
    first_line: int = field(init=False)
    last_line: int = field(init=False)

    def __post_init__(self) -> None:
        self.size, self.first_line, self.last_line = len(self.raw), min(self.raw), max(self.raw)

    def add(self, row: StagedRow) -> None:
        self.rows.append(spell_row(row))
        if row.phones:
            self.phones.extend(spell_phones(row))
        if row.sale:
            self.sales.extend(spell_sale(row))
        if row.notes:
            self.notes[row.line] = row.notes

    def close(self) -> None:
        """In one piece each: every write lets other threads run, and waits for its turn after them."""
        self.spelled_rows, self.spelled_phones = "".join(self.rows).encode(), "".join(self.phones).encode()
        self.spelled_sales = "".join(self.sales).encode()
        self.rows, self.phones, self.sales = [], [], []

    def forget_what_goes_in(self) -> None:
        """For lists whose rows are refused when they are read or never: nobody will ask for the others' cells."""
        self.raw = {row.line: self.raw[row.line] for row in self.rejected}

    def note(self, lines: Iterable[int], reason: str) -> None:
        for line in lines:
            self.notes.setdefault(line, []).append(reason)


@dataclass(frozen=True)
class Counts:
    created: int
    updated: int
    unchanged: int
    rejected: int


SUPERSEDED = "the parcel is listed again further down; its last row counts"

_PARCELS = (
    parcel_sql.ANALYZE_PLACED,
    parcel_sql.EDITED_PARCELS,
    parcel_sql.INSERT_PARCELS,
    parcel_sql.RENEW,
    parcel_sql.UPDATE_PARCELS,
    parcel_sql.NOTE_CREATED,
)
_OWNERS = (
    owner_sql.OWN_SAME,
    owner_sql.OWN_BY_PERSON,
    owner_sql.SEEK,
    owner_sql.SEEK_MOVED,
    owner_sql.NEWCOMERS,
    owner_sql.INSERT_OWNERS,
    owner_sql.OWN_SOUGHT,
    owner_sql.ANALYZE_OWNED,
    owner_sql.EDITED_OWNERS,
    owner_sql.NEW_ADDRESSES,
    owner_sql.UPDATE_ADDRESSES,
    owner_sql.FILL_EMAILS,
    owner_sql.TRANSFERS,
    transfer_sql.CLOSE_OWNERSHIPS,
    transfer_sql.OPEN_OWNERSHIPS,
    owner_sql.NOTE_TRANSFERS,
)
_BORN = (lead_sql.RECORD_LEADS, lead_sql.NOTE_LEADS)
_PHONES = (
    phone_sql.INSERT_NUMBERS,
    phone_sql.NAME_LINE_TYPES,
    phone_sql.LINKS,
    phone_sql.INSERT_LINKS,
    phone_sql.MARK_DO_NOT_CALL,
    phone_sql.NOTE_LINKS,
)
_TABLES = (
    "staged, staged_phones, touched, placed, edited_parcels, renewed, held, owned, seekers, newcomers, edited_owners,"
    " new_addresses, transfers, opened, links"
)
_NO_RENEWED = "CREATE TEMP TABLE renewed (line integer, before jsonb) ON COMMIT DROP"


def store_chunk(batch: Batch, chunk: Chunk) -> Counts:
    """Writes the chunk and its ImportRows; to be called in a transaction. Counts add up to the chunk's size."""
    scorer = _open_scorer(batch)
    with connection.cursor() as cursor:
        stage_rows(cursor, chunk.spelled_rows)
        cursor.execute(parcel_sql.CREATE_TOUCHED)
        rejected = [*chunk.rejected, *_place(cursor, batch)]
        if batch.plan.only_contacts:
            rejected += _own_for_contacts(cursor, batch)
            _run(cursor, batch, (stacking_sql.STACK,))
        else:
            if batch.plan.tells_sales:
                _take_sales(cursor, batch, chunk)
            _run(cursor, batch, (*_PARCELS, owner_sql.HOLD, *_OWNERS, transfer_sql.RECORD_TRANSFERS))
            if cursor.rowcount:
                _run(cursor, batch, transfer_sql.AFTER_TRANSFERS)
            _run(cursor, batch, (stacking_sql.STACK, lead_sql.OPEN_LEADS))
            _insert_leads(cursor, batch, scorer)
            _run(cursor, batch, _BORN)
            if batch.last_roll:
                _run(cursor, batch, roll_sql.IN_CHUNK)
        if chunk.spelled_phones:
            stage_phones(cursor, chunk.spelled_phones)
            _run(cursor, batch, _PHONES)
        if scorer:
            scorer.score_changed()
        cursor.execute(lead_sql.RECORD_ROWS, batch.parameters)
        created, updated = cursor.fetchone()
        record_refusals(cursor, batch, chunk, rejected)
        cursor.execute(f"DROP TABLE IF EXISTS {_TABLES}")  # at once, for callers whose transaction goes on
    unchanged = chunk.size - created - updated - len(rejected)
    return Counts(created, updated, unchanged, len(rejected))


def _place(cursor: Any, batch: Batch) -> list[Rejected]:
    with by_index(cursor):
        cursor.execute(parcel_sql.PLACE, batch.parameters)
    cursor.execute(parcel_sql.TAKE_UNPLACED)
    unknown = f"no such parcel in {batch.place.parish}"
    rejected = [Rejected(line, unknown) for (line,) in cursor.fetchall()]
    cursor.execute(parcel_sql.INDEX_PLACED)
    return rejected


def _take_sales(cursor: Any, batch: Batch, chunk: Chunk) -> None:
    cursor.execute(parcel_sql.ANALYZE_PLACED)
    cursor.execute(sale_sql.SILENCE)
    chunk.note((line for (line,) in cursor.fetchall()), sale_sql.EARLIER)
    stage_sales(cursor, chunk.spelled_sales)
    cursor.execute(sale_sql.RECORD, batch.parameters)
    cursor.execute("DROP TABLE staged_sales")
    tell_stored(StoredChunk(batch.list_import_id, batch.plan.source, chunk.first_line, chunk.last_line, batch.now))


def _own_for_contacts(cursor: Any, batch: Batch) -> list[Rejected]:
    """Numbers go to the owner whom the row names, and only if the parcel is still theirs."""
    steps = (_NO_RENEWED, owner_sql.HOLD, owner_sql.OWN_SAME, owner_sql.OWN_UNNAMED, owner_sql.ANALYZE_OWNED)
    _run(cursor, batch, steps)
    cursor.execute(owner_sql.TAKE_UNOWNED)
    rejected = [Rejected(line, reason) for line, reason in cursor.fetchall()]
    _run(cursor, batch, (owner_sql.EDITED_OWNERS, owner_sql.FILL_EMAILS))
    return rejected


def _open_scorer(batch: Batch) -> ChunkScorer | None:
    scorer = the_scorer()
    return scorer.open_chunk(batch.market_id, batch.place.parish_id, batch.now) if scorer else None


def _insert_leads(cursor: Any, batch: Batch, scorer: ChunkScorer | None) -> None:
    """With their scores, so that each is written once."""
    if scorer is None:
        cursor.execute(lead_sql.INSERT_LEADS, batch.parameters)
        return
    scores = scorer.scores_of("opened", lead_sql.SCORED_COLUMNS)
    with by_index(cursor):
        cursor.execute(lead_sql.INSERT_SCORED_LEADS.format(scores=scores), {**batch.parameters, **scorer.parameters})


def _run(cursor: Any, batch: Batch, statements: Iterable[str]) -> None:
    parameters = batch.parameters
    for statement in statements:
        cursor.execute(statement, parameters)


def record_refusals(cursor: Any, batch: Batch, chunk: Chunk, rejected: Sequence[Rejected]) -> None:
    """Rejected rows with their cells, encrypted; rows that went in without some values, with the reasons."""
    refused = {row.line for row in rejected}
    partial = [(line, _reasons(notes)) for line, notes in chunk.notes.items() if line not in refused]
    partial += [(line, SUPERSEDED) for line in chunk.superseded]
    rows: list[tuple[str | None, ...]] = [
        (str(batch.list_import_id), str(row.line), Outcome.REJECTED.value, row.reason, _raw(chunk, row.line))
        for row in rejected
    ]
    rows += [(str(batch.list_import_id), str(line), Outcome.PARTIAL.value, reason, None) for line, reason in partial]
    if rows:
        copy_into(cursor, "leads_importrow", ("list_import_id", "line", "outcome", "reason", "raw"), rows)


def _raw(chunk: Chunk, line: int) -> str:
    return encrypted(json.dumps(chunk.raw[line]))


def _reasons(notes: Sequence[str]) -> str:
    return "; ".join(sorted(set(notes)))[:300]

"""Running a list import: chunk after chunk, each committed together with its counters.

Whoever runs it may be killed at any moment: the next runner goes on after the last committed chunk. A person may cancel
it between chunks. Of one parish one list is imported at a time.
"""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from leads.events import record_event
from leads.imports.detection import check_mapping
from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.formats import Layout, Reader, Record, find_layout, open_list
from leads.imports.number_lists import NumberChunk, store
from leads.imports.number_rows import NumberRowReader, row_reader
from leads.imports.progress import CountingTold
from leads.imports.read_ahead import read_ahead, read_apart
from leads.imports.roll_diff import conclude, roll_before
from leads.imports.rows import Place, Rejected, RowReader
from leads.imports.sales import take_out_of_turn
from leads.imports.scorer import LAND_FIELDS, LandSample, the_scorer
from leads.imports.search_filing import filing_beside
from leads.imports.sources import PLANS
from leads.imports.staging import copy_into
from leads.imports.upserts import Batch, Chunk
from leads.models import Event, ListImport

logger = logging.getLogger(__name__)
CHUNK_ROWS = 10_000
STALE = timedelta(minutes=3)
"""A running import without a heartbeat for so long has lost its worker. Counting a large list takes under a minute."""
MAX_ATTEMPTS = 5
"""Starts without progress after which a list is given up: it ends its worker each time."""
CHUNK_ATTEMPTS = 3
_FRESHENED_AFTER = (1, 4, 16, 64)
"""Chunks after which the planner's statistics are brought up to date."""
_LONG = 3
"""Chunks from which it pays to start a process that reads the list, and a thread that keeps up the search index."""
_PARISH_LOCK = 0x4C495354
_LISTED_AGAIN = """
SELECT l.line FROM listed l JOIN (SELECT number, max(line) AS last FROM listed GROUP BY number
                                  HAVING count(*) > 1) d USING (number) WHERE l.line < d.last ORDER BY l.line
"""
_LATER_SALES = """
SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY number ORDER BY sold_on DESC, line DESC) AS rank
                  FROM listed) l WHERE rank > 1 ORDER BY line
"""
Status = ListImport.Status
Progress = Callable[[int, int], None]
"""Called with rows read and rows in all after each chunk."""


class ImportStopped(Exception):  # noqa: N818  - it is not an error
    """Somebody cancelled the import, or another worker has taken it over."""


def run_import(
    list_import_id: int,
    *,
    progress: Progress | None = None,
    counting: Callable[[int], None] | None = None,
    counted: Callable[[int], None] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> ListImport | None:
    """Runs a queued or abandoned import to its end; None when it is not to be run now (another is at work in the
    parish, or it is finished). A list that cannot be read ends as failed, with one line that says why. `counting`
    hears how many rows are counted while the list is read for the first time, `counted` with how many done it starts.
    """
    list_import = claim(list_import_id)
    if list_import is None:
        return None
    try:
        told = CountingTold(list_import_id, counting, counted)
        _Run(list_import, progress or (lambda read, total: None), told, chunk_rows).run()
    except ListError as error:
        _fail(list_import_id, str(error))
    except ImportStopped as stopped:
        logger.info("list import %s: %s", list_import_id, stopped)
    except DatabaseError as error:
        logger.exception("list import %s", list_import_id)
        _fail(list_import_id, f"{list_import.filename}: the database refused the next rows ({_named(error)})")
    return ListImport.objects.get(pk=list_import_id)


def claim(list_import_id: int) -> ListImport | None:
    """Marks the import as running, for this worker alone."""
    now = timezone.now()
    with transaction.atomic():
        list_import = ListImport.objects.locked(list_import_id)
        lock_parish(list_import.parish_id)
        if list_import.status == Status.UNDOING or not ListImport.objects.due(now - STALE).contains(list_import):
            return None
        if ListImport.objects.alive_in(list_import.parish_id, now - STALE).exists():
            return None
        list_import.attempts += 1
        if list_import.attempts > MAX_ATTEMPTS:
            _end(list_import, Status.FAILED, f"{list_import.filename}: given up after {MAX_ATTEMPTS} starts")
            return None
        list_import.status = Status.RUNNING
        list_import.error = ""
        list_import.started_at = list_import.started_at or now
        list_import.finished_at = None
        list_import.heartbeat_at = now
        list_import.save()
    return list_import


def stored_file(list_import: ListImport) -> ListFile:
    storage, name = list_import.file.storage, str(list_import.file.name)
    return ListFile(list_import.filename, lambda: storage.open(name, "rb"))


@dataclass
class _Run:
    list_import: ListImport
    progress: Progress
    counting: CountingTold
    chunk_rows: int

    def run(self) -> None:
        list_import = self.list_import
        self.file = stored_file(list_import)
        if not list_import.file.storage.exists(str(list_import.file.name)):
            raise ListError("the stored file is gone; upload it again", file=list_import.filename)
        self.plan = PLANS[list_import.source]
        self.last_roll = roll_before(list_import)
        self.place = Place(list_import.parish_id or 0, list_import.place_name)
        layout = find_layout(self.file)
        self.scorer = the_scorer()
        with open_list(self.file, layout) as reader:
            self.rows = self._row_reader(reader)
            self.sample = self._land_sample(reader)
        try:
            total, superseded = self._survey(layout)
        finally:
            self.counting.end()
        if self.scorer and self.sample and list_import.parish_id:
            self.scorer.begin(list_import.market, list_import.parish_id, self.sample)
        ListImport.objects.set_total(list_import.pk, total, timezone.now())
        read = list_import.rows_read
        self.counting.counted(read)
        self._store_rows(layout, superseded, read, total)
        if self.scorer and list_import.parish_id:
            self.scorer.conclude(list_import.parish_id, self._live)
        self._finish()

    def _store_rows(self, layout: Layout, superseded: array[int], read: int, total: int) -> None:
        is_long = total - read > _LONG * self.chunk_rows
        with open_list(self.file, layout) as reader, filing_beside() as file_waiting:
            chunks = self._chunks(islice(reader.records(), read, None), superseded)
            for number, chunk in enumerate((read_apart if is_long else read_ahead)(chunks), start=1):
                created = self._store(chunk, read)
                read += chunk.size
                self.progress(read, total)
                if is_long and created:
                    file_waiting()
                if number in _FRESHENED_AFTER and created * 2 > chunk.size:
                    _refresh_statistics()

    def _row_reader(self, reader: Reader) -> RowReader | NumberRowReader:
        mapping = check_mapping(self.plan, reader.header, self.list_import.mapping, file=self.file.name)
        return row_reader(self.plan, reader.header, mapping, self.place)

    def _land_sample(self, reader: Reader) -> LandSample | None:
        """For a list that may bring in parcels, and only before its first row is written."""
        if self.scorer is None or self.list_import.rows_read or not self.plan.creates_parcels:
            return None
        land = {name: column for name, column in self.list_import.mapping.items() if name in LAND_FIELDS}
        return LandSample(RowReader(self.plan, reader.header, land, self.place))

    def _survey(self, layout: Layout) -> tuple[int, array[int]]:
        """Reads the list once before anything is written: how many rows it has, and the lines of those whose parcel
        is listed again further down, or of a sales list with a later sale. Found here for the whole file, so that
        chunks of any size give one result."""
        counted = _Counter(self.counting)
        with open_list(self.file, layout) as reader, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE listed (line integer, number text, sold_on date) ON COMMIT DROP")
            records = counted.through(reader.records())
            if self.sample:
                records = self.sample.through(records)
            if self.plan.tells_sales:
                copy_into(cursor, "listed", ("line", "number", "sold_on"), self._sales(records))
            else:
                copy_into(cursor, "listed", ("line", "number"), self._numbers(records))
            cursor.execute(_LATER_SALES if self.plan.tells_sales else _LISTED_AGAIN)
            superseded = array("I", (line for (line,) in cursor))
            cursor.execute("DROP TABLE listed")
        if not counted.rows:
            raise ListError("holds column names but no rows", file=self.file.name)
        return counted.rows, superseded

    def _numbers(self, records: Iterator[Record]) -> Iterator[tuple[str, str]]:
        for record in records:
            if not isinstance(self.rows, RowReader):
                continue
            number = self.rows.identify(record)
            if isinstance(number, str) and not self.plan.only_contacts:
                yield str(record.line), number

    def _sales(self, records: Iterator[Record]) -> Iterator[tuple[str, str | None, str | None]]:
        for record in records:
            row = self.rows.read(record)
            if not isinstance(row, Rejected):
                yield str(record.line), row.values["number"], row.values["last_sale_on"]

    def _chunks(self, records: Iterator[Record], superseded: array[int]) -> Iterator[Chunk]:
        while batch := list(islice(records, self.chunk_rows)):
            chunk = (NumberChunk if self.plan.stops_as else Chunk)({record.line: record.cells for record in batch})
            for record in batch:
                self._sort(record, chunk, superseded)
            chunk.close()
            if not self.plan.refuses_when_stored:
                chunk.forget_what_goes_in()
            yield chunk

    def _sort(self, record: Record, chunk: Chunk, superseded: array[int]) -> None:
        position = bisect_left(superseded, record.line)
        is_superseded = position < len(superseded) and superseded[position] == record.line
        if is_superseded and not self.plan.tells_sales:
            chunk.superseded.append(record.line)
            return
        row = self.rows.read(record)
        if isinstance(row, Rejected):
            chunk.rejected.append(row)
            return
        if is_superseded:
            take_out_of_turn(row)
        chunk.add(row)

    def _store(self, chunk: Chunk, read: int) -> int:
        """Returns how many rows created something."""
        for _ in range(CHUNK_ATTEMPTS - 1):
            try:
                return self._store_once(chunk, read)
            except (IntegrityError, OperationalError):
                # Somebody entered one of these parcels at the same moment, or two imports crossed: look again.
                if connection.in_atomic_block:
                    raise
        return self._store_once(chunk, read)

    def _store_once(self, chunk: Chunk, read: int) -> int:
        now = timezone.now()
        with transaction.atomic():
            lock_parish(self.list_import.parish_id)
            current = ListImport.objects.locked(self.list_import.pk)
            if current.status != Status.RUNNING:
                raise ImportStopped(f"it is {current.status}")
            if current.rows_read != read:
                raise ImportStopped("another worker has taken it over")
            batch = Batch(current.pk, current.market_id, self.place, self.plan, now, self.last_roll)
            counts = store(batch, chunk)
            ListImport.objects.add_progress(current.pk, now, **asdict(counts))
        return counts.created

    def _live(self) -> None:
        """A sign of life between chunks; not from a worker whom somebody has stopped."""
        current = ListImport.objects.get(pk=self.list_import.pk)
        if current.status != Status.RUNNING:
            raise ImportStopped(f"it is {current.status}")
        ListImport.objects.add_progress(current.pk, timezone.now())

    def _finish(self) -> None:
        with transaction.atomic():
            done = ListImport.objects.locked(self.list_import.pk)
            if done.status != Status.RUNNING:
                raise ImportStopped(f"it is {done.status}")
            conclude(done, timezone.now())
            _end(done, Status.DONE)
            record_event(
                Event.Kind.LIST_IMPORTED,
                actor=done.created_by,
                market_id=done.market_id,
                list_import=done.pk,
                parish=done.place_name,
                source=done.source,
                created=done.rows_created,
                updated=done.rows_updated,
                unchanged=done.rows_unchanged,
                rejected=done.rows_rejected,
            )


class _Counter:
    def __init__(self, told: CountingTold) -> None:
        self.rows = 0
        self._told = told

    def through(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self.rows += 1
            if self.rows % 1_000 == 0:
                self._told(self.rows)
            yield record


def _refresh_statistics() -> None:
    """PostgreSQL plans by what it believes of the tables, and these grow under its hands. A small sample will do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute("ANALYZE leads_parcel, leads_owner, leads_ownership, leads_lead, leads_leadsearch")
        cursor.execute("ANALYZE leads_phonenumber, leads_ownerphone, leads_historicalowner, leads_historicalparcel")
        cursor.execute("ANALYZE leads_listednumber, leads_listedsale")


def lock_parish(parish_id: int | None) -> None:
    """Until the transaction ends nobody else writes a list of this parish; lists of numbers wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_PARISH_LOCK, parish_id or 0])


def lock_parishes_of(market_id: int) -> None:
    """The same for every parish of the market."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, id::int) FROM"
            " (SELECT id FROM markets_parish WHERE market_id = %s ORDER BY id) parish",
            [_PARISH_LOCK, market_id],
        )


def _fail(list_import_id: int, message: str) -> None:
    with transaction.atomic():
        list_import = ListImport.objects.locked(list_import_id)
        if list_import.status == Status.RUNNING:
            _end(list_import, Status.FAILED, message)
            _tell_feed(list_import, message)


def _tell_feed(list_import: ListImport, message: str) -> None:
    """Nobody watches a list that came by itself."""
    if feed := list_import.feed:
        record_event(
            Event.Kind.LIST_FEED_FAILED,
            market_id=feed.market_id,
            list_import=list_import.pk,
            feed=feed.pk,
            name=feed.name,
            detail=message,
        )


def _end(list_import: ListImport, status: ListImport.Status, error: str = "") -> None:
    list_import.status = status
    list_import.error = error
    list_import.finished_at = timezone.now()
    list_import.attempts = 0
    found = ["parcels_missing", "is_part"]  # by the roll diff
    list_import.save(update_fields=["status", "error", "finished_at", "attempts", *found])


def _named(error: DatabaseError) -> str:
    """Class and constraint; the database's own words would quote the row."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return f"{type(error).__name__}{f': {constraint}' if constraint else ''}"

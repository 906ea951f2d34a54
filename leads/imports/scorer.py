"""How leads get their score while a list comes in. The room above says how; `config` names it (config/apps.py).

Without a scorer leads come in unscored. Scores depend on what the parcels of a parish say together, which the first
rows of its first list cannot know: so the survey that reads a list before anything is written takes a sample.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from leads.imports.formats import Record
from leads.imports.rows import RowReader, StagedRow

if TYPE_CHECKING:
    from markets.models import Market

MOST_SAMPLED = 20_000
LAND_FIELDS = (
    "number", "parish_name", "acres", "square_feet", "land_value", "situs_zip", "situs_city", "situs_address",
    "situs_city_state_zip",
)  # fmt: skip


class LandSample:
    """Land values per acre and ZIPs of the rows that have them, of every row or of every so many in a long list."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._every = 1
        self._rows: list[tuple[float | None, str]] = []

    def through(self, records: Iterator[Record]) -> Iterator[Record]:
        for position, record in enumerate(records):
            if position % self._every == 0:
                self._take(record)
            yield record

    @property
    def median(self) -> Decimal | None:
        values = self._values
        return Decimal(str(round(statistics.median(values), 2))) if values else None

    @property
    def counted(self) -> int:
        """About how many rows of the list have such a value."""
        return len(self._values) * self._every

    @property
    def zips(self) -> frozenset[str]:
        return frozenset(zip_code for _, zip_code in self._rows if zip_code)

    @property
    def _values(self) -> list[float]:
        return [value for value, _ in self._rows if value is not None]

    def _take(self, record: Record) -> None:
        row = self._reader.read(record)
        if not isinstance(row, StagedRow):
            return
        acres, value = row.values["acres"], row.values["land_value"]
        per_acre = float(value) / float(acres) if acres and value and float(value) > 0 else None
        self._rows.append((per_acre, (row.values["situs_zip"] or "")[:5]))
        if len(self._rows) == MOST_SAMPLED:
            del self._rows[1::2]
            self._every *= 2


class ChunkScorer(Protocol):
    """Scores with the weights and figures that hold until the chunk is committed."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Of the statements below, all named score_…; `score_version` is the version of the weights."""

    def scores_of(self, relation: str, columns: Sequence[str]) -> str:
        """A SELECT of score, reasons and these columns for each row of a relation with (id, parcel_id, owner_id)."""

    def score_changed(self) -> None:
        """Scores the leads of the parish whose inputs the chunk has changed."""


class Scorer(Protocol):
    def begin(self, market: Market, parish_id: int, sample: LandSample) -> None:
        """Before the first row is written."""

    def open_chunk(self, market_id: int, parish_id: int, now: datetime) -> ChunkScorer:
        """In the transaction of the chunk, which has locked the parish."""

    def conclude(self, parish_id: int, alive: Callable[[], None]) -> None:
        """After the last row, or when all is taken back; `alive` is called now and then, and may raise."""


_scorers: list[Scorer] = []


def set_scorer(scorer: Scorer) -> None:
    _scorers[:] = [scorer]


def the_scorer() -> Scorer | None:
    return _scorers[0] if _scorers else None

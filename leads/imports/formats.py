"""Readers of list formats: each turns bytes into a header and a stream of records, whatever the file's size.

A new format is one more reader in `READERS`.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from leads.imports.errors import ListError
from leads.imports.files import ListFile, find_encoding, likely_delimiter, size_text

MAX_COLUMNS = 256
_END = "\x1c end of the list"
"""A line of our own after the last one: an open quotation mark would swallow it, which csv does not mind."""
MAX_FEATURE = 16 << 20
_SAMPLED_FEATURES = 1000
_MAX_CELL_LINES = 200
"""A cell that runs on for more lines than this is a quote that was never closed."""


class Record(NamedTuple):
    line: int
    """Where it begins in the file, the header being line 1; of a GeoJSON the number of the feature plus 1."""
    cells: list[str]


@dataclass(frozen=True)
class Layout:
    """How a file is to be read; found once, stored with the import."""

    format: str
    encoding: str
    delimiter: str = ""


class Reader(Protocol):
    header: list[str]

    def records(self) -> Iterator[Record]: ...


def find_layout(file: ListFile) -> Layout:
    """Reads the file's bytes once; raises ListError for what cannot be a list."""
    with file.open() as stream:
        start = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return Layout("geojson", find_encoding(file, lines=False))
    encoding = find_encoding(file, lines=True)
    with file.open() as stream:
        first = stream.readline(1 << 20).decode(encoding, "replace")
    return Layout("csv", encoding, likely_delimiter([first]))


@contextmanager
def open_list(file: ListFile, layout: Layout) -> Iterator[Reader]:
    with file.open() as stream, io.TextIOWrapper(stream, encoding=layout.encoding, newline="") as text:
        yield READERS[layout.format](file.name, text, layout)


class CsvReader:
    def __init__(self, name: str, text: io.TextIOBase, layout: Layout) -> None:
        self.name = name
        self._rows = csv.reader(itertools.chain(text, [_END]), delimiter=layout.delimiter or ",")
        self.header = unique_names(name, next(self._guarded(), Record(1, [])).cells)

    def records(self) -> Iterator[Record]:
        """Rows with anything in them; a blank line is no row."""
        return (record for record in self._guarded() if record.cells)

    def _guarded(self) -> Iterator[Record]:
        rows = self._rows
        line = rows.line_num + 1
        try:
            for cells in rows:
                if cells == [_END]:
                    return
                if rows.line_num - line > _MAX_CELL_LINES or (cells and cells[-1].endswith(_END)):
                    self._refuse("a quotation mark opens here and is not closed", line)
                yield Record(line, cells)
                line = rows.line_num + 1
        except csv.Error as error:
            limit = f"{csv.field_size_limit():,} characters"
            self._refuse(f"holds a cell of more than {limit}" if "limit" in str(error) else str(error), line)

    def _refuse(self, message: str, line: int) -> None:
        raise ListError(message, file=self.name, row=line) from None


class GeoJsonReader:
    """Reads one feature at a time; properties are columns, the geometry is the column “geometry”."""

    def __init__(self, name: str, text: io.TextIOBase, layout: Layout) -> None:
        self.name = name
        self._text = text
        self._buffer = ""
        self._decoder = json.JSONDecoder()
        self._seek_features()
        self._features = self._read_features()
        self._first = list(itertools.islice(self._features, _SAMPLED_FEATURES))
        names = dict.fromkeys(key for feature in self._first for key in _properties(feature))
        self._keys = [*(key for key in names if key != "geometry"), "geometry"]
        self.header = unique_names(name, [_storable(key) for key in self._keys])

    def records(self) -> Iterator[Record]:
        for number, feature in enumerate(itertools.chain(self._first, self._features), start=2):
            values = _properties(feature) | {"geometry": feature.get("geometry")}
            yield Record(number, [_cell(values.get(key)) for key in self._keys])

    def _seek_features(self) -> None:
        while '"features"' not in self._buffer or "[" not in self._buffer.split('"features"', 1)[1]:
            if len(self._buffer) > MAX_FEATURE or not self._more():
                raise ListError("holds no list of features, so it is not a GeoJSON of parcels", file=self.name)
        self._buffer = self._buffer.split('"features"', 1)[1].split("[", 1)[1]

    def _read_features(self) -> Iterator[dict[str, Any]]:
        for number in itertools.count(2):
            feature = self._next_feature(number)
            if feature is None:
                return
            yield feature

    def _next_feature(self, number: int) -> dict[str, Any] | None:
        while True:
            self._buffer = self._buffer.lstrip(" \t\r\n,")
            if self._buffer.startswith("]"):
                return None
            try:
                feature, end = self._decoder.raw_decode(self._buffer)
            except json.JSONDecodeError:
                if len(self._buffer) > MAX_FEATURE:
                    message = f"a feature is larger than {size_text(MAX_FEATURE)} or broken"
                    raise ListError(message, file=self.name, row=number) from None
                if not self._more():
                    raise ListError("the file breaks off here", file=self.name, row=number) from None
                continue
            except (ValueError, RecursionError):  # a number of thousands of digits, or nested without end
                raise ListError("is a feature that cannot be read", file=self.name, row=number) from None
            self._buffer = self._buffer[end:]
            if not isinstance(feature, dict):
                raise ListError("is not a feature", file=self.name, row=number)
            return feature

    def _more(self) -> bool:
        block = self._text.read(1 << 16)
        self._buffer += block
        return bool(block)


READERS: dict[str, type[CsvReader] | type[GeoJsonReader]] = {"csv": CsvReader, "geojson": GeoJsonReader}


def unique_names(name: str, header: list[str]) -> list[str]:
    """Column names without two alike and without a blank one; ListError when there are none or too many."""
    if not any(cell.strip() for cell in header):
        raise ListError("the first row is blank; it must hold the column names", file=name, row=1)
    if len(header) > MAX_COLUMNS:
        raise ListError(f"has {len(header):,} columns; at most {MAX_COLUMNS} are read", file=name, row=1)
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        base = " ".join(cell.split())[:200] or f"column {number}"
        copies = sum(1 for taken in names if taken == base or taken.startswith(f"{base} ("))
        names.append(base if base not in names else f"{base} ({copies + 1})")
    return names


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else _storable(str(value))


def _storable(text: str) -> str:
    """Without what JSON can escape and PostgreSQL cannot hold: NUL and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()

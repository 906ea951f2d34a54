"""What a list would do before it does it: its columns, the detected mapping, and rows as they would be stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from leads.imports.detection import Detected, Sample, check_mapping, detect_mapping
from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.formats import Layout, Record, find_layout, open_list
from leads.imports.number_rows import row_reader
from leads.imports.rows import Place, Rejected, StagedRow
from leads.imports.sources import SourcePlan

SAMPLED_ROWS = 2000
"""Enough to tell a parcel number from a number that repeats."""
SHOWN_ROWS = 20
_ALL_BUT_LAST = re.compile(r"\w(?=\w*[\W_]*\w{2})")
"""All but the last letters or digits of a telephone number or an e-mail address."""


@dataclass(frozen=True)
class ListSample:
    """The beginning of a list."""

    file: str
    layout: Layout
    sample: Sample
    records: tuple[Record, ...]

    @property
    def header(self) -> list[str]:
        return list(self.sample.header)

    def detect(self, plan: SourcePlan) -> list[Detected]:
        return detect_mapping(plan, self.sample)

    def guess(self, plan: SourcePlan) -> dict[str, str]:
        """The detected mapping: our field -> the file's column."""
        return {found.field: found.column for found in self.detect(plan)}

    def shown(self, field: str, column: str) -> tuple[str, ...]:
        """A few cells of the column; telephone numbers and e-mail addresses masked."""
        cells = self.sample.shown(self.sample.header.index(column)) if column in self.sample.header else ()
        is_personal = field == "email" or field.startswith("phone_")
        return tuple(map(mask_personal, cells)) if is_personal else cells

    def preview(self, plan: SourcePlan, mapping: Mapping[str, str], place: Place) -> list[StagedRow | Rejected]:
        """The first rows as they would be stored; ListError when the mapping is not fit."""
        checked = check_mapping(plan, self.header, mapping, file=self.file)
        reader = row_reader(plan, self.header, checked, place)
        return [reader.read(record) for record in self.records[:SHOWN_ROWS]]


def mask_personal(text: str) -> str:
    return _ALL_BUT_LAST.sub("•", text)


def sample_list(file: ListFile) -> ListSample:
    """Reads all bytes once, to be sure they can be read, and the first rows. ListError for a list that is none."""
    layout = find_layout(file)
    with open_list(file, layout) as reader:
        header = reader.header
        records = tuple(islice(reader.records(), SAMPLED_ROWS))
    if not records:
        raise ListError("holds column names but no rows", file=file.name)
    return ListSample(file.name, layout, Sample(header, [record.cells for record in records]), records)

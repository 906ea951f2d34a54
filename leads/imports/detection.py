"""Which column of a list is which field: by what its header says, held against what its cells look like."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from leads.imports.errors import ListError
from leads.imports.fields import ListField, normal_header
from leads.imports.sources import SourcePlan, all_fields

Mapping_ = dict[str, str]
"""Our field -> the file's column."""
ACCEPTED = 0.5
_CONTAINED = 0.75
"""Confidence of a header that says more than the alias, such as “Acreage (deed)”."""
_LOOKS_ONLY = 0.6
"""Confidence of a column whose cells alone tell what it is, whatever its header."""
_TOLD_BY_CELLS = ("email", "location", "mailing_city_state_zip")
_MOSTLY = 0.5
_KEY_SHARE = 0.9
_SHOWN = 3
_LOOKED_AT = 300
"""Cells of a column that are held against a field; whether a key repeats is seen in all of the sample."""


@dataclass(frozen=True)
class Detected:
    field: str
    column: str
    confidence: float
    """0-1."""
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def filled(self, index: int) -> list[str]:
        return [row[index] for row in self.rows if index < len(row) and row[index].strip()]

    def shown(self, index: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.strip()[:80] for cell in self.filled(index)))[:_SHOWN]


def detect_mapping(plan: SourcePlan, sample: Sample) -> list[Detected]:
    """Best guesses, each field and each column at most once, in the order of the plan's fields."""
    cells = [sample.filled(index) for index in range(len(sample.header))]
    candidates = [
        (confidence, -rank, -index, field.name)
        for rank, field in enumerate(plan.fields)
        for index, header in enumerate(sample.header)
        if (confidence := _confidence(field, header, cells[index])) >= ACCEPTED
    ]
    columns: dict[str, tuple[int, float]] = {}
    for confidence, _, negative, name in sorted(candidates, reverse=True):
        if name not in columns and -negative not in {index for index, _ in columns.values()}:
            columns[name] = (-negative, confidence)
    return [
        Detected(field.name, sample.header[index], round(confidence, 2), sample.shown(index))
        for field in plan.fields
        if field.name in columns
        for index, confidence in [columns[field.name]]
    ]


def check_mapping(plan: SourcePlan, header: Sequence[str], mapping: Mapping[str, str], *, file: str) -> Mapping_:
    """The mapping without blanks; ListError names the field or column that is wrong."""
    chosen = {field: column for field, column in mapping.items() if column}
    allowed = {field.name for field in plan.fields}
    taken: dict[str, str] = {}
    for field, column in chosen.items():
        if field not in allowed:
            raise ListError(f"a {plan.source} list has no field “{field}”", file=file)
        if column not in header:
            raise ListError(f"there is no such column for {plan.field(field).label}", file=file, row=1, column=column)
        if column in taken:
            both = f"{plan.field(taken[column]).label} and {plan.field(field).label}"
            raise ListError(f"is used twice, for {both}", file=file, row=1, column=column)
        taken[column] = field
    for field in plan.required:
        if field not in chosen:
            label = plan.field(field).label.lower()
            raise ListError(f"no {label} column was found; name it in the mapping", file=file, row=1)
    return chosen


def _confidence(field: ListField, header: str, cells: list[str]) -> float:
    named = _named(field, header)
    if not named and field.name not in _TOLD_BY_CELLS:
        return 0.0
    if not cells:
        return named * 0.9
    looked_at = cells[:_LOOKED_AT]
    fitting = sum(map(field.looks_like, looked_at)) / len(looked_at)
    if not named and field.name in _TOLD_BY_CELLS:
        named = _LOOKS_ONLY
        fitting = fitting if fitting >= 0.9 else 0.0
    if fitting < _MOSTLY:
        return 0.0
    if field.is_key:
        share = len(set(cells)) / len(cells)
        repeated = max(named * share / 2, ACCEPTED if named > _CONTAINED else 0.0)  # a row per joint owner, say
        return named * share if share >= _KEY_SHARE else repeated
    return named * (0.8 + 0.2 * fitting)


def _named(field: ListField, header: str) -> float:
    """1 for the field's first alias, a little less for each further one, less for a header that only contains one."""
    words = _spelled(normal_header(header))
    for rank, alias in enumerate(field.aliases):
        if words == alias:
            return 1 - rank * 0.01
    if field.only_whole or field.foreign_words & set(words.split()):
        return 0.0
    contained = (
        _CONTAINED - rank * 0.005
        for rank, alias in enumerate(field.aliases)
        if len(alias) > 3 and _starts_or_ends(words.split(), alias.split())
    )
    return next(contained, 0.0)


def _starts_or_ends(words: list[str], alias: list[str]) -> bool:
    return len(alias) < len(words) and (words[: len(alias)] == alias or words[-len(alias) :] == alias)


@lru_cache(4096)
def _spelled(header: str) -> str:
    """The header with misspelt words put right, where a word of the aliases is very near."""
    known = _vocabulary()
    words = []
    for word in header.split():
        near = difflib.get_close_matches(word, known, 1, 0.88) if len(word) > 5 and word not in known else []
        words.append(near[0] if near else word)
    return " ".join(words)


@lru_cache(1)
def _vocabulary() -> tuple[str, ...]:
    return tuple({word for field in all_fields() for alias in field.aliases for word in alias.split() if len(word) > 5})

"""Writing the demo files: row by row, never a list in memory, each file in place only when it is whole."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from local.demo_data.gis import geojson_lines
from local.demo_data.skip_trace import SKIP_TRACE_HEADER, skip_trace_rows
from local.demo_data.tax_lists import ADJUDICATED_HEADER, DELINQUENT_HEADER, adjudicated_rows, delinquent_rows
from local.demo_data.tax_roll import TAX_ROLL_HEADER, Row, livingston_tax_roll_rows, tax_roll_rows

MIN_ROWS, MAX_ROWS = 50, 1_000_000
ADJUDICATED_ENCODING = "latin-1"


@dataclass(frozen=True)
class DemoFiles:
    roll: Path
    adjudicated: Path
    delinquent: Path
    skip_trace: Path
    gis: Path
    livingston: Path

    @classmethod
    def under(cls, out: Path) -> "DemoFiles":
        return cls(
            roll=out / "ebr_tax_roll.csv",
            adjudicated=out / "ebr_adjudicated.csv",
            delinquent=out / "ebr_delinquent.csv",
            skip_trace=out / "ebr_skip_trace.csv",
            gis=out / "ebr_gis.geojson",
            livingston=out / "livingston_tax_roll.csv",
        )


def livingston_size(rows: int) -> int:
    return max(20, rows // 20)


def _write_roll(path: Path, rows: int, seed: int) -> None:
    _write_csv(path, TAX_ROLL_HEADER, tax_roll_rows(rows, seed))


def _write_adjudicated(path: Path, rows: int, seed: int) -> None:
    _write_csv(path, ADJUDICATED_HEADER, adjudicated_rows(rows, seed), ADJUDICATED_ENCODING)


def _write_delinquent(path: Path, rows: int, seed: int) -> None:
    _write_csv(path, DELINQUENT_HEADER, delinquent_rows(rows, seed))


def _write_skip_trace(path: Path, rows: int, seed: int) -> None:
    _write_csv(path, SKIP_TRACE_HEADER, skip_trace_rows(rows, seed))


def _write_gis(path: Path, rows: int, seed: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(geojson_lines(rows, seed))


def _write_livingston(path: Path, rows: int, seed: int) -> None:
    _write_csv(path, TAX_ROLL_HEADER, livingston_tax_roll_rows(livingston_size(rows), seed))


_WRITERS: dict[str, Callable[[Path, int, int], None]] = {
    "roll": _write_roll,
    "adjudicated": _write_adjudicated,
    "delinquent": _write_delinquent,
    "skip_trace": _write_skip_trace,
    "gis": _write_gis,
    "livingston": _write_livingston,
}
KINDS = tuple(_WRITERS)


def write_demo_files(out: Path, rows: int, seed: int = 1, only: Iterable[str] = KINDS) -> DemoFiles:
    """All paths are returned; those not in `only` are left as they were. ValueError on an unknown kind or size."""
    chosen = set(only)
    if unknown := sorted(chosen - set(KINDS)):
        raise ValueError(f"unknown file {', '.join(unknown)}; known are {', '.join(KINDS)}")
    if not MIN_ROWS <= rows <= MAX_ROWS:
        raise ValueError(f"rows must be {MIN_ROWS} to {MAX_ROWS:,}, not {rows:,}")
    out.mkdir(parents=True, exist_ok=True)
    files = DemoFiles.under(out)
    for kind in KINDS:
        if kind in chosen:
            _write_whole(kind, getattr(files, kind), rows, seed)
    return files


def _write_whole(kind: str, path: Path, rows: int, seed: int) -> None:
    unfinished = path.with_name(path.name + ".part")
    try:
        _WRITERS[kind](unfinished, rows, seed)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_csv(path: Path, header: Row, rows: Iterable[Row], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

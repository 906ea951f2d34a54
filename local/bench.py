"""`make bench`: how fast the main jobs are beside what the database can do at all, in one run on this machine.

`python -m local.bench --rows 100000 --runs 3 --json`. Ratios are what to compare; times differ between machines.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from local import environment
from local.demo_data import TAX_ROLL_HEADER, write_demo_files

DATABASE = "lalw_bench"
PARISH = "East Baton Rouge"


@dataclass
class Measure:
    """Seconds of each run. `ratio`: the rival's median time over ours; for limits, 1 is as fast as the limit."""

    what: str
    rows: int
    seconds: list[float] = field(default_factory=list)
    ratio: float | None = None

    @property
    def rate(self) -> float:
        return self.rows / statistics.median(self.seconds)

    def line(self) -> str:
        low, middle, high = min(self.seconds), statistics.median(self.seconds), max(self.seconds)
        ratio = "" if self.ratio is None else f"{self.ratio:>8.2f}"
        return f"{self.what:<34}{self.rows:>10,}{low:>9.2f}{middle:>9.2f}{high:>9.2f}{self.rate:>12,.0f}{ratio}"


def main() -> int:
    options = _parse()
    environment.set_development_defaults()
    environment.ensure_engines()
    with tempfile.TemporaryDirectory() as directory:
        path = write_demo_files(Path(directory), options.rows, only=("roll",)).roll
        rounds = [_round(path, options.rows) for _ in range(options.runs)]
    measures = [_join(list(same)) for same in zip(*rounds, strict=True)]
    copy, first, again, update, score = measures
    first.ratio, again.ratio, score.ratio = (_beside(copy, first), _beside(copy, again), _beside(update, score))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    _report(measures, memory, as_json=options.json)
    return 0


def _round(path: Path, rows: int) -> list[Measure]:
    """Every job once, on a database of its own."""
    server = os.environ["DATABASE_URL"]
    url = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
    _manage(url, "migrate", "--verbosity", "0")
    _manage(url, "seed_reference_data")
    with psycopg.connect(url, autocommit=True) as database:
        copy = _timed("COPY of the file as it is", rows, lambda: _copy(database, path))
        first, again = (_import(what, url, path) for what in ("import", "import of the same file"))
        database.execute("VACUUM ANALYZE")
        _manage(url, "score_market", "LA")  # the first time writes every lead; measured is the same amount of work:
        leads = "UPDATE leads_lead SET score = score, score_reasons = score_reasons, scored_at = now()"
        database.execute("VACUUM ANALYZE")
        update = _timed("UPDATE of every lead", _leads(database), lambda: database.execute(leads))
        database.execute("UPDATE leads_lead SET score = NULL, score_reasons = '[]'")
        database.execute("VACUUM ANALYZE")
        score = _score(url, _leads(database))
    return [copy, first, again, update, score]


def _copy(database: psycopg.Connection[tuple[object, ...]], path: Path) -> None:
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in TAX_ROLL_HEADER)
    database.execute(sql.SQL("CREATE TABLE raw_roll ({})").format(columns))
    with database.cursor().copy("COPY raw_roll FROM STDIN WITH (FORMAT csv, HEADER)") as copy, path.open("rb") as file:
        while block := file.read(1 << 20):
            copy.write(block)


def _import(what: str, url: str, path: Path) -> Measure:
    command = ("import_list", str(path), "--market", "LA", "--parish", PARISH, "--source", "tax_roll", "--json")
    done = json.loads(_manage(url, *command))["summary"]
    return Measure(what, done["rows"], [done["seconds"]])


def _score(url: str, leads: int) -> Measure:
    done = json.loads(_manage(url, "score_market", "LA", "--json"))
    return Measure("score the market", leads, [done["seconds"]])


def _leads(database: psycopg.Connection[tuple[object, ...]]) -> int:
    row = database.execute("SELECT count(*) FROM leads_lead").fetchone()
    assert row is not None
    return int(str(row[0]))


def _timed(what: str, rows: int, work: Callable[[], object]) -> Measure:
    started = time.perf_counter()
    work()
    return Measure(what, rows, [time.perf_counter() - started])


def _manage(url: str, *arguments: str) -> str:
    command = [sys.executable, str(environment.PROJECT_DIR / "manage.py"), *arguments]
    # A worker in production has DEBUG off, with which Django would remember every query.
    done = subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _join(same: list[Measure]) -> Measure:
    return Measure(same[0].what, same[0].rows, [seconds for measure in same for seconds in measure.seconds])


def _beside(rival: Measure, ours: Measure) -> float:
    """Our rate as a share of the rival's."""
    return ours.rate / rival.rate


def _report(measures: list[Measure], memory: int, *, as_json: bool) -> None:
    if as_json:
        lines = [asdict(measure) | {"rows_per_second": round(measure.rate)} for measure in measures]
        print(json.dumps({"measures": lines, "peak_memory_mb": memory}, indent=2))
        return
    print(f"{'':<34}{'rows':>10}{'min s':>9}{'median':>9}{'max':>9}{'rows/s':>12}{'ratio':>8}")
    print("\n".join(measure.line() for measure in measures))
    print(f"peak memory of an import {memory} MB; ratio: our rate over that of the COPY, or of the UPDATE")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: how fast the main jobs are beside what the database can do at all, in one run on this machine.

`python -m local.bench --rows 100000 --runs 3 --json`. Ratios are what to compare; times differ between machines.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
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
    memory_mb: int | None = None
    """The most that the job's own process ever held."""

    @property
    def rate(self) -> float:
        return self.rows / statistics.median(self.seconds)

    def line(self) -> str:
        low, middle, high = min(self.seconds), statistics.median(self.seconds), max(self.seconds)
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        memory = "" if self.memory_mb is None else f"{self.memory_mb:,}"
        times = f"{low:>9.2f}{middle:>9.2f}{high:>9.2f}"
        return f"{self.what:<34}{self.rows:>10,}{times}{self.rate:>12,.0f}{ratio:>8}{memory:>8}"


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
    _report(measures, as_json=options.json)
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
        database.execute("UPDATE leads_lead SET score = NULL, score_reasons = '{}'")
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
    output, memory = _manage(url, *command)
    done = json.loads(output)
    return Measure(what, done["rows_read"], [done["seconds"]], memory_mb=memory)


def _score(url: str, leads: int) -> Measure:
    output, memory = _manage(url, "score_market", "LA", "--json")
    return Measure("score the market", leads, [json.loads(output)["seconds"]], memory_mb=memory)


def _leads(database: psycopg.Connection[tuple[object, ...]]) -> int:
    row = database.execute("SELECT count(*) FROM leads_lead").fetchone()
    assert row is not None
    return int(str(row[0]))


def _timed(what: str, rows: int, work: Callable[[], object]) -> Measure:
    started = time.perf_counter()
    work()
    return Measure(what, rows, [time.perf_counter() - started])


def _manage(url: str, *arguments: str) -> tuple[str, int]:
    """What the command printed, and the most memory it held, in MB."""
    command = [sys.executable, str(environment.PROJECT_DIR / "manage.py"), *arguments]
    # A worker in production has DEBUG off, with which Django would remember every query.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        environ = os.environ | {"DATABASE_URL": url}
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"bench: {' '.join(arguments)}: {_read(errors)}")
        return _read(output), usage.ru_maxrss // 1024


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().strip()


def _join(same: list[Measure]) -> Measure:
    seconds = [seconds for measure in same for seconds in measure.seconds]
    memory = max((measure.memory_mb for measure in same if measure.memory_mb is not None), default=None)
    return Measure(same[0].what, same[0].rows, seconds, memory_mb=memory)


def _beside(rival: Measure, ours: Measure) -> float:
    """Our rate as a share of the rival's."""
    return ours.rate / rival.rate


def _report(measures: list[Measure], *, as_json: bool) -> None:
    if as_json:
        lines = [asdict(measure) | {"rows_per_second": round(measure.rate)} for measure in measures]
        print(json.dumps({"measures": lines}, indent=2))
        return
    print(f"{'':<34}{'rows':>10}{'min s':>9}{'median':>9}{'max':>9}{'rows/s':>12}{'ratio':>8}{'MB':>8}")
    print("\n".join(measure.line() for measure in measures))
    print("ratio: our rate over that of the COPY, or of the UPDATE; MB: the most our process held, without PostgreSQL")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

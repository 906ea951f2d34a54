"""A tax roll of any size: the product's import beside COPY of the same file and django-import-export on its first rows;
then scoring the market beside an UPDATE that writes the same leads. All in one database, new for each run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from psycopg import sql

from local.bench import databases
from local.bench.databases import Database
from local.bench.measures import Measure, Section, at_least, at_most
from local.demo_data import TAX_ROLL_HEADER

PARISH = "East Baton Rouge"
IMPORT_RATE, RIVAL_RATIO, IMPORT_MB, UPDATE_RATIO = 20_000, 30, 400, 3
COPY, FIRST, AGAIN = "COPY of the file as it is", "import", "import of the same file again"
DEFAULT, BULK = "django-import-export, defaults", "django-import-export, use_bulk"
UPDATE, SCORE, RESCORE = "UPDATE of every lead", "score the market", "score it again, nothing changed"


def measure_round(path: Path, rows: int, rival_rows: int, *, rescoring: bool) -> list[Measure]:
    """Every job once. `rival_rows`: 0 leaves the rival out."""
    with databases.scratch_database("import") as name, databases.connect(name) as database:
        measures = [_timed(COPY, rows, lambda: _copy(database, path))]
        measures += [_import(what, name, path) for what in (FIRST, AGAIN)]
        if rival_rows:
            measures += _rivals(path, rival_rows)
        if rescoring:
            measures += _rescore(name, database)
    return measures


def import_section(measures: dict[str, Measure]) -> Section:
    first, copy = measures[FIRST], measures[COPY]
    first.beside = f"{first.rate / copy.rate:.1%} of COPY"
    measures[AGAIN].beside = f"{measures[AGAIN].rate / copy.rate:.1%} of COPY"
    goals = [at_least("import, rows/s", IMPORT_RATE, first.rate, "{:,.0f}".format)]
    if DEFAULT in measures:
        for rival in (measures[DEFAULT], measures[BULK]):
            rival.beside = f"import is {first.rate / rival.rate:.1f} x as fast"
        ratio = first.rate / measures[DEFAULT].rate
        goals.append(at_least("import beside django-import-export", RIVAL_RATIO, ratio, "{:,.1f} x".format))
    goals.append(at_most("memory of the import, MB", IMPORT_MB, first.memory_mb or 0, "{:,.0f}".format))
    shown = [measures[what] for what in (COPY, FIRST, AGAIN, DEFAULT, BULK) if what in measures]
    return Section("import", "Import of a tax roll", shown, goals=goals)


def rescoring_section(measures: dict[str, Measure]) -> Section:
    update, score = measures[UPDATE], measures[SCORE]
    for measure in (score, measures[RESCORE]):
        measure.beside = f"{measure.median / update.median:.2f} x the UPDATE"
    goal = at_most("rescoring beside one UPDATE", UPDATE_RATIO, score.median / update.median, "{:,.2f} x".format)
    return Section("rescoring", "Scoring a market", [measures[what] for what in (UPDATE, SCORE, RESCORE)], goals=[goal])


def _copy(database: Database, path: Path) -> None:
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in TAX_ROLL_HEADER)
    database.execute(sql.SQL("CREATE TABLE raw_roll ({})").format(columns))
    with database.cursor().copy("COPY raw_roll FROM STDIN WITH (FORMAT csv, HEADER)") as copy, path.open("rb") as file:
        while block := file.read(1 << 20):
            copy.write(block)


def _import(what: str, name: str, path: Path) -> Measure:
    command = ("import_list", str(path), "--market", "LA", "--parish", PARISH, "--source", "tax_roll")
    done, memory = databases.manage_json(name, *command)
    return Measure(what, done["rows_read"], [done["seconds"]], memory)


def _rivals(path: Path, rows: int) -> list[Measure]:
    with databases.scratch_database("rival") as name:
        output, memory = databases.run("-m", "local.bench.rival", str(path), str(rows), database=name)
    done = json.loads(output)
    return [Measure(what, done["rows"], [done[way]], memory) for what, way in ((DEFAULT, "default"), (BULK, "bulk"))]


def _rescore(name: str, database: Database) -> list[Measure]:
    """The first time writes every lead; the UPDATE and the scoring that are compared find the table in like state."""
    database.execute("VACUUM ANALYZE")
    databases.manage(name, "score_market", "LA")
    every = "UPDATE leads_lead SET score = score, score_reasons = score_reasons, scored_at = now()"
    database.execute("VACUUM ANALYZE")
    leads = _leads(database)
    update = _timed(UPDATE, leads, lambda: database.execute(every))
    database.execute("UPDATE leads_lead SET score = NULL, score_reasons = '{}'")
    database.execute("VACUUM ANALYZE")
    return [update, _score(SCORE, name, leads), _score(RESCORE, name, leads)]


def _score(what: str, name: str, leads: int) -> Measure:
    done, memory = databases.manage_json(name, "score_market", "LA")
    return Measure(what, leads, [done["seconds"]], memory)


def _leads(database: Database) -> int:
    row = database.execute("SELECT count(*) FROM leads_lead").fetchone()
    assert row is not None
    return int(row[0])


def _timed(what: str, rows: int, work: Callable[[], object]) -> Measure:
    started = time.perf_counter()
    work()
    return Measure(what, rows, [time.perf_counter() - started])

"""Databases of the bench beside the development one, and the product's own commands run on them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psycopg

from local import environment

SCRATCH_PREFIX = "lalw_bench_"
LEADS_PREFIX = "lalw_leads_"
EMPTY_PREFIX = "lalw_empty_"
_LOCK = 0x42454E43
Database = psycopg.Connection[Any]


def server() -> Database:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def url_of(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def connect(name: str) -> Database:
    return psycopg.connect(url_of(name), autocommit=True)


@contextmanager
def scratch_database(purpose: str) -> Iterator[str]:
    """A new one of this process's own: several benches may run at once. Those of processes that are gone go as well."""
    name = f"{SCRATCH_PREFIX}{purpose}_{os.getpid()}"
    with _alone() as connection:
        for old in _known(connection):
            if old.startswith(SCRATCH_PREFIX) and not _is_running(old.rpartition("_")[2]):
                _drop(connection, old)
        _create(connection, name)
    try:
        yield name
    finally:
        with server() as connection:
            _drop(connection, name)


def create_empty(name: str) -> None:
    """A new one with the markets and rules that every installation has; an old one of that name goes."""
    with _alone() as connection:
        _drop(connection, name)
        _create(connection, name)


def leads_database(leads: int, *, rebuild: bool = False) -> str:
    """Name of the database with so many generated leads; built when there is none of the present definition."""
    name = f"{LEADS_PREFIX}{leads}_{_digest(_definition())}"
    with _alone() as connection:
        if name in _known(connection) and not rebuild:
            return name
        for old in _known(connection):
            if old.startswith(f"{LEADS_PREFIX}{leads}_"):
                _drop(connection, old)
        print(f"Building {leads:,} leads, once ...", file=sys.stderr)
        _build(connection, name, leads)
    return name


def _build(connection: Database, name: str, leads: int) -> None:
    building = f"{name}_new"
    _create(connection, building)
    with connect(building) as database:
        indexes = _drop_indexes(database)
    run("-m", "local.bench.generating", str(leads), database=building)
    with connect(building) as database:
        for definition in indexes:
            database.execute(definition)
        database.execute("VACUUM ANALYZE")
    _rename(connection, building, name)


def _create(connection: Database, name: str) -> None:
    """Empty but for the markets and rules that every installation has."""
    template = f"{EMPTY_PREFIX}{_digest(_migrations())}"
    if template not in _known(connection):
        _make_template(connection, template)
    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _make_template(connection: Database, template: str) -> None:
    for old in _known(connection):
        if old.startswith(EMPTY_PREFIX):
            _drop(connection, old)
    building = f"{template}_new"
    connection.execute(f'CREATE DATABASE "{building}"')
    manage(building, "migrate", "--verbosity", "0")
    manage(building, "seed_reference_data")
    _rename(connection, building, template)


@contextmanager
def _alone() -> Iterator[Database]:
    """While no other bench makes databases."""
    with server() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection


def _known(connection: Database) -> list[str]:
    return [row[0] for row in connection.execute("SELECT datname FROM pg_database")]


def _drop(connection: Database, name: str) -> None:
    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _rename(connection: Database, old: str, new: str) -> None:
    connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def _is_running(pid: str) -> bool:
    return pid.isdecimal() and Path(f"/proc/{pid}").exists()


_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relkind = 'r' AND (t.relname LIKE 'leads\\_%' OR t.relname LIKE 'outreach\\_%')
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def _drop_indexes(database: Database) -> list[str]:
    """How to make them again: over rows that are there already it takes a fraction of the time."""
    indexes = database.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    return [definition for _, definition in indexes]


def _migrations() -> list[Path]:
    project = environment.PROJECT_DIR
    also = [project / "config/roles.py", project / "core/migration_operations.py"]
    return [*project.glob("*/migrations/*.py"), *also, *project.glob("markets/seed*.py")]


def _definition() -> list[Path]:
    """What the generated rows are made of."""
    project = environment.PROJECT_DIR
    made = [*project.glob("local/bench/*generat*.py"), project / "local/bench/filling.py"]
    return [*_migrations(), *made, project / "local/demo_data/words.py"]


def _digest(sources: list[Path]) -> str:
    return hashlib.sha256(b"".join(source.read_bytes() for source in sorted(sources))).hexdigest()[:10]


# Commands ------------------------------------------------------------------------------------------------------------


def manage(database: str, *arguments: str) -> tuple[str, int]:
    """What the command printed, and the most memory that it held, in MB."""
    return run(str(environment.PROJECT_DIR / "manage.py"), *arguments, "--skip-checks", database=database, debug=False)


def manage_json(database: str, *arguments: str) -> tuple[dict[str, Any], int]:
    output, memory = manage(database, *arguments, "--json")
    return json.loads(output), memory


def run(*arguments: str, database: str, debug: bool = True) -> tuple[str, int]:
    """A Python program on that database. Without `debug` it is as in production: Django remembers no query."""
    variables = os.environ | {"DATABASE_URL": url_of(database), "DEBUG": "1" if debug else "0"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=environment.PROJECT_DIR, env=variables, stdout=output, stderr=errors
        )
        memory = 0
        while process.poll() is None:
            memory = max(memory, _peak_kb(process.pid))
            time.sleep(0.02)
        if process.returncode:
            raise SystemExit(f"bench: {' '.join(arguments)}: {_read(errors)}")
        return _read(output), memory // 1024


def _peak_kb(pid: int) -> int:
    """Of the process and those it started. `ru_maxrss` will not do: it begins with what the parent held."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
    return int(peak) + sum(_peak_kb(int(child)) for child in children)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().strip()

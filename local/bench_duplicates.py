"""How long the search for duplicate owners takes, how much memory, and how right it is, on owners whose truth is known.

`python -m local.bench_duplicates --rows 500000 [--json]`, on a database of its own; also part of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg

from local import environment
from local.demo_data.duplicates import OwnerRecord, owner_records

DATABASE = "lalw_bench_duplicates"
ROWS = 500_000
SEED = 20_260_302
Pair = tuple[int, int]
OWNER_COLUMNS = ("id", "name", "name_key", "kind", "people", "care_of", "et_al", "mailing_street", "mailing_city",
                 "mailing_state", "mailing_zip", "mailing_key", "created_at", "updated_at")  # fmt: skip


@dataclass
class Truth:
    """`dirt` of a record: what was done to it, by its id."""

    records: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    dirt: dict[int, tuple[str, ...]] = field(default_factory=dict)
    phone: dict[int, int] = field(default_factory=dict)

    def pairs(self) -> Iterator[Pair]:
        for ids in self.records.values():
            yield from combinations(ids, 2)

    def shares_a_fact(self, pair: Pair) -> bool:
        """Whether the two records have a phone or an address in common; else not even a person could tell."""
        first, second = pair
        moved = {"moved", "no address"} & {*self.dirt[first], *self.dirt[second]}
        return not moved or 0 != self.phone[first] == self.phone[second]


def main(rows: int = ROWS) -> dict[str, Any]:
    """Seconds, megabytes, and how right and complete: all pairs found, those with nothing against them, the certain
    ones; and how many pairs of each kind of dirt were found."""
    environment.set_development_defaults()
    environment.ensure_engines()
    django.setup()
    url = _new_database()
    with psycopg.connect(url, autocommit=True) as database:
        truth = _load(database, rows)
        search, memory = _search(url)
        found = _found(database)
    true = set(truth.pairs())
    return {
        "owners": rows,
        "seconds": round(search["seconds"], 1),
        "peak_memory_mb": memory,
        "pairs_compared": search["compared"],
        "blocks_left_out": search["skipped_blocks"],
        "true_pairs": len(true),
        "found": _rightness(set(found), true),
        "unopposed": _rightness({pair for pair, (_, opposed) in found.items() if not opposed}, true),
        "certain": _rightness({pair for pair, (certain, _) in found.items() if certain}, true),
        "recall_where_a_fact_is_shared": _rightness(set(found), set(filter(truth.shares_a_fact, true)))["recall"],
        "recall_by_dirt": _by_dirt(set(found), truth),
    }


def _found(database: psycopg.Connection[Any]) -> dict[Pair, tuple[bool, bool]]:
    """Pair -> is it certain; does anything speak against it, such as only one being called JR."""
    query = """SELECT first_id, second_id, (evidence ->> 'certain')::boolean, evidence -> 'against' <> '[]'
                 FROM leads_duplicatepair"""
    return {(first, second): (certain, opposed) for first, second, certain, opposed in database.execute(query)}


def _rightness(found: set[Pair], true: set[Pair]) -> dict[str, float]:
    right = len(found & true)
    return {
        "pairs": len(found),
        "precision": round(right / max(len(found), 1), 4),
        "recall": round(right / max(len(true), 1), 4),
    }


def _by_dirt(found: set[Pair], truth: Truth) -> dict[str, float]:
    """Of the pairs of an untouched record and one with this dirt, how many were found."""
    seen: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for first, second in truth.pairs():
        if not truth.dirt[first]:
            for dirt in truth.dirt[second]:
                seen[dirt] += 1
                met[dirt] += (first, second) in found
    return {dirt: round(met[dirt] / count, 3) for dirt, count in sorted(seen.items())}


def _new_database() -> str:
    server = os.environ["DATABASE_URL"]
    url = urlsplit(server)._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
    _manage(url, "migrate", "--verbosity", "0")
    _manage(url, "seed_reference_data")
    return url


def _load(database: psycopg.Connection[Any], rows: int) -> Truth:
    truth = Truth()
    records = list(enumerate(owner_records(SEED, rows), start=1))
    for owner_id, record in records:
        truth.records[record.truth].append(owner_id)
        truth.dirt[owner_id], truth.phone[owner_id] = record.dirt, record.phone
    _copy(database, "leads_owner", OWNER_COLUMNS, (_owner_row(*record) for record in records))
    numbers = {record.phone for _, record in records if record.phone}
    phones = ("id", "number", "number_hash", "area_code", "line_type", "carrier", "status", "status_reason",
              "created_at")  # fmt: skip
    _copy(database, "leads_phonenumber", phones, (_phone_row(number) for number in sorted(numbers)))
    links = ("owner_id", "phone_id", "rank", "source", "since", "do_not_call")
    linked = ((i, record.phone, 1, "bench", NOW, False) for i, record in records if record.phone)
    _copy(database, "leads_ownerphone", links, linked)
    _load_land(database, records)
    database.execute("ANALYZE")
    return truth


def _load_land(database: psycopg.Connection[Any], records: list[tuple[int, OwnerRecord]]) -> None:
    row = database.execute("SELECT id FROM markets_parish ORDER BY id LIMIT 1").fetchone()
    assert row is not None
    land = [(i, record.subdivision) for i, record in records if record.subdivision]
    parcels = ("id", "parish_id", "number", "subdivision", "situs_address", "situs_city", "situs_zip",
               "legal_description", "ward", "zoning", "location_source", "created_at", "updated_at")  # fmt: skip
    rows = ((i, row[0], str(i), f"SUBDIVISION {place}", "", "", "", "", "", "", "", NOW, NOW) for i, place in land)
    _copy(database, "leads_parcel", parcels, rows)
    owned = ("parcel_id", "owner_id", "since", "source")
    _copy(database, "leads_ownership", owned, ((i, i, NOW, "bench") for i, _ in land))


NOW = "2026-03-02 15:00+00"


def _owner_row(owner_id: int, record: OwnerRecord) -> tuple[object, ...]:
    from leads.owner_names import classify_owner, mailing_key, name_key

    name, place = record.name, record.place
    key = mailing_key(record.street, *place)
    kind = classify_owner(name).value
    return owner_id, name, name_key(name), kind, "[]", "", False, record.street, *place, key, NOW, NOW


def _phone_row(number: int) -> tuple[object, ...]:
    from core.crypto import blind_index, encrypt

    e164 = f"+1225{number:07d}"
    return number, encrypt(e164), blind_index(e164), "225", "mobile", "", "unchecked", "", NOW


def _copy(database: psycopg.Connection[Any], table: str, columns: tuple[str, ...], rows: Any) -> None:
    with database.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _search(url: str) -> tuple[dict[str, Any], int]:
    output, memory = _manage(url, "find_duplicates", "--json")
    return json.loads(output), memory


def _manage(url: str, *arguments: str) -> tuple[str, int]:
    """What the command printed, and the most memory it held, in MB."""
    command = [sys.executable, str(environment.PROJECT_DIR / "manage.py"), *arguments]
    variables = os.environ | {"DATABASE_URL": url}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=variables, stdout=output)
        memory = 0
        while process.poll() is None:
            memory = max(memory, _peak_memory(process.pid))
            time.sleep(0.1)
        if process.returncode:
            raise SystemExit(f"bench: {' '.join(arguments)} failed")
        output.seek(0)
        return output.read().decode(), memory


def _peak_memory(pid: int) -> int:
    """In MB. `ru_maxrss` of a child will not do: it starts from what the parent held when it forked."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


def _report(result: dict[str, Any]) -> None:
    print(f"{result['owners']:,} owners, {result['true_pairs']:,} true pairs, {result['pairs_compared']:,} compared "
          f"in {result['seconds']} s, at most {result['peak_memory_mb']} MB")  # fmt: skip
    for name in ("found", "unopposed", "certain"):
        figures = result[name]
        print(f"{name:<10}{figures['pairs']:>10,} pairs   precision {figures['precision']:.4f}   "
              f"recall {figures['recall']:.4f}")  # fmt: skip
    print(f"recall where an address or phone is shared at all: {result['recall_where_a_fact_is_shared']:.4f}")
    for kind, count in result["blocks_left_out"].items():
        print(f"left out: {count:,} blocks of too many owners with one {kind}")
    for dirt, recall in result["recall_by_dirt"].items():
        print(f"  {dirt:<24}{recall:>7.3f}")


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    result = main(options.rows)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _report(result)
    return 0


if __name__ == "__main__":
    sys.exit(_run())

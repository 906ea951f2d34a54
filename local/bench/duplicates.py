"""How long the search for duplicate owners takes, how much memory, and how right it is, on owners whose truth is known.

`python -m local.bench.duplicates --rows 500000 [--json]`, on a database of its own; also part of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import django

from local import environment
from local.bench import databases
from local.bench.databases import Database
from local.bench.filling import copy_rows
from local.bench.measures import Measure, Section
from local.demo_data.duplicates import OwnerRecord, owner_records

ROWS = 500_000
SEED = 20_260_302
Pair = tuple[int, int]


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
    with databases.scratch_database("duplicates") as name, databases.connect(name) as database:
        truth = _load(database, rows)
        search, memory = databases.manage_json(name, "find_duplicates")
        found = _found(database)
    true = set(truth.pairs())
    return {
        "owners": rows,
        "seconds": round(search["seconds"], 3),
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


def _found(database: Database) -> dict[Pair, tuple[bool, bool]]:
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


def _load(database: Database, rows: int) -> Truth:
    truth = Truth()
    records = list(enumerate(owner_records(SEED, rows), start=1))
    for owner_id, record in records:
        truth.records[record.truth].append(owner_id)
        truth.dirt[owner_id], truth.phone[owner_id] = record.dirt, record.phone
    from leads.models import Owner, OwnerPhone, PhoneNumber

    cursor = database.cursor()
    numbers = sorted({record.phone for _, record in records if record.phone})
    copy_rows(cursor, Owner, (_owner_row(*record) for record in records))
    copy_rows(cursor, PhoneNumber, map(_phone_row, numbers))
    linked = ((owner_id, record.phone) for owner_id, record in records if record.phone)
    copy_rows(cursor, OwnerPhone, ({"owner_id": o, "phone_id": p, "source": "bench", "since": NOW} for o, p in linked))
    _load_land(database, records)
    database.execute("ANALYZE")
    return truth


def _load_land(database: Database, records: list[tuple[int, OwnerRecord]]) -> None:
    from leads.models import Ownership, Parcel

    (parish,) = database.execute("SELECT min(id) FROM markets_parish").fetchone() or (None,)
    land = [(owner_id, record.subdivision) for owner_id, record in records if record.subdivision]
    at = {"created_at": NOW, "updated_at": NOW}
    parcels = (
        {"id": i, "parish_id": parish, "number": str(i), "subdivision": f"SUBDIVISION {place}", **at}
        for i, place in land
    )
    copy_rows(database.cursor(), Parcel, parcels)
    owned = ({"parcel_id": i, "owner_id": i, "since": NOW, "source": "bench"} for i, _ in land)
    copy_rows(database.cursor(), Ownership, owned)


NOW = "2026-03-02 15:00+00"


def _owner_row(owner_id: int, record: OwnerRecord) -> dict[str, object]:
    from leads.owner_names import classify_owner, mailing_key, name_key

    name, (city, state, zip_code) = record.name, record.place
    address = {"mailing_street": record.street, "mailing_city": city, "mailing_state": state, "mailing_zip": zip_code}
    keys = {"name_key": name_key(name), "mailing_key": mailing_key(record.street, *record.place)}
    known = {"created_at": NOW, "updated_at": NOW}
    return {"id": owner_id, "name": name, "kind": classify_owner(name).value, **address, **keys, **known}


def _phone_row(number: int) -> dict[str, object]:
    from core.crypto import blind_index, encrypt

    e164 = f"+1225{number:07d}"
    known = {"area_code": "225", "line_type": "mobile", "created_at": NOW}
    return {"id": number, "number": encrypt(e164), "number_hash": blind_index(e164), **known}


def section(result: dict[str, Any]) -> Section:
    """For `make bench`."""
    measure = Measure("duplicate search", result["owners"], [result["seconds"]], result["peak_memory_mb"])
    measure.beside = f"{result['pairs_compared']:,} pairs compared"
    return Section(
        "duplicates", "Search for duplicate owners", [measure], facts=result, notes=["\n".join(_words(result))]
    )


def _words(result: dict[str, Any]) -> Iterator[str]:
    yield f"Of {result['true_pairs']:,} true pairs:"
    for name in ("found", "unopposed", "certain"):
        figures = result[name]
        shown = f"precision {figures['precision']:.4f}, recall {figures['recall']:.4f}"
        yield f"- {name}: {figures['pairs']:,} pairs, {shown}"
    yield f"- recall where an address or phone is shared at all: {result['recall_where_a_fact_is_shared']:.4f}"
    for kind, count in result["blocks_left_out"].items():
        yield f"- left out: {count:,} blocks of too many owners with one {kind}"
    by_dirt = ", ".join(f"{dirt} {recall:.3f}" for dirt, recall in result["recall_by_dirt"].items())
    yield f"- recall by what was done to the name or address: {by_dirt}"


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    result = main(options.rows)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print("\n\n".join(section(result).tables()))
    return 0


if __name__ == "__main__":
    sys.exit(_run())

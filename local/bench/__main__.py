"""`make bench`, or `python -m local.bench --rows 500000 --runs 3 --leads 1000000 --only pages,search --json`.

Imports a tax roll beside COPY and django-import-export, scores its market beside an UPDATE, asks for every kind of
page and search at a million leads, looks at the plans of the main queries, searches for duplicate owners and tells
opt-outs from other replies. Ratios are what to compare: times differ between machines. Missing a goal is no error; a
main query without an index is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from local import environment
from local.bench import databases, document, imports
from local.bench.measures import Goal, Request, Section

NO_INDEX = 3
"""What the bench ends with when a main query reads a whole table."""
JOBS = ("import", "rescoring", "pages", "search", "plans", "duplicates", "opt-outs")


def main() -> int:
    options = _parse()
    environment.set_development_defaults()
    environment.ensure_engines()
    sections = []
    with tempfile.TemporaryDirectory() as media:
        os.environ["MEDIA_ROOT"] = media
        for section in _sections(options):
            sections.append(section)
            if not options.json:
                print(f"\n{section.title}\n\n" + "\n\n".join(section.tables()), flush=True)
    if options.json:
        found = {"machine": machine(), "sections": [section.as_json() for section in sections]}
        print(json.dumps(found, indent=2, ensure_ascii=False))
    if options.write:
        document.write(options.write, sections, machine(), date.today())
    plans = [goal for section in sections if section.name == "plans" for goal in section.goals]
    return 0 if all(goal.met for goal in plans) else NO_INDEX


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


def _sections(options: argparse.Namespace) -> Iterator[Section]:
    jobs = options.only
    if {"import", "rescoring"} & jobs:
        yield from _roll(options)
    if {"pages", "search", "plans"} & jobs:
        yield from _at_size(options)
    if "duplicates" in jobs:
        from local.bench import duplicates

        yield duplicates.section(duplicates.main(options.owners))
    if "opt-outs" in jobs:
        from local.bench import opt_outs

        yield opt_outs.section(options.times)


def _roll(options: argparse.Namespace) -> Iterator[Section]:
    from local.demo_data import write_demo_files

    rival_rows = min(options.rival_rows, options.rows) if "import" in options.only else 0
    with tempfile.TemporaryDirectory() as directory:
        path = write_demo_files(Path(directory), options.rows, only=("roll",)).roll
        rounds = [
            imports.measure_round(path, options.rows, rival_rows, rescoring="rescoring" in options.only)
            for _ in range(options.runs)
        ]
    measures = {first.what: first.joined(others) for first, *others in zip(*rounds, strict=True)}
    if "import" in options.only:
        yield imports.import_section(measures)
    if "rescoring" in options.only:
        yield imports.rescoring_section(measures)


def _at_size(options: argparse.Namespace) -> Iterator[Section]:
    name = databases.leads_database(options.leads, rebuild=options.rebuild)
    if {"pages", "search"} & options.only:
        yield from _requests(options, name)
    if "plans" in options.only:
        output, _ = databases.run("-m", "local.bench.answering", database=name)
        yield _plans(json.loads(output), options.leads)


def _requests(options: argparse.Namespace, name: str) -> Iterator[Section]:
    output, _ = databases.run("-m", "local.bench.timing", "--times", str(options.times), database=name)
    requests = [Request(**found) for found in json.loads(output)]
    at = f"at {options.leads:,} leads"
    for job, title, searched in (("pages", f"Pages {at}", False), ("search", f"Searches {at}", True)):
        if job in options.only:
            chosen = [request for request in requests if ("search" in request.what) == searched]
            yield Section(job, title, requests=chosen, goals=[_all_met(title, chosen)])


def _all_met(title: str, requests: list[Request]) -> Goal:
    slowest = max(requests, key=lambda request: request.median)
    met = sum(request.met for request in requests)
    words = f"{met} of {len(requests)}; slowest {slowest.median:,.0f} ms"
    return Goal(title, f"all < {slowest.goal_ms} ms", words, met == len(requests))


def _plans(answers: list[dict[str, Any]], leads: int) -> Section:
    goals = [
        Goal(answer["question"], "by index", _ways(answer["scanned"], answer["indexes"]), answer["is_good"])
        for answer in answers
    ]
    return Section("plans", f"How the main queries are answered at {leads:,} leads", goals=goals)


def _ways(scanned: list[str], indexes: list[str]) -> str:
    """The indexes that tell something: neither primary keys of what is joined nor each month's of the archive."""
    if scanned:
        return f"reads all of {', '.join(scanned)}"
    telling = [name for name in indexes if not name.endswith("_pkey") and "eventarchive" not in name]
    return ", ".join(telling or indexes)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000, help="rows of the tax roll")
    parser.add_argument("--rival-rows", type=int, default=5_000, help="how many of them django-import-export gets")
    parser.add_argument("--runs", type=int, default=3, help="of import and rescoring; shown are min, median and max")
    parser.add_argument("--leads", type=int, default=1_000_000, help="for pages, search and plans")
    parser.add_argument("--times", type=int, default=7, help="how often each page is asked for and each reply read")
    parser.add_argument("--owners", type=int, default=500_000, help="for the duplicate search")
    parser.add_argument("--only", type=_jobs, default=set(JOBS), help=f"some of {','.join(JOBS)}")
    parser.add_argument("--rebuild", action="store_true", help="make the generated leads anew")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument("--write", type=Path, help="also put the tables into this page (docs/benchmarks.md)")
    return parser.parse_args()


def _jobs(words: str) -> set[str]:
    jobs = set(words.split(","))
    if unknown := jobs - set(JOBS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not one of {', '.join(JOBS)}")
    return jobs


if __name__ == "__main__":
    sys.exit(main())

"""Putting the tables of a run into docs/benchmarks.md, each job's between its own marks; the others' stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from local.bench.measures import Section


def write(page: Path, sections: Sequence[Section], machine: str, day: date) -> None:
    text = page.read_text()
    for section in sections:
        text = _with(text, section, f"{day:%Y-%m-%d}, {machine}")
    page.write_text(text)


def _with(text: str, section: Section, said: str) -> str:
    begin, end = f"<!-- {section.name} -->", f"<!-- /{section.name} -->"
    if begin not in text or end not in text:
        raise SystemExit(f"bench: the page has no place for “{section.name}”: {begin} and {end}")
    body = "\n\n".join([begin, f"{section.title} ({said}):", *section.tables(), end])
    return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: body, text, count=1, flags=re.DOTALL)

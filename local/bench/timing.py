"""`python -m local.bench.timing --times 5`: asks for each page of `pages` in this process, without a network, and
prints the milliseconds as JSON. The database is that of DATABASE_URL."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import django

from local import environment


def main(times: int, only: str) -> list[dict[str, Any]]:
    environment.set_development_defaults()
    django.setup()
    from django.conf import settings
    from django.test import Client

    from local.bench.pages import manager, pages

    settings.DEBUG = False  # as in production
    client = Client()
    client.force_login(manager())
    return [_time(client, page, times) for page in pages() if only in page.what]


def _time(client: Any, page: Any, times: int) -> dict[str, Any]:
    """The first request is not counted: it fills caches and prepares statements."""
    queries = _queries(client, page)
    ms, begun = [], _cpu_ms()
    for _ in range(times):
        started = time.perf_counter()
        client.get(page.url)
        ms.append((time.perf_counter() - started) * 1000)
    cpu = (_cpu_ms() - begun) / times
    return {"what": page.what, "ms": ms, "goal_ms": page.goal_ms, "queries": queries, "cpu_ms": cpu}


def _cpu_ms() -> float:
    """Of this process and the server process that works for it: on a busy machine the surer figure."""
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        database = int(backend.read_text().split()[0]) / 1e6
    except OSError:  # the server is elsewhere
        database = 0.0
    return time.process_time() * 1000 + database


def _queries(client: Any, page: Any) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(page.url)
    if answer.status_code != 200:
        raise SystemExit(f"{page.what}: {page.url} answers {answer.status_code}")
    return len(captured)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args(sys.argv[1:])
    print(json.dumps(main(options.times, options.only)))

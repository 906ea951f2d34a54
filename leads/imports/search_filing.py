"""The index that leads are searched by, kept up beside a long list.

New texts wait in a list of the index's own, which is searched as well; whoever makes it too long has to file them, and
that would be every second chunk. A connection beside the list's does it instead, while the next chunk is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)
FILE = "SELECT gin_clean_pending_list('lead_search_text')"
PATIENCE = "SET lock_timeout = '2s'"
"""Somebody who rebuilds the index is not waited for: then it needs no filing."""


@contextmanager
def filing_beside() -> Iterator[Callable[[], None]]:
    """What it gives is to be called after each chunk: it files what waits, unless that is still being done."""
    last: Future[None] | None = None

    def file_waiting() -> None:
        nonlocal last
        if last is None or last.done():
            last = pool.submit(_file)

    with ThreadPoolExecutor(1, "search-filing") as pool:
        try:
            yield file_waiting
        finally:
            pool.submit(_leave)


def _file() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            cursor.execute(FILE)
    except DatabaseError as error:
        logger.warning("the search index is not kept up beside the list: %s", error)


def _leave() -> None:
    """Each thread has a connection of its own, and closes it itself."""
    connection.close()

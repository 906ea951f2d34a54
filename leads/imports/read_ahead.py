"""Preparing the next piece of work while the present one is being done."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, each made in a thread while the one before is in use; one at most waits.

    What making an item raises is raised where that item would have come. The thread must not touch the database.
    """
    with ThreadPoolExecutor(1, "read-ahead") as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]

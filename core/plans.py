from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def by_index(cursor: Any) -> Iterator[None]:
    """In a transaction: what runs within looks rows up by index, instead of reading large tables whole for the sake of
    some thousand of their rows. PostgreSQL cannot know that those were written a moment ago and are at hand."""
    cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    yield
    cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")

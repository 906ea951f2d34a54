"""Who above this room takes up what a kind of list brings. `config` names them; they work in the list's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from leads.models import ListImport


@dataclass(frozen=True)
class StoredChunk:
    """Rows that were just stored and are not committed yet."""

    list_import_id: int
    source: str
    first_line: int
    last_line: int
    now: datetime


@dataclass(frozen=True)
class Follower:
    """`take`: for each chunk. `give_back`: once, when the list is undone and before what it told is forgotten; returns
    the lines of which something stays, with the reason."""

    take: Callable[[StoredChunk], None]
    give_back: Callable[[ListImport, datetime], Iterable[tuple[int, str]]]


_followers: dict[str, Follower] = {}


def follow_lists(source: str, follower: Follower) -> None:
    _followers[source] = follower


def tell_stored(chunk: StoredChunk) -> None:
    if follower := _followers.get(chunk.source):
        follower.take(chunk)


def tell_undone(list_import: ListImport, now: datetime) -> Iterable[tuple[int, str]]:
    follower = _followers.get(list_import.source)
    return follower.give_back(list_import, now) if follower else ()

"""Preparing the next piece of work while the present one is being done: in a thread, or in a process of its own.

Two threads of one interpreter take turns, so a long list is read by a process: a second core then really helps.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, TypeVar

from django.db import connections

from leads.imports.errors import ListError

T = TypeVar("T")
_END = object()
_FORK = get_context("fork")
_ITEM, _RAISED, _DONE = b"i", b"r", b"d"
_SELDOM = 200_000
"""Objects between two searches for cycles: rows hold none, and a search looks at every row."""


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, each made in a thread while the one before is in use; one at most waits.

    What making an item raises is raised where that item would have come. The thread must not touch the database.
    """
    with ThreadPoolExecutor(1, "read-ahead") as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]


def read_apart(items: Iterator[T]) -> Iterator[T]:
    """As `read_ahead`, in a process of its own: items and what making them raises must be picklable. The process ends
    when its work is done, when nobody wants more, or with the one it works for."""
    coming, going = _FORK.Pipe(duplex=False)
    sockets = [one.connection.fileno() for one in connections.all(initialized_only=True) if one.connection]
    process = _FORK.Process(target=_hand_over, args=(items, coming, going, sockets), name="read-ahead", daemon=True)
    process.start()
    going.close()
    try:
        while (said := _next_from(coming))[:1] != _DONE:
            item = ForkingPickler.loads(memoryview(said)[1:])
            if said[:1] == _RAISED:
                raise item
            del said
            yield item
    finally:
        coming.close()
        process.kill()
        process.join()


def _next_from(coming: Connection) -> bytes:
    try:
        return coming.recv_bytes()
    except EOFError:
        raise ListError("the process that read it was ended from outside; retry, and it goes on where it was") from None


def _hand_over(items: Iterator[Any], coming: Connection, going: Connection, sockets: list[int]) -> None:
    """Runs in the new process. Writing waits until the item before has been taken."""
    coming.close()  # else writing would go on when nobody reads any more
    _leave_the_parents_things(sockets)
    try:
        for item in items:
            going.send_bytes(_ITEM + ForkingPickler.dumps(item))
        going.send_bytes(_DONE)
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001  - the outermost edge of this process; the parent raises it
        going.send_bytes(_RAISED + ForkingPickler.dumps(error))
    os._exit(0)  # nothing of the parent's is to be flushed or closed twice


def _leave_the_parents_things(sockets: list[int]) -> None:
    """Its signals, its database connections by their sockets, and the objects it has made."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is heard by the parent
    nothing = os.open(os.devnull, os.O_RDWR)
    for socket in sockets:
        os.dup2(nothing, socket)
    gc.freeze()
    gc.set_threshold(_SELDOM)

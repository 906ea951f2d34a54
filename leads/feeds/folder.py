"""Looking at a folder below the one set aside for lists. Its files are copied, never moved, changed or deleted.

Every step down is opened without following symbolic links, so that nothing outside can be reached, also when somebody
changes the folder meanwhile.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from leads.feeds.found import FeedError, Fetched, Found, Growing, Unfit, copy_in
from leads.imports.files import BLOCK, size_text

LISTS = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".geojson", ".json", ".zip"})
SETTLED_AFTER = 60
"""Seconds without a change after which a file is taken to be whole; one seen so twice is so at once."""
_DONE, _GROWING = "done", "growing"


def check_folder(address: str) -> None:
    """FeedError unless it is a folder below the one set aside, reached without symbolic links."""
    with _opened(address):
        pass


def look_in_folder(address: str, seen: dict[str, Any], now: datetime) -> Iterator[Found]:
    """New files, the oldest first. `seen` is brought up to date: name -> size, time of change, whether done."""
    before = dict(seen)
    seen.clear()
    with _opened(address) as folder:
        for name, info in _lists_in(folder):
            mark = [info.st_size, info.st_mtime_ns]
            known = before.get(name, [])
            seen[name] = known if known == [*mark, _DONE] else [*mark, _GROWING]
            if seen[name][-1] == _GROWING:
                found = _find(folder, name, info, known[:2] == mark, now)
                yield found
                if not isinstance(found, Growing):
                    seen[name] = [*mark, _DONE]


def _lists_in(folder: int) -> list[tuple[str, os.stat_result]]:
    """Whatever could be a list by its name; hidden files are other programs' half-written ones."""
    found = []
    for name in os.listdir(folder):
        if not name.startswith(".") and Path(name).suffix.lower() in LISTS:
            try:
                found.append((name, os.stat(name, dir_fd=folder, follow_symlinks=False)))
            except FileNotFoundError:
                continue  # gone since
    return sorted(found, key=lambda each: (each[1].st_mtime_ns, each[0]))


def _find(folder: int, name: str, info: os.stat_result, is_seen_so: bool, now: datetime) -> Found:
    if not stat.S_ISREG(info.st_mode):
        return Unfit(name, "is no file but a link, a folder or the like, which is never followed")
    if info.st_size > settings.IMPORT_MAX_BYTES:
        limit = size_text(settings.IMPORT_MAX_BYTES)
        return Unfit(name, f"is {size_text(info.st_size)}; at most {limit} may be imported")
    if not info.st_size or not (is_seen_so or now.timestamp() - info.st_mtime > SETTLED_AFTER):
        return Growing(name)
    return _copy(folder, name, info)


def _copy(folder: int, name: str, info: os.stat_result) -> Found:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return Growing(name)
    except OSError as error:
        return Unfit(name, f"cannot be opened: {(error.strerror or 'refused').lower()}")
    with open(handle, "rb") as stream:
        fetched: Fetched = copy_in(name, iter(lambda: stream.read(BLOCK), b""))
        after = os.fstat(handle)
    if (after.st_ino, after.st_size, after.st_mtime_ns) == (info.st_ino, info.st_size, info.st_mtime_ns):
        return fetched
    fetched.content.close()
    return Growing(name)


@contextmanager
def _opened(address: str) -> Iterator[int]:
    handle = _open_root()
    try:
        for part in _parts(address):
            below = _step(handle, part, address)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _open_root() -> int:
    if not settings.IMPORT_FEED_ROOT:
        raise FeedError("no folder is set aside for lists; an administrator sets IMPORT_FEED_ROOT")
    try:
        return os.open(settings.IMPORT_FEED_ROOT, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise FeedError("the folder set aside for lists (IMPORT_FEED_ROOT) cannot be opened") from None


def _parts(address: str) -> tuple[str, ...]:
    path = PurePosixPath(address.strip())
    if path.is_absolute() or ".." in path.parts or "\0" in address:
        raise FeedError("the folder must lie below the one set aside for lists, such as ebr/roll")
    return path.parts


def _step(handle: int, part: str, address: str) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
    except FileNotFoundError:
        raise FeedError(f"there is no folder {address}") from None
    except NotADirectoryError:  # also what O_NOFOLLOW says of a link to a folder
        raise FeedError(f"{part} of {address} is a symbolic link or a file, not a folder") from None
    except OSError as error:
        raise FeedError(f"the folder {address} cannot be opened: {(error.strerror or 'refused').lower()}") from None

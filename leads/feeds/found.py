"""What a look at a feed finds, whatever the feed is, and the one line that says why it could not look."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from django.conf import settings


class FeedError(Exception):
    """The feed cannot be looked at now: one line, without keys and without the address's own words."""


@dataclass(frozen=True)
class Fetched:
    """A file, copied to this machine; closing it deletes the copy."""

    name: str
    content: IO[bytes]
    sha256: str


@dataclass(frozen=True)
class Growing:
    """A file that somebody may still be writing; the next look takes it."""

    name: str


@dataclass(frozen=True)
class Unfit:
    """A file that is not to be read at all."""

    name: str
    reason: str


Found = Fetched | Growing | Unfit


def copy_in(name: str, blocks: Iterable[bytes]) -> Fetched:
    """A copy of its own, so that nobody can change it while it is being imported."""
    digest = hashlib.sha256()
    content = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  - whoever takes it closes it
    try:
        for block in blocks:
            digest.update(block)
            content.write(block)
    except BaseException:
        content.close()
        raise
    content.seek(0)
    return Fetched(name, content, digest.hexdigest())

"""Commands that read one item per line from standard input: each line as it is, whatever its bytes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator

REPLACEMENT = "\ufffd"
LARGEST_ID = 2**63 - 1
SHOWN = 40


def input_lines() -> Iterator[str]:
    """Line by line, without its end (LF or CRLF). Only LF ends a line; bytes that are not UTF-8 are read as U+FFFD, and
    the mark with which Windows begins a UTF-8 file is no part of the first line."""
    encoding = "utf-8-sig"
    for line in _lines():
        yield line.decode(encoding, errors="replace").removesuffix("\n").removesuffix("\r")
        encoding = "utf-8"


def _lines() -> Iterable[bytes]:
    if sys.stdin is None:  # closed by the caller (`<&-`)
        return ()
    if sys.stdin.isatty():
        sys.stderr.write("Reading one item per line from the keyboard; Ctrl-D ends.\n")
    return sys.stdin.buffer if hasattr(sys.stdin, "buffer") else io.BytesIO(sys.stdin.read().encode())


def is_id(text: str) -> bool:
    """Whether this can be the number of a record at all."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID


def shortened(text: str) -> str:
    """What was given, as an answer of one line can repeat it."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:SHOWN])
    return f"{shown}…" if len(text) > SHOWN else shown

"""Commands that read one item per line from standard input: each line as it is, whatever its bytes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

REPLACEMENT = "\ufffd"
LARGEST_ID = 2**63 - 1
SHOWN = 40


def input_lines() -> Iterator[str]:
    """Line by line, without its end (LF or CRLF). Only LF ends a line; bytes that are not UTF-8 are read as U+FFFD."""
    stream = sys.stdin.buffer if hasattr(sys.stdin, "buffer") else io.BytesIO(sys.stdin.read().encode())
    for line in stream:
        yield line.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")


def is_id(text: str) -> bool:
    """Whether this can be the number of a record at all."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID


def shortened(text: str) -> str:
    """What was given, as an answer of one line can repeat it."""
    shown = "".join(char if char.isprintable() else "?" for char in text[:SHOWN])
    return f"{shown}…" if len(text) > SHOWN else shown

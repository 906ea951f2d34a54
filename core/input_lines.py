"""Commands that read one item per line from standard input: each line as it is, whatever its bytes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

REPLACEMENT = "\ufffd"


def input_lines() -> Iterator[str]:
    """Line by line, without its end (LF or CRLF). Only LF ends a line; bytes that are not UTF-8 are read as U+FFFD."""
    stream = sys.stdin.buffer if hasattr(sys.stdin, "buffer") else io.BytesIO(sys.stdin.read().encode())
    for line in stream:
        yield line.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")

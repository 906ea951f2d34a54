"""Pages that start after or before a row seen, not at an offset: as fast at any depth, and no row twice or missed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

Position = Sequence[Any]
"""Sort key of a row: the values that order the list, the last of them unique."""


def encode_cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Position | None:
    """The position, or None for text that is none: it came from an address that anybody may type."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        return None
    is_position = isinstance(position, list) and position and all(isinstance(value, int | None) for value in position)
    return position if is_position else None

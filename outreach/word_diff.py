"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\s*[^\s.,;:!?]+|\s*[.,;:!?]+|\s+")


class Piece(NamedTuple):
    kind: Literal["same", "added", "removed"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """Without the added pieces it reads as before, without the removed ones as after."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        changed = (Piece("removed", "".join(old[a:b])), Piece("added", "".join(new[c:d])))
        pieces += [piece for piece in changed if piece.text]
    return pieces

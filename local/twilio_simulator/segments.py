"""Counted here apart from the product, so that one can be checked against the other."""

from __future__ import annotations

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = set("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    if set(text) <= _BASIC | _TWO_SEPTETS:
        widths, single, part = [1 + (char in _TWO_SEPTETS) for char in text], 160, 153
    else:
        widths, single, part = [1 + (ord(char) > 0xFFFF) for char in text], 70, 67
    if sum(widths) <= single:
        return 1
    return _parts(widths, part)


def _parts(widths: list[int], part: int) -> int:
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count

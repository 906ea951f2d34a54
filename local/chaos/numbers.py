"""Who has which number in the world of a seed."""

from __future__ import annotations

SHARED = 8
"""Every so manieth owner has the number of the one before as a second one: a STOP there then concerns both."""


def number_of(place: int) -> str:
    """The first of the owner at that place; never one of the simulator's fault numbers."""
    return f"+1225{200 + place // 8000}{1000 + place % 8000}"

"""Who has which number in the world of a seed."""

from __future__ import annotations


def number_of(place: int) -> str:
    """Of the owner at that place, who shares it with nobody, as a campaign texts one of those who share a number; never
    one of the simulator's fault numbers."""
    return f"+1225{200 + place // 8000}{1000 + place % 8000}"

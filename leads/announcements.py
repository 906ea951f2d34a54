"""Who hears at once that an event was committed. `config` names the listener; without one the sweep delivers."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[int], None]] = []


def listen(listener: Callable[[int], None]) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def announced(event_id: int) -> None:
    for listener in _listeners:
        listener(event_id)

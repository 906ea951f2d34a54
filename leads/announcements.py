"""Who hears at once that events were committed. `config` names the listener; without one the sweep delivers."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    _listeners.append(listener)


def announce() -> None:
    for listener in _listeners:
        listener()

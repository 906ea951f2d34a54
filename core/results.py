from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Result(Generic[T]):
    """What a service returns that may decline: true on success with a value, else with a code and words for people."""

    value: T | None
    code: str = ""
    message: str = ""

    def __bool__(self) -> bool:
        return not self.code

    @classmethod
    def ok(cls, value: T, message: str = "") -> Result[T]:
        return cls(value, "", message)

    @classmethod
    def declined(cls, code: str, message: str) -> Result[T]:
        if not code:
            raise ValueError("a declined result needs a code: without one it would read as success")
        return cls(None, code, message)

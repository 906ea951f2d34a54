from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Result(Generic[T]):
    """What a service that may decline returns: true with a value, or false with a code and words for a person."""

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
        return cls(None, code, message)

"""Random numbers that depend on nothing but (stream, seed, index): any row can be computed alone, on any machine."""

import struct
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple, TypeVar

Shape = TypeVar("Shape", bound=NamedTuple)

_MASK = (1 << 64) - 1


def drawer(stream: bytes, shape: type[Shape]) -> Callable[[int, int], Shape]:
    """A function (seed, index) -> shape, each field an independent 16-bit number (at most 32 fields)."""
    pack = struct.Struct("<QQ").pack
    layout = struct.Struct(f"<{len(shape._fields)}H")
    size, unpack, make = layout.size, layout.unpack, shape._make

    def draw(seed: int, index: int) -> Shape:
        return make(unpack(blake2b(pack(seed & _MASK, index), digest_size=size, person=stream).digest()))

    return draw

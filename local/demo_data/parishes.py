"""The parishes of the demo. Each owns a range of indices, so their parcels and owners never share a draw."""

from collections.abc import Callable
from dataclasses import dataclass

Place = tuple[str, str, str]  # city, state, ZIP

_NUMBERS = 10_000_000
_STRIDE = 3_141_593  # coprime to 10 million: indices below that never share a number


@dataclass(frozen=True)
class Parish:
    name: str
    first_index: int
    places: tuple[Place, ...]
    west: float
    south: float
    number: Callable[[int, int], str]  # (seed, index) -> the assessor's parcel number


def east_baton_rouge_number(seed: int, index: int) -> str:
    return f"{(index * _STRIDE + seed * 7919) % _NUMBERS:07d}"


def livingston_number(seed: int, index: int) -> str:
    return f"{4_000_000_000 + (index * _STRIDE + seed * 7919) % _NUMBERS * 7:010d}"


EAST_BATON_ROUGE = Parish(
    name="East Baton Rouge",
    first_index=0,
    places=(
        *(
            ("BATON ROUGE", "LA", f"708{last:02d}")
            for last in (2, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20)
        ),
        ("ZACHARY", "LA", "70791"),
        ("BAKER", "LA", "70714"),
        ("CENTRAL", "LA", "70739"),
        ("GREENWELL SPRINGS", "LA", "70739"),
        ("PRIDE", "LA", "70770"),
    ),
    west=-91.25,
    south=30.34,
    number=east_baton_rouge_number,
)
LIVINGSTON = Parish(
    name="Livingston",
    first_index=1_000_000_000,
    places=(
        ("DENHAM SPRINGS", "LA", "70726"),
        ("WALKER", "LA", "70785"),
        ("LIVINGSTON", "LA", "70754"),
        ("SPRINGFIELD", "LA", "70462"),
        ("ALBANY", "LA", "70711"),
    ),
    west=-90.95,
    south=30.30,
    number=livingston_number,
)


def parish_of(index: int) -> Parish:
    return LIVINGSTON if index >= LIVINGSTON.first_index else EAST_BATON_ROUGE

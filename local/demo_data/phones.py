"""The numbers of an owner, and the ways a list writes them.

The numbers look real (no 555 exchange: there are far too few of those for a million owners), so some may be in
service somewhere. They exist to be sent to the simulator; no real provider is ever contacted with them.
"""

from typing import NamedTuple

from local.demo_data.draws import drawer
from local.demo_data.owners import is_public_body
from local.demo_data.shares import SIMULATED_FAULT_EVERY, wheel

MAX_PHONES = 10

_TRACES, _SHARED = wheel("trace"), wheel("first_number")
_COUNTS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10)
_AREA_CODES, _LINE_TYPES, _FLAGS = wheel("area_code"), wheel("line_type"), wheel("do_not_call")
_RESERVED_EXCHANGES = {555, 700, 950, 958, 959, 976}
_EXCHANGES = tuple(n for n in range(200, 1000) if n % 100 != 11 and n not in _RESERVED_EXCHANGES)
_FAULT_LINES = 10  # 0001-0010


class TraceDraws(NamedTuple):
    found: int
    numbers: int
    shared: int


class PhoneDraws(NamedTuple):
    area: int
    exchange: int
    line: int
    fault: int
    line_type: int
    do_not_call: int


class Phone(NamedTuple):
    digits: str  # ten, without country code
    line_type: str
    do_not_call: str  # "Yes" or "No"


_draw_trace = drawer(b"trace", TraceDraws)
_draw_phone = drawer(b"phone", PhoneDraws)


def traced_phones(seed: int, owner: int) -> list[Phone]:
    """What a skip trace finds for the owner: nothing, or one to ten numbers."""
    draws = _draw_trace(seed, owner)
    if not _TRACES[draws.found % 1000] or is_public_body(seed, owner):
        return []
    return [phone(seed, owner, slot) for slot in range(_COUNTS[draws.numbers % len(_COUNTS)])]


def phone(seed: int, owner: int, slot: int) -> Phone:
    draws = _draw_phone(seed, _number_holder(seed, owner, slot) * MAX_PHONES + slot)
    is_fault = draws.fault % SIMULATED_FAULT_EVERY == 0
    line = 1 + draws.line % _FAULT_LINES if is_fault else 11 + draws.line % 9989
    digits = f"{_AREA_CODES[draws.area % 1000]}{_EXCHANGES[draws.exchange % len(_EXCHANGES)]}{line:04d}"
    return Phone(digits, _LINE_TYPES[draws.line_type % 1000], _FLAGS[draws.do_not_call % 1000] or "No")


def _number_holder(seed: int, owner: int, slot: int) -> int:
    if slot == 0 and owner > 0 and _SHARED[_draw_trace(seed, owner).shared % 1000]:
        return owner - 1
    return owner


def written(digits: str, form: str, second: str) -> str:  # noqa: C901  one line a form
    """A roll's phone cell. `second` is another number, for the form with two in one cell."""
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    match form:
        case "parentheses":
            return f"({area}) {exchange}-{line}"
        case "dashes":
            return f"{area}-{exchange}-{line}"
        case "dots":
            return f"{area}.{exchange}.{line}"
        case "plus_one":
            return f"+1 {area} {exchange} {line}"
        case "one_dash":
            return f"1-{area}-{exchange}-{line}"
        case "float":
            return f"{digits}.0"
        case "extension":
            return f"{area}-{exchange}-{line} ext {int(line) % 90 + 10}"
        case "two":
            return f"{area}-{exchange}-{line} / {second[:3]}-{second[3:6]}-{second[6:]}"
        case "fives":
            return "555-555-5555"
        case "seven_digits":
            return f"{exchange}-{line}"
        case "not_available":
            return "N/A"
    return digits

"""Are these two owners one? A pure comparison that says how sure it is, and why, in words.

First the names: they decide what the two can be at all. Then what speaks for it beside the name. Points are of 100.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from leads.duplicates.addresses import address_words, without_unit
from leads.duplicates.names import NICKNAMES, Person, Reading, read_name
from leads.models import Owner

Kind = Owner.Kind
QUEUED_FROM = 70
FEW = 3
"""Owners of one name up to which land in one subdivision says that they are one."""

OTHER_ORDER = "words in another order"
LESS_FORM = "same name but for the legal form"
SAME_ADDRESS = (35, "same mailing address")
SAME_BUILDING = (12, "same building, other unit")
SAME_PHONE = (35, "same phone")
SAME_PARCEL = (25, "named on the same parcel")
SAME_SUBDIVISION = (15, "own land in the same subdivision")
COMMON_NAME_NEARBY = (8, "own land in the same subdivision, but the name is common")
RARE_NAME = (8, "nobody else has this name")
SAME_ZIP = (5, "same mailing ZIP")


class Side(NamedTuple):
    name_key: str
    kind: str
    street: str
    zip_code: str


class Shared(NamedTuple):
    """What the records say of both: a number, a parcel, a subdivision; how many owners have either's name."""

    phone: bool = False
    parcel: bool = False
    subdivision: bool = False
    carriers: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """`points` of 100, which only a certain match has. Certain: same name and a second, independent fact, with
    nothing against it; at most 90 with something against it."""

    points: int
    certain: bool
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(slots=True)
class Likeness:
    """What the names say: 60 points for the same name, fewer the looser it is; `whole` if it may be certain."""

    points: int
    reasons: list[str]
    against: list[str] = field(default_factory=list)
    exact: bool = False
    near: bool = False


def compare(one: Side, other: Side, shared: Shared) -> Match | None:
    """None when they are not one owner, or when too little speaks for it to ask a person."""
    names = compare_names(read_name(one.name_key, one.kind), read_name(other.name_key, other.kind))
    if names is None:
        return None
    facts = _facts(one, other, shared, names)
    points = names.points + sum(points for points, _ in facts)
    if points < QUEUED_FROM:
        return None
    reasons = (*names.reasons, *(words for _, words in facts))
    certain = _certain(names, facts)
    return Match(min(points, 100 if certain else 90 if names.against else 97), certain, reasons, tuple(names.against))


def compare_names(one: Reading, other: Reading) -> Likeness | None:
    """None for names of different people or companies."""
    if bool(one.people) != bool(other.people):  # “ACME LAND” of “ACME LAND LLC” reads as a person
        return Likeness(50, [LESS_FORM]) if one.words == other.words else None
    return _compare_people(one, other) if one.people else _compare_companies(one, other)


def _certain(names: Likeness, facts: list[tuple[int, str]]) -> bool:
    strong = [fact for fact in facts if fact in (SAME_ADDRESS, SAME_PHONE)]
    return not names.against and ((names.exact and len(strong) >= 1) or (names.near and len(strong) == 2))


def _facts(one: Side, other: Side, shared: Shared, names: Likeness) -> list[tuple[int, str]]:
    found = [_place(one, other)]
    found += _held(shared)
    if names.exact and shared.carriers == 2:
        found.append(RARE_NAME)
    return [fact for fact in found if fact is not None]


def _held(shared: Shared) -> list[tuple[int, str]]:
    nearby = SAME_SUBDIVISION if shared.carriers <= FEW else COMMON_NAME_NEARBY
    facts = ((SAME_PHONE, shared.phone), (SAME_PARCEL, shared.parcel), (nearby, shared.subdivision))
    return [fact for fact, holds in facts if holds]


def _place(one: Side, other: Side) -> tuple[int, str] | None:
    if not one.zip_code or one.zip_code[:5] != other.zip_code[:5]:
        return None
    first, second = address_words(one.street), address_words(other.street)
    if first and (first == second or _one_word_misspelt(first, second)):
        return SAME_ADDRESS
    if len(first) > 1 and without_unit(first) == without_unit(second):
        return SAME_BUILDING
    return SAME_ZIP


def _one_word_misspelt(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """The same but for one slip in one long word; never in a number."""
    if len(first) != len(second):
        return False
    apart = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return len(apart) == 1 and slip(*apart[0])


def _compare_companies(one: Reading, other: Reading) -> Likeness | None:
    if one.form and other.form and one.form != other.form:
        return None
    if one.words == other.words:
        if one.form == other.form:
            return Likeness(60, ["same name"], exact=True)
        return Likeness(50, [LESS_FORM])
    if _one_word_misspelt(one.words, other.words):
        return Likeness(48, ["name differs by one letter"], near=one.form == other.form)
    return None


def _compare_people(one: Reading, other: Reading) -> Likeness | None:
    found = _compare_sets(one.people, other.people)
    if found is None:
        found = _compare_turned(one, other)
    if found is not None and one.estate != other.estate:
        found.against.append("one is an estate: the other may be its heir, or the person before death")
        found.points -= 8
    if found is not None and one.others != other.others:
        found.against.append("one stands for several owners (ET AL)")
        found.points -= 4
    return found


def _compare_turned(one: Reading, other: Reading) -> Likeness | None:
    """“JOHN A SMITH” and “SMITH JOHN A”; a list that writes the first name first."""
    if sorted(one.words) == sorted(other.words):
        return Likeness(58, [OTHER_ORDER], exact=True)
    sides = [(one.people, other.turned), (one.turned, other.people)]
    found = max((m for a, b in sides if a and b and (m := _compare_sets(a, b))), key=_points, default=None)
    return found and Likeness(found.points - 4, [*found.reasons, OTHER_ORDER], [*found.against])


def _compare_sets(ones: tuple[Person, ...], others: tuple[Person, ...]) -> Likeness | None:
    best = [max((m for b in others if (m := compare_persons(a, b))), key=_points, default=None) for a in ones]
    matched = [match for match in best if match is not None]
    if not matched:
        return None
    if len(ones) == len(others) and len(matched) == len(ones):
        return min(matched, key=_points)
    found = max(matched, key=_points)
    joint = ["joint names: one is owner with somebody else"]
    return Likeness(found.points - 15, [*found.reasons, *joint], [*found.against, "not the same set of people"])


def _points(likeness: Likeness) -> int:
    return likeness.points


@lru_cache(maxsize=20_000)
def _same_given(one: str, other: str) -> tuple[int, str] | None:
    """Points taken off for how two first names differ, and words for it; None when they are two names."""
    if one == other:
        return 0, ""
    if not one or not other:
        return None
    if min(len(one), len(other)) == 1:
        return (20, "first name is an initial") if one[0] == other[0] else None
    if NICKNAMES.get(one, one) == NICKNAMES.get(other, other):
        return 10, f"{one.title()} and {other.title()} are one first name"
    two_names = len(one) == len(other) == 4  # “JOHN” and “JOAN” are two people
    return (14, "first name differs by one letter") if slip(one, other) and not two_names else None


def compare_persons(one: Person, other: Person) -> Likeness | None:
    """None for different people: other surname, other first name, father and son, other middle initial."""
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return None
    misspelt = one.surname != other.surname
    if misspelt and not slip(one.surname, other.surname):
        return None
    given = _same_given(one.given, other.given)
    if given is None or (one.middle and other.middle and not _same_middle(one.middle, other.middle)):
        return None
    return _judge_persons(one, other, given, misspelt)


def _judge_persons(one: Person, other: Person, given: tuple[int, str], misspelt: bool) -> Likeness:
    lost, words = given
    reasons = [words] if words else []
    against = []
    if misspelt:
        lost, reasons = lost + 10, [*reasons, "surname differs by one letter"]
    if bool(one.middle) != bool(other.middle):
        lost, reasons = lost + 10, [*reasons, "same name, one without the middle name"]
    elif len(one.middle) != len(other.middle):
        lost, reasons = lost + 3, [*reasons, "middle name is an initial"]
    if one.suffix != other.suffix:
        lost += 10
        against.append(f"only one is called {one.suffix or other.suffix}: father and son?")
    near = bool(one.middle and other.middle) and lost <= 14
    return Likeness(60 - lost, reasons or ["same name"], against, exact=lost == 0 and bool(one.given), near=near)


def _same_middle(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0]) or slip(one, other)


@lru_cache(maxsize=100_000)
def slip(one: str, other: str) -> bool:
    """One letter more, less, wrong or two swapped, in words of four letters or more without a figure."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1 or not (one + other).isalpha():
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left != right and (swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:])

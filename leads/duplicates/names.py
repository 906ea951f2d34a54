"""Owners' names taken apart for comparison: people with surname, first and middle name, or the words of a company."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from leads.models import Owner

Kind = Owner.Kind
SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV"})
FORMS = {
    "LLC": "LLC", "L L C": "LLC", "LIMITED LIABILITY COMPANY": "LLC", "INC": "INC", "INCORPORATED": "INC",
    "CORP": "CORP", "CORPORATION": "CORP", "LTD": "LTD", "LIMITED": "LTD", "LP": "LP", "L P": "LP", "LLP": "LLP",
    "CO": "CO", "COMPANY": "CO",
}  # fmt: skip
_FORM = re.compile(r"\b(?:" + "|".join(sorted(FORMS, key=len, reverse=True)) + r")$")
_ESTATE = re.compile(
    r"\b(?:(?:THE )?(?:UNOPENED )?(?:ESTATE|EST|SUCCESSION|SUCC|SUCCN|HEIRS|HRS)(?: OF)?|DECEASED|DECD)\b"
)
_OTHERS = re.compile(r"\b(?:ET ?ALS?|ET UX|ET VIR|AND OTHERS)\b")
_CARE_OF = re.compile(r"\bC O .*$")
_AND = re.compile(r" (?:&|AND) ")
_SHORT = {"AND": "&", "THE": "", "PROPERTY": "PROPERTIES", "HOLDING": "HOLDINGS", "INVESTMENT": "INVESTMENTS"}
NICKNAMES = {
    "BILL": "WILLIAM", "BILLY": "WILLIAM", "WILL": "WILLIAM", "BOB": "ROBERT", "BOBBY": "ROBERT", "ROB": "ROBERT",
    "JIM": "JAMES", "JIMMY": "JAMES", "MIKE": "MICHAEL", "TOM": "THOMAS", "TOMMY": "THOMAS", "DICK": "RICHARD",
    "RICK": "RICHARD", "JOE": "JOSEPH", "JOEY": "JOSEPH", "CHUCK": "CHARLES", "CHARLIE": "CHARLES", "DAN": "DANIEL",
    "DANNY": "DANIEL", "DAVE": "DAVID", "STEVE": "STEPHEN", "STEVEN": "STEPHEN", "ED": "EDWARD", "EDDIE": "EDWARD",
    "TONY": "ANTHONY", "KEN": "KENNETH", "LARRY": "LAWRENCE", "RON": "RONALD", "DON": "DONALD", "TIM": "TIMOTHY",
    "GREG": "GREGORY", "MATT": "MATTHEW", "ANDY": "ANDREW", "SAM": "SAMUEL", "BEN": "BENJAMIN", "BETTY": "ELIZABETH",
    "LIZ": "ELIZABETH", "BETH": "ELIZABETH", "PEGGY": "MARGARET", "MAGGIE": "MARGARET", "PATTY": "PATRICIA",
    "PAT": "PATRICIA", "KATHY": "KATHERINE", "KATE": "KATHERINE", "SUE": "SUSAN", "DEBBIE": "DEBORAH",
    "BARB": "BARBARA", "JENNY": "JENNIFER", "CINDY": "CYNTHIA", "SANDY": "SANDRA", "CATHY": "CATHERINE",
}  # fmt: skip


class Person(NamedTuple):
    surname: str
    given: str = ""
    middle: str = ""
    suffix: str = ""


class Reading(NamedTuple):
    """`people` of a person, couple or estate; of a company or trust none, but its `form` and `words` without it.

    `turned`: the one person it would be if the first name were written first."""

    people: tuple[Person, ...]
    words: tuple[str, ...]
    turned: tuple[Person, ...] = ()
    form: str = ""
    estate: bool = False
    others: bool = False


@lru_cache(maxsize=20_000)
def read_name(key: str, kind: str) -> Reading:
    """`key` is the owner's name_key. Rolls write the surname first; other orders are met by comparing the words."""
    key = _CARE_OF.sub("", key).strip()
    if kind in (Kind.COMPANY, Kind.TRUST, *Owner.NEVER_CONTACTED):
        return _read_company(key)
    bare = _OTHERS.sub(" ", _ESTATE.sub(" ", key))
    people = _read_people(bare)
    turned = _turned(people)
    return Reading(people, _words(bare), turned, estate=bool(_ESTATE.search(key)), others=bool(_OTHERS.search(key)))


def _read_company(key: str) -> Reading:
    found = _FORM.search(key)
    form = FORMS[found[0]] if found else ""
    return Reading((), _words(key[: found.start()] if found else key), form=form)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in (_SHORT.get(word, word) for word in text.split()) if word)


def _read_people(text: str) -> tuple[Person, ...]:
    first, *rest = _AND.split(f"{text} ".strip())
    head = _read_person(first.split())
    if not head.given and rest:  # “JOHN & MARY SMITH”
        *_, surname = rest[-1].split() or [""]
        return (Person(surname, head.surname), *(_read_person([surname, *part.split()[:-1]]) for part in rest))
    return (head, *(_read_person([head.surname, *part.split()]) for part in rest if part.strip()))


def _read_person(words: list[str]) -> Person:
    """Surname first; “SMITH JOHN A JR”, “SMITH JR JOHN A” and “SMITH SMITH MARY” of a repeated surname."""
    suffix = next((word for word in words[1:] if word in SUFFIXES), "")
    names = [word for word in words if word not in SUFFIXES]
    if len(names) > 2 and names[0] == names[1]:
        names = names[1:]
    surname, given, middle = (*names[:3], "", "", "")[:3]
    return Person(surname, given, middle, suffix)


def _turned(people: tuple[Person, ...]) -> tuple[Person, ...]:
    """“JOHN A SMITH”, read as surname JOHN, is SMITH JOHN A; “JOHN SMITH” is SMITH JOHN."""
    if len(people) != 1 or not people[0].given:
        return ()
    first, given, middle, suffix = people[0].surname, people[0].given, people[0].middle, people[0].suffix
    surname, middle = (middle, given) if middle else (given, "")
    return (Person(surname, first, middle, suffix),) if len(surname) > 1 else ()

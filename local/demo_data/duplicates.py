"""Owners as several rolls and skip-trace lists would have them, with the truth about who is whom.

Most are there once. Some come again, spelt as clerks spell; and some are neighbours of the kind that a careless search
takes for one: families at one address with one phone, father and son of one name, companies that differ by a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from local.demo_data import words
from local.demo_data.parishes import EAST_BATON_ROUGE, LIVINGSTON

PLACES = (*EAST_BATON_ROUGE.places, *LIVINGSTON.places, *words.OTHER_PARISHES, *words.OUT_OF_STATE)
LONG_FORMS = {"ST": "STREET", "RD": "ROAD", "DR": "DRIVE", "AVE": "AVENUE", "LN": "LANE", "BLVD": "BOULEVARD"}
NICKNAMES = {"WILLIAM": "BILL", "ROBERT": "BOB", "JAMES": "JIM", "MICHAEL": "MIKE", "THOMAS": "TOM", "JOSEPH": "JOE"}


@dataclass(frozen=True)
class OwnerRecord:
    """`truth` is the same for records of one owner. `phone` and `subdivision` are numbers, 0 = none. `dirt`: what was
    done to a repeated record."""

    truth: int
    surname: str
    given: str
    middle: str
    street: str
    place: tuple[str, str, str]
    phone: int = 0
    subdivision: int = 0
    form: str = ""
    joint: str = ""
    dirt: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        if self.form in ("LLC", "INC", "L.L.C.", ""):
            person = " ".join(filter(None, (self.surname, self.given, self.middle, self.form)))
            return f"{person} & {self.joint}" if self.joint else person
        whole = " ".join(filter(None, (self.surname, self.given, self.middle)))
        if self.form == "FIRST":
            return " ".join(filter(None, (self.given, self.middle, self.surname)))
        return f"ESTATE OF {whole}" if self.form == "ESTATE" else f"{whole} {self.form}"


def owner_records(seed: int, count: int) -> Iterator[OwnerRecord]:
    draw = Random(seed)
    made = truth = 0
    while made < count:
        truth += 1
        for record in _household(draw, truth):
            truth = max(truth, record.truth)
            yield record
            made += 1
            if made == count:
                return


def _household(draw: Random, truth: int) -> list[OwnerRecord]:
    owner = _company(draw, truth) if draw.random() < 0.12 else _person(draw, truth)
    chance = draw.random()
    records = [owner, *(_again(draw, owner) for _ in range((chance < 0.18) + (chance < 0.04)))]
    return [*records, *_look_alikes(draw, owner)]


def _person(draw: Random, truth: int) -> OwnerRecord:
    middle = draw.choice(words.INITIALS) if draw.random() < 0.8 else ""
    joint = f"{draw.choice(words.FIRST_NAMES)} {draw.choice(words.INITIALS)}" if draw.random() < 0.2 else ""
    return OwnerRecord(
        truth, draw.choice(words.SURNAMES), draw.choice(words.FIRST_NAMES), middle, _street(draw), draw.choice(PLACES),
        phone=truth if draw.random() < 0.6 else 0, subdivision=draw.randint(0, len(words.SUBDIVISIONS)), joint=joint,
    )  # fmt: skip


def _company(draw: Random, truth: int) -> OwnerRecord:
    word, noun = draw.choice((*words.COMPANY_WORDS, *words.SURNAMES)), draw.choice(words.COMPANY_NOUNS)
    number = str(draw.randint(2, 90)) if draw.random() < 0.3 else ""
    return OwnerRecord(
        truth, word, noun, number, _street(draw), draw.choice(PLACES),
        phone=truth if draw.random() < 0.4 else 0, form=draw.choice(("LLC", "INC")),
    )  # fmt: skip


def _street(draw: Random) -> str:
    if draw.random() < 0.12:
        return f"PO BOX {draw.randint(10, 9909)}"
    unit = f" APT {draw.randint(1, 40)}" if draw.random() < 0.06 else ""
    return f"{draw.randint(100, 18999)} {draw.choice(words.STREETS)}{unit}"


def _again(draw: Random, owner: OwnerRecord) -> OwnerRecord:
    """The same owner as another list spells it: one or two changes to the name or address."""
    changes = _COMPANY_CHANGES if owner.form else _PERSON_CHANGES
    record = owner
    for dirt in draw.choices([c[0] for c in changes], [c[1] for c in changes], k=draw.choice((1, 1, 2))):
        changed = _DIRT[dirt](draw, record)
        if changed != record:
            record = replace(changed, dirt=(*record.dirt, dirt))
    kept_phone = draw.random() < 0.75
    return replace(record, phone=record.phone if kept_phone else 0, dirt=record.dirt or ("as it was",))


_PERSON_CHANGES = (
    ("surname misspelt", 10), ("first name misspelt", 6), ("middle name left out", 18), ("first name an initial", 5),
    ("nickname", 3), ("other order", 6), ("joint or single", 10), ("estate", 5), ("street spelt out", 20),
    ("street misspelt", 6), ("moved", 6), ("no address", 2), ("zip+4", 8), ("punctuation", 10),
)  # fmt: skip
_COMPANY_CHANGES = (("form", 30), ("no form", 15), ("street spelt out", 25), ("moved", 8), ("word misspelt", 12))


def _other_street(draw: Random, r: OwnerRecord) -> OwnerRecord:
    number, *street = r.street.split() or [""]
    return replace(r, street=" ".join(filter(None, [number, *(_misspell(draw, word) for word in street)])))


def _zip_plus_four(draw: Random, r: OwnerRecord) -> OwnerRecord:
    city, state, zip_code = r.place
    return replace(r, place=(city, state, f"{zip_code[:5]}-{draw.randint(1000, 9999)}" if zip_code else ""))


def _joint(draw: Random, r: OwnerRecord) -> OwnerRecord:
    return replace(r, joint="" if r.joint else f"{draw.choice(words.FIRST_NAMES)} B", form="")


_DIRT: dict[str, Callable[[Random, OwnerRecord], OwnerRecord]] = {
    "surname misspelt": lambda draw, r: replace(r, surname=_misspell(draw, r.surname)),
    "word misspelt": lambda draw, r: replace(r, surname=_misspell(draw, r.surname)),
    "first name misspelt": lambda draw, r: replace(r, given=_misspell(draw, r.given)),
    "middle name left out": lambda draw, r: replace(r, middle=""),
    "first name an initial": lambda draw, r: replace(r, given=r.given[:1]),
    "nickname": lambda draw, r: replace(r, given=NICKNAMES.get(r.given, r.given)),
    "other order": lambda draw, r: replace(r, form="FIRST", joint=""),
    "joint or single": _joint,
    "estate": lambda draw, r: replace(r, form="ESTATE", joint=""),
    "form": lambda draw, r: replace(r, form="L.L.C." if r.form == "LLC" else r.form),
    "no form": lambda draw, r: replace(r, form=""),
    "street spelt out": lambda draw, r: replace(r, street=" ".join(LONG_FORMS.get(w, w) for w in r.street.split())),
    "street misspelt": _other_street,
    "moved": lambda draw, r: replace(r, street=_street(draw), place=draw.choice(PLACES)),
    "no address": lambda draw, r: replace(r, street="", place=("", "", "")),
    "zip+4": _zip_plus_four,
    "punctuation": lambda draw, r: replace(r, surname=f"{r.surname},"),
}


def _misspell(draw: Random, word: str) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    at = draw.randrange(1, len(word) - 1)
    return draw.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + draw.choice("AEIOULNRST") + word[at + 1 :],
        )
    )


def _look_alikes(draw: Random, owner: OwnerRecord) -> list[OwnerRecord]:
    """Others who are not this owner, at the same address and often with the same phone."""
    chance = draw.random()
    other = replace(owner, truth=owner.truth + 1, joint="")
    if owner.form and chance < 0.10:
        return [replace(other, middle=str(int(owner.middle or 1) + 1))]
    if owner.form or chance > 0.12:
        return []
    if chance < 0.02:
        return [replace(other, middle=f"{owner.middle} JR".strip(), truth=owner.truth + 1)]
    return [replace(other, given=draw.choice(words.FIRST_NAMES), middle=draw.choice(words.INITIALS))]

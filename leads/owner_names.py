"""Reading the owner column of a tax roll: one spelling for comparison, and what kind of owner the words say it is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

from leads.models import Owner
from leads.people import Person, read_people, read_words

Kind = Owner.Kind
_DROPPED = re.compile(r"[.'’`]")
_NOT_IN_KEY = re.compile(r"[^A-Z0-9&]+")
_ASCII_DROPPED = b".'`"
_ASCII_KEY = bytes(ord(chr(code).upper()) if code < 128 and (chr(code).isalnum() or chr(code) == "&") else 32
                   for code in range(256))  # fmt: skip


def name_key(name: str) -> str:
    """Upper case without accents; points and apostrophes gone, other punctuation and runs of blanks one blank. Cut at
    300 letters, as some letters become several.

    Two spellings of one name compare equal: “Thériot, John” and “THERIOT JOHN”, “ACME, L.L.C.” and “Acme LLC”.
    """
    if name.isascii():  # quicker, and nearly every name
        key = " ".join(name.encode().translate(_ASCII_KEY, _ASCII_DROPPED).decode().split())
        return key if len(key) <= 300 else key[:300].rstrip()
    name = unicodedata.normalize("NFKD", name)
    name = "".join(letter for letter in name if not unicodedata.combining(letter))
    return _NOT_IN_KEY.sub(" ", _DROPPED.sub("", name.upper())).strip()[:300].rstrip()


def mailing_key(street: str, city: str, state: str, zip_code: str) -> str:
    """An address in one spelling, ZIP+4 left out; "" without a street. Kept beside the address by whoever writes it."""
    return name_key(f"{street} {city} {state} {zip_code[:5]}")[:300] if street else ""


_LITERAL = re.compile(r"(?:\(\?<!\W?\w* ?\))?(?:& |AND )?([A-Z]+)(\??)")
_telling: set[str] = set()
"""How every word of the rules below begins, by four letters: most people's names hold none of them."""


def _words(*phrases: str) -> re.Pattern[str]:
    for phrase in phrases:
        literal = _LITERAL.match(phrase)
        assert literal is not None, phrase
        _telling.add(literal[1][: -1 if literal[2] else None][:4])
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b")


# Tried in order: a trust of an estate is a trust, a church's school a school, a company named after a city a company.
_TRUST = _words(
    "TRUST", "TRUSTS", "TRUSTEES?", "TTEES?", "TRS", "TRST", "TR(?= (?:OF|UA|UTD|DTD)|$)", "REVOCABLE", "LIVING TR"
)
_LIFE_ESTATE = _words("LIFE EST", "LIFE ESTATE", "LIFE TENANT", "L E(?=$)", "USUFRUCT", "USUFRUCTUARY", "USUF")
_ESTATE = _words(
    "(?<!REAL )ESTATE", "EST(?= OF|$)", "SUCCESSION", "SUCC(?= OF|$)", "SUCCN", "DECEASED", "DECD", "UNOPENED",
)  # fmt: skip
_HEIRS = _words("HEIRS?", "HRS")
_COMPANY = _words(
    "LLC", "INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LP", "LLP",
    "LLLP", "PARTNERSHIP", "PARTNERS", "PLC", "PC", "APLC", "BANK", "HOLDINGS?", "INVESTMENTS?",
    "PROPERTIES", "ENTERPRISES?", "DEVELOPMENT", "DEVELOPERS?", "REALTY", "RENTALS?", "VENTURES?", "GROUP", "FUND",
    "ASSOCIATES", "ASSOCIATION", "ASSN", "ASSOC", "HOMEOWNERS", "(?<!THI )HOA", "CLUB", "FOUNDATION", "MORTGAGE",
    "CREDIT UNION", "TIMBER", "LUMBER", "RAILROAD", "RAILWAY", "CONTRACTORS?", "BUILDERS?", "APARTMENTS", "MINISTORAGE",
    "PLLC", "INSURANCE", "REAL ESTATE", "& SONS?", "AND SONS?", "BROTHERS", "BROS", "FARMS?(?=$)", "HOMES(?=$)",
    "MINERALS", "RESOURCES", "INDUSTRIES", "MANAGEMENT", "CONSTRUCTION", "SERVICES?", "SYSTEMS", "EQUITIES",
    "ACQUISITIONS?", "MOTORS", "TRUCKING",
)  # fmt: skip
_LEGAL_FORM = _words("LLC", "INC", "CORP", "LTD", "LP", "LLP", "PLLC")
_SCHOOL = _words(
    "SCHOOLS?", "SCHOOL BOARD", "BOARD OF EDUCATION", "BD OF EDUCATION", "UNIVERSITY", "COLLEGE", "ACADEMY",
    "BOARD OF SUPERVISORS",
)  # fmt: skip
_CHURCH = _words(
    "(?<!^)CHURCH", "CHURCH OF", "CHURCHES", "BAPTIST", "METHODIST", "CATHOLIC", "DIOCESE", "ARCHDIOCESE",
    "MINISTR(?:Y|IES)", "TEMPLE(?= OF|$)", "IGLESIA", "MOSQUE", "SYNAGOGUE", "ISLAMIC", "TABERNACLE", "CONGREGATION",
    "PRESBYTERIAN", "PENTECOSTAL", "LUTHERAN", "EPISCOPAL", "ASSEMBLY OF GOD", "JEHOVAHS WITNESSES", "CHAPEL",
    "CATHEDRAL", "GOSPEL",
)  # fmt: skip
_UTILITY = _words(
    "ENTERGY", "CLECO", "DEMCO", "SWEPCO", "ATMOS", "UTILIT(?:Y|IES)", "ELECTRIC", "POWER (?:CO|COMPANY|AND|&)",
    "WATER(?:WORKS)?(?= (?:CO|COMPANY|DIST|DISTRICT|WORKS|SYSTEM)|$)", "SEWER(?:AGE)?", "GAS (?:CO|COMPANY)",
    "TELEPHONE", "PIPELINE", "BELLSOUTH", "APPALACHIAN POWER",
)  # fmt: skip
_GOVERNMENT = _words(
    "CITY OF", "TOWN OF", "VILLAGE OF", "STATE OF", "PARISH OF", "COUNTY OF", "CITY PARISH", "UNITED STATES",
    "USA(?=$)", "US GOVT", "GOVERNMENT", "GOVT", "PARISH COUNCIL", "POLICE JURY", "COUNTY COMMISSION",
    "PARISH GOVERNMENT", "DEPT OF", "DEPARTMENT OF", "DIVISION OF (?:HIGHWAYS|ADMINISTRATION)",
    "DIV OF (?:HIGHWAYS|ADMINISTRATION)", "HOUSING AUTHORITY", "REDEVELOPMENT AUTHORITY", "AUTHORITY",
    "LEVEE (?:BOARD|DIST|DISTRICT)", "DRAINAGE DIST(?:RICT)?", "FIRE (?:DIST|DISTRICT|PROTECTION|DEPT)",
    "RECREATION (?:COMMISSION|DIST|DISTRICT)", "AIRPORT", "PORT COMMISSION", "SHERIFF", "LAND BANK", "MUNICIPALITY",
    "PUBLIC SERVICE (?:COMMISSION|DISTRICT)", "BREC", "HUD", "SECRETARY OF", "STATE LAND OFFICE", "PARK COMMISSION",
    "DOTD", "CORPS OF ENGINEERS", "WILDLIFE (?:&|AND) FISHERIES", "PARKS? (?:&|AND) RECREATION",
    "RECREATION (?:&|AND) PARK",
)  # fmt: skip

_RULES = (
    (Kind.ESTATE, re.compile(r"^(?:THE )?(?:ESTATE|EST|SUCCESSION|SUCC) OF\b")),
    (Kind.HEIRS, re.compile(r"^(?:THE |UNKNOWN )?HEIRS? OF\b")),
    (Kind.TRUST, _TRUST),
    (Kind.SCHOOL, _SCHOOL),
    (Kind.CHURCH, _CHURCH),
    (Kind.UTILITY, _UTILITY),
    (Kind.GOVERNMENT, _GOVERNMENT),
    (Kind.LIFE_ESTATE, _LIFE_ESTATE),
    (Kind.HEIRS, _HEIRS),
    (Kind.ESTATE, _ESTATE),
    (Kind.COMPANY, _COMPANY),
)
_PUBLIC_WORDS = (Kind.SCHOOL, Kind.CHURCH, Kind.GOVERNMENT)
_SURE = _words("CHURCH", "DIOCESE", "ARCHDIOCESE", "SCHOOL BOARD", "MINISTRIES", "UNIVERSITY", "HOUSING AUTHORITY")


_CARE_OF = re.compile(r"(?:\bC[/\\][O0]\b|\bIN CARE OF\b|\bCARE OF\b|\bATTN\b|%)[\s:.,]*")
_SHARE = re.compile(r"\(?\b\d+(?:\.\d+)?\s?%|\(?\b\d+/\d+(?:THS?)?\b")
_ET_AL = re.compile(r"\bET\.? ?ALS?\b\.?|\bETALS?\b|(?:&|\bAND\b) OTHERS\b")
_SPOUSE = re.compile(r"\bET\.? ?(?:UX|VIR)\b\.?|\b[HW]/[WH]\b|(?:&|\bAND\b) (?:WIFE|HUSBAND|SPOUSE)\b")
_LIFE_MARK = re.compile(r"\(\s*L\.?\s?[/.]?\s?E\.?\s*\)|\bL/E\b|\(USU\w*\)|(?<=\w[ (-])LIFE\b")
_SPOKEN = re.compile(r"\b(?:ESTATE|EST|SUCCESSION|SUCC|HEIRS?)\.? OF\b")
_TRUSTEE = _words("TRUSTEES?", "TTEES?", "TRS")
_SPACED = {" L L C": " LLC", " L P": " LP", "U S A": "UNITED STATES"}
_SPACED_ENDS = tuple(_SPACED)
_WITHOUT_PEOPLE = (Kind.COMPANY, Kind.GOVERNMENT, Kind.SCHOOL, Kind.CHURCH, Kind.UTILITY)
_TELLING = frozenset(_telling)
_MARKS = frozenset(
    ("AND", "OR", "ET", "ETAL", "ETUX", "ETVI", "OF", "LIFE", "CARE", "ATTN", "AKA", "FKA", "NKA", "DBA", "NEE",
     "REM", "REMA", "NAKE", "OTHE")
)  # fmt: skip
_DIGIT = re.compile(r"\d")
MOST_LETTERS = 300


class OwnerName(NamedTuple):
    """What an owner column says. `people` is empty for whoever is not a person; for an estate it names the dead."""

    kind: Owner.Kind
    people: tuple[Person, ...] = ()
    care_of: str = ""
    et_al: bool = False


@lru_cache(maxsize=20_000)
def parse_owner(name: str) -> OwnerName:
    """Kind, people, “C/O” and “ET AL” of an owner column. Rules only, for every row of a roll; it never raises."""
    text = name[:MOST_LETTERS].upper()
    parts = [part.split() for part in text.split("&")]
    words = [word for part in parts for word in part]
    if text.isascii() and "".join(words).isalpha() and not text.rstrip().endswith(_SPACED_ENDS):
        beginnings = {word[:4] for word in words}
        if beginnings.isdisjoint(_TELLING) and beginnings.isdisjoint(_MARKS):
            people = read_words(parts)
            kind = _kind_by_number(people, "", et_al=False)
            return OwnerName(kind, () if kind == Kind.UNKNOWN else people)
    return _parse_marked(" ".join(text.split()))


def _parse_marked(text: str) -> OwnerName:
    text, care_of = _take_care_of(_SHARE.sub(" ", text))
    text, count = _ET_AL.subn(" ", text)
    kind = _kind(name_key(text))
    if kind in _WITHOUT_PEOPLE or (kind == Kind.TRUST and not _TRUSTEE.search(text)):
        return OwnerName(kind, (), care_of, count > 0)
    people = read_people(_plain(text), spoken=_SPOKEN.search(text) is not None)
    return _of_people(kind, people, text, care_of, count > 0)


def classify_owner(name: str) -> Owner.Kind:
    """What kind of owner the words say it is; UNKNOWN when they do not say."""
    return parse_owner(name).kind


def people_of(owner: Owner) -> tuple[Person, ...]:
    """As stored with the owner, or read from the name where nothing is stored."""
    return tuple(Person(**person) for person in owner.people) or parse_owner(owner.name).people


def read_name_of(owner: Owner) -> None:
    """Takes people, “C/O” and “ET AL” anew from the owner's name; the kind stays, as a person may have chosen it."""
    parsed = parse_owner(owner.name)
    owner.people = [person._asdict() for person in parsed.people]
    owner.care_of, owner.et_al = parsed.care_of, parsed.et_al


def people_as_json(parsed: OwnerName) -> str:
    return f"[{', '.join(map(_person_as_json, parsed.people))}]"


def _person_as_json(person: Person) -> str:
    """As json.dumps would write it, put together by hand: quicker, and done for each row of a roll."""
    last, first, middle, suffix = map(_quoted, person)
    return f'{{"last": {last}, "first": {first}, "middle": {middle}, "suffix": {suffix}}}'


def _take_care_of(text: str) -> tuple[str, str]:
    """The name, and who takes its mail. A cell with nothing before “C/O” has only the one name."""
    own, *others = _CARE_OF.split(text)
    care_of = " ".join(" ".join(others).split())
    own = own.strip(" ,;-(")
    return (own or care_of), care_of.strip(" ,;-()")


def _plain(text: str) -> str:
    return _SPOKEN.sub(" ", _SPOUSE.sub(" & ", _LIFE_MARK.sub(" & ", text)))


def _kind(key: str) -> Owner.Kind:
    """Whoever may never be contacted is found first, except that a legal form makes a company of “COLLEGE TOWN LLC”."""
    if key.endswith(_SPACED_ENDS):
        key = next(key.removesuffix(letters) + meant for letters, meant in _SPACED.items() if key.endswith(letters))
    if _TELLING.isdisjoint([word[:4] for word in key.replace("&", " ").split()]):
        return Kind.UNKNOWN
    kind = next((kind for kind, words in _RULES if words.search(key)), Kind.UNKNOWN)
    if kind in _PUBLIC_WORDS and _LEGAL_FORM.search(key) and not _SURE.search(key):
        return Kind.COMPANY
    return kind


def _of_people(kind: Owner.Kind, people: tuple[Person, ...], text: str, care_of: str, et_al: bool) -> OwnerName:
    if kind == Kind.UNKNOWN and not _DIGIT.search(text):
        kind = _kind_by_number(people, text, et_al=et_al)
    return OwnerName(kind, () if kind == Kind.UNKNOWN else people, care_of, et_al)


def _kind_by_number(people: tuple[Person, ...], text: str, *, et_al: bool) -> Owner.Kind:
    """Of people whom no word calls anything else: how many are they, and is it theirs for life only?"""
    if not people or not (people[0].first or et_al):
        return Kind.UNKNOWN
    if text and _LIFE_MARK.search(text):
        return Kind.LIFE_ESTATE
    if et_al or len(people) > 2:
        return Kind.HEIRS
    return Kind.COUPLE if len(people) == 2 or (text and _SPOUSE.search(text)) else Kind.PERSON

"""Reading the owner column of a tax roll: one spelling for comparison, and what kind of owner the words say it is."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from leads.models import Owner

Kind = Owner.Kind
_DROPPED = re.compile(r"[.'’`]")
_NOT_IN_KEY = re.compile(r"[^A-Z0-9&]+")


def name_key(name: str) -> str:
    """Upper case without accents; points and apostrophes gone, other punctuation and runs of blanks one blank. Cut at
    300 letters, as some letters become several.

    Two spellings of one name compare equal: “Thériot, John” and “THERIOT JOHN”, “ACME, L.L.C.” and “Acme LLC”.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
        name = "".join(letter for letter in name if not unicodedata.combining(letter))
    return _NOT_IN_KEY.sub(" ", _DROPPED.sub("", name.upper())).strip()[:300].rstrip()


def mailing_key(street: str, city: str, state: str, zip_code: str) -> str:
    """An address in one spelling, ZIP+4 left out; "" without a street. Kept beside the address by whoever writes it."""
    return name_key(f"{street} {city} {state} {zip_code[:5]}")[:300] if street else ""


def _words(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b")


# Tried in order: a trust of an estate is a trust, a church's school a school, a company named after a city a company.
_TRUST = _words("TRUST", "TRUSTS", "TRUSTEES?", "TRS", "TRST", "TR(?= (?:OF|UA|UTD|DTD)|$)", "REVOCABLE", "LIVING TR")
_ESTATE = _words(
    "ESTATE", "EST(?= OF|$)", "SUCCESSION", "SUCC(?= OF|$)", "SUCCN", "HEIRS?", "HRS", "DECEASED", "DECD", "UNOPENED",
    "ET AL", "ETAL", "ET ALS", "LIFE EST", "USUFRUCT",
)  # fmt: skip
_COMPANY = _words(
    "LLC", "L L C", "INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LP", "L P", "LLP",
    "LLLP", "PARTNERSHIP", "PARTNERS", "PLC", "PC", "APLC", "BANK", "N A(?=$)", "HOLDINGS?", "INVESTMENTS?",
    "PROPERTIES", "ENTERPRISES?", "DEVELOPMENT", "DEVELOPERS?", "REALTY", "RENTALS?", "VENTURES?", "GROUP", "FUND",
    "ASSOCIATES", "ASSOCIATION", "ASSN", "ASSOC", "HOMEOWNERS", "HOA", "CLUB", "FOUNDATION", "MORTGAGE", "CREDIT UNION",
    "TIMBER", "LUMBER", "RAILROAD", "RAILWAY", "CONTRACTORS?", "BUILDERS?", "APARTMENTS", "MINISTORAGE",
)  # fmt: skip
_LEGAL_FORM = _words("LLC", "L L C", "INC", "CORP", "LTD", "LP", "LLP")
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
    "CITY OF", "TOWN OF", "VILLAGE OF", "STATE OF", "PARISH OF", "COUNTY OF", "CITY PARISH", "UNITED STATES", "U S A",
    "USA(?=$)", "US GOVT", "GOVERNMENT", "GOVT", "PARISH COUNCIL", "POLICE JURY", "COUNTY COMMISSION",
    "PARISH GOVERNMENT", "DEPT OF", "DEPARTMENT OF", "DIVISION OF (?:HIGHWAYS|ADMINISTRATION)",
    "DIV OF (?:HIGHWAYS|ADMINISTRATION)", "HOUSING AUTHORITY", "REDEVELOPMENT AUTHORITY", "AUTHORITY",
    "LEVEE (?:BOARD|DIST|DISTRICT)", "DRAINAGE DIST(?:RICT)?", "FIRE (?:DIST|DISTRICT|PROTECTION|DEPT)",
    "RECREATION (?:COMMISSION|DIST|DISTRICT)", "AIRPORT", "PORT COMMISSION", "SHERIFF", "LAND BANK", "MUNICIPALITY",
    "PUBLIC SERVICE (?:COMMISSION|DISTRICT)", "BREC", "HUD", "SECRETARY OF", "STATE LAND OFFICE", "PARK COMMISSION",
)  # fmt: skip
_COUPLE = re.compile(r"\w (?:&|AND) \w")
_PERSON = re.compile(r"^[A-Z]+(?: [A-Z]+){1,5}$")

_RULES = (
    (Kind.ESTATE, re.compile(r"^(?:ESTATE|SUCCESSION) OF\b")),
    (Kind.TRUST, _TRUST),
    (Kind.SCHOOL, _SCHOOL),
    (Kind.CHURCH, _CHURCH),
    (Kind.UTILITY, _UTILITY),
    (Kind.GOVERNMENT, _GOVERNMENT),
    (Kind.ESTATE, _ESTATE),
    (Kind.COMPANY, _COMPANY),
    (Kind.COUPLE, _COUPLE),
    (Kind.PERSON, _PERSON),
)
_PUBLIC_WORDS = (Kind.SCHOOL, Kind.CHURCH, Kind.GOVERNMENT)
_SURE = _words("CHURCH", "DIOCESE", "ARCHDIOCESE", "SCHOOL BOARD", "MINISTRIES", "UNIVERSITY", "HOUSING AUTHORITY")


@lru_cache(maxsize=50_000)
def classify_owner(name: str) -> Owner.Kind:
    """What kind of owner the words say it is; UNKNOWN when they do not say. Rules only: some 5 us a name.

    Whoever may never be contacted is found first, except that a legal form makes a company of “COLLEGE TOWN LLC”.
    """
    key = name_key(name)
    kind = next((kind for kind, words in _RULES if words.search(key)), Kind.UNKNOWN)
    if kind in _PUBLIC_WORDS and _LEGAL_FORM.search(key) and not _SURE.search(key):
        return Kind.COMPANY
    return kind

"""Owner number k of a seed: name, kind and mailing address, the same on each of the owner's parcels."""

from typing import NamedTuple

from local.demo_data import words
from local.demo_data.draws import drawer
from local.demo_data.parishes import Parish
from local.demo_data.shares import PARCELS_OF_OWNERS, wheel

OWNERS_PER_RUN = len(PARCELS_OF_OWNERS)
_OWNER_OF_SLOT = tuple(owner for owner, parcels in enumerate(PARCELS_OF_OWNERS) for _ in range(parcels))
PARCELS_PER_RUN = len(_OWNER_OF_SLOT)
_SCATTER = 50  # coprime to the 133 parcels of a run: an owner's parcels are not neighbours in the file

PUBLIC_BODIES = {
    "government": words.GOVERNMENT,
    "school": words.SCHOOLS,
    "church": words.CHURCHES,
    "utility": words.UTILITIES,
}
_COMPANY_NAMES = words.COMPANY_WORDS + words.SURNAMES
_KINDS, _ACCENTS = wheel("owner"), wheel("accent")
_PLACES, _FORMS = wheel("mail_place"), wheel("mail_form")


class OwnerDraws(NamedTuple):
    kind: int
    accent: int
    surname: int
    first: int
    initial: int
    spouse: int
    spouse_initial: int
    place: int
    city: int
    form: int
    house: int
    street: int
    agent: int


class Mail(NamedTuple):
    address: str
    city: str
    state: str
    zip: str


class Owner(NamedTuple):
    kind: str
    name: str
    mail: Mail
    email: str


_draw = drawer(b"owner", OwnerDraws)


def owner_index(parcel_index: int) -> int:
    run, slot = divmod(parcel_index, PARCELS_PER_RUN)
    return run * OWNERS_PER_RUN + _OWNER_OF_SLOT[(slot * _SCATTER + run * 17) % PARCELS_PER_RUN]


def owner(seed: int, index: int, parish: Parish) -> Owner:
    draws = _draw(seed, index)
    kind = _KINDS[draws.kind % 1000]
    if kind in PUBLIC_BODIES:
        names = PUBLIC_BODIES[kind]
        city, state, zip_code = parish.places[0]
        box = Mail(f"PO BOX {1400 + draws.first % len(names)}", city, state, zip_code)
        return Owner(kind, names[draws.first % len(names)], box, "")
    email = f"{words.FIRST_NAMES[draws.first % len(words.FIRST_NAMES)].lower()}.{index}@example.com"
    return Owner(kind, _name(kind, draws), _mail(draws, parish), email)


def is_public_body(seed: int, index: int) -> bool:
    return _KINDS[_draw(seed, index).kind % 1000] in PUBLIC_BODIES


def moved_mail(seed: int, row_index: int, parish: Parish) -> Mail:
    """Where an owner of a repeated row gets mail now: never blank, unlike what the parcel's own owner may have."""
    draws = _draw(seed, row_index + (1 << 40))
    return _mail(draws._replace(place=999), parish)


def _name(kind: str, draws: OwnerDraws) -> str:
    if kind in ("llc", "inc"):
        return _company_name(kind, draws)
    person = _person_name(draws)
    match kind:
        case "couple":
            spouse = words.FIRST_NAMES[draws.spouse % len(words.FIRST_NAMES)]
            return f"{person} & {spouse} {words.INITIALS[draws.spouse_initial % len(words.INITIALS)]}"
        case "et_al":
            return f"{person} ET AL"
        case "estate_of":
            return f"ESTATE OF {person}"
        case "succession_of":
            return f"SUCCESSION OF {person}"
        case "trust":
            return f"{person} REVOCABLE TRUST" if draws.spouse & 1 else f"{_surname(draws)} FAMILY TRUST"
    return person


def _surname(draws: OwnerDraws) -> str:
    names = words.ACCENTED_SURNAMES if _ACCENTS[draws.accent % 1000] else words.SURNAMES
    return names[draws.surname % len(names)]


def _person_name(draws: OwnerDraws) -> str:
    first = words.FIRST_NAMES[draws.first % len(words.FIRST_NAMES)]
    return f"{_surname(draws)} {first} {words.INITIALS[draws.initial % len(words.INITIALS)]}"


def _company_name(kind: str, draws: OwnerDraws) -> str:
    word = _COMPANY_NAMES[draws.surname % len(_COMPANY_NAMES)]
    noun = words.COMPANY_NOUNS[draws.first % len(words.COMPANY_NOUNS)]
    number = f" {draws.initial % 90 + 2}" if draws.spouse % 4 == 0 else ""
    return f"{word} {noun}{number} {kind.upper()}"


def _mail(draws: OwnerDraws, parish: Parish) -> Mail:
    place = _PLACES[draws.place % 1000]
    if place == "blank":
        return Mail("", "", "", "")
    places = {"other_parish": words.OTHER_PARISHES, "out_of_state": words.OUT_OF_STATE}.get(place, parish.places)
    return Mail(_mail_line(draws), *places[draws.city % len(places)])


def _mail_line(draws: OwnerDraws) -> str:
    form = _FORMS[draws.form % 1000]
    if form == "po_box":
        return f"PO BOX {draws.house % 9900 + 10}"
    street = f"{draws.house % 18900 + 100} {words.STREETS[draws.street % len(words.STREETS)]}"
    if form == "care_of":
        first = words.FIRST_NAMES[draws.agent % len(words.FIRST_NAMES)]
        return f"C/O {first} {words.SURNAMES[draws.agent // 256 % len(words.SURNAMES)]} {street}"
    return f"{street} APT {draws.agent % 40 + 1}" if form == "unit" else street

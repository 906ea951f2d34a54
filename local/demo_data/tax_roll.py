"""The parish tax roll, dirt included. Row i depends on (seed, i) alone, whatever the size of the file."""

import re
from collections.abc import Iterator

from local.demo_data.owners import PUBLIC_BODIES, Mail, Owner, moved_mail, owner
from local.demo_data.parcels import Parcel, ParcelDraws, draw_parcel, original_index, parcel, repeat_kind
from local.demo_data.parishes import LIVINGSTON, parish_of
from local.demo_data.phones import phone, written
from local.demo_data.shares import wheel

Row = tuple[str, ...]

TAX_ROLL_HEADER: Row = (
    "parcel_number",
    "owner_name",
    "mailing_address",
    "mailing_city",
    "mailing_state",
    "mailing_zip",
    "phone",
    "email",
    "land_value",
    "improvement_value",
    "acreage",
    "situs_address",
    "situs_city",
    "situs_state",
    "situs_zip",
    "legal_description",
    "subdivision",
    "ward",
)

_LIVES_THERE, _SPELLINGS, _CASES, _SPACES = wheel("lives_there"), wheel("spelling"), wheel("case"), wheel("spaces")
_SITUS, _ZIPS, _VALUES, _ACREAGES = wheel("situs"), wheel("zip"), wheel("value"), wheel("acreage")
_PHONES, _EMAILS = wheel("roll_phone"), wheel("email")
_LONE_INITIAL = re.compile(r" [A-Z]\b(?=$| )")


def tax_roll_rows(rows: int, seed: int = 1) -> Iterator[Row]:
    return (tax_roll_row(seed, index) for index in range(rows))


def livingston_tax_roll_rows(rows: int, seed: int = 1) -> Iterator[Row]:
    first = LIVINGSTON.first_index
    return (tax_roll_row(seed, index) for index in range(first, first + rows))


def tax_roll_row(seed: int, index: int) -> Row:
    draws = draw_parcel(seed, index)
    repeat = repeat_kind(draws, index)
    if not repeat:
        return _row(seed, index, draws)
    source = original_index(seed, index)
    row = _row(seed, source, draw_parcel(seed, source))
    if repeat == "changed_mail":
        return (*row[:2], *moved_mail(seed, index, parish_of(index)), *row[6:])
    return row


def _row(seed: int, index: int, draws: ParcelDraws) -> Row:
    land = parcel(seed, index, draws)
    holder = owner(seed, land.owner, parish_of(index))
    mail = _mail(holder, land, draws)
    spaces, case = _SPACES[draws.spaces % 1000], _CASES[draws.case % 1000]
    name = _cased(_spelled(holder, draws), case)
    padding = "  " if spaces == "trailing" else ""
    return (
        land.number,
        (name.replace(" ", "  ", 1) if spaces == "inner" else name) + padding,
        _cased(mail.address, case) + padding,
        _cased(mail.city, case) + padding,
        mail.state,
        _zip(mail.zip, draws),
        _phone(seed, land, draws),
        _email(holder, draws),
        _land_value(land, draws),
        f"${land.improvement_value:,}" if _VALUES[draws.value % 1000] == "dollars" else str(land.improvement_value),
        _acreage(land, draws),
        _situs(land, draws),
        land.city,
        "LA",
        _zip(land.zip, draws),
        legal_description(land),
        land.subdivision,
        land.ward,
    )


def legal_description(land: Parcel) -> str:
    if land.subdivision:
        return f"LOT {land.lot} SQ {land.square} {land.subdivision}"
    return f"A {land.acres} AC TRACT IN SEC {land.square} T{land.lot % 5 + 4}S R{land.lot % 3 + 1}E"


def _mail(holder: Owner, land: Parcel, draws: ParcelDraws) -> Mail:
    if _LIVES_THERE[draws.lives_there % 1000] and holder.kind not in PUBLIC_BODIES:
        return Mail(land.situs, land.city, "LA", land.zip)
    return holder.mail


def _spelled(holder: Owner, draws: ParcelDraws) -> str:
    if not _SPELLINGS[draws.spelling % 1000] or holder.kind in PUBLIC_BODIES:
        return holder.name
    if holder.kind in ("llc", "inc"):
        return holder.name.replace(" LLC", ", L.L.C.").replace(" INC", ", INC.")
    if holder.kind in ("person", "couple") and draws.spelling & 1:
        return holder.name.replace(" ", ", ", 1)
    return _LONE_INITIAL.sub("", holder.name)


def _cased(text: str, case: str) -> str:
    match case:
        case "title":
            return text.title()
        case "lower":
            return text.lower()
        case "first_word":
            first, space, rest = text.partition(" ")
            return first.title() + space + rest
    return text


def _zip(zip_code: str, draws: ParcelDraws) -> str:
    form = _ZIPS[draws.zip % 1000]
    if not zip_code or form == "blank":
        return ""
    if form == "plus_four":
        return f"{zip_code}-{draws.plat % 9000 + 1000}"
    return f"{zip_code}.0" if form == "float" else zip_code


def _phone(seed: int, land: Parcel, draws: ParcelDraws) -> str:
    form = _PHONES[draws.phone % 1000]
    if not form:
        return ""
    second = phone(seed, land.owner, 1).digits if form == "two" else ""
    return written(phone(seed, land.owner, 0).digits, form, second)


def _email(holder: Owner, draws: ParcelDraws) -> str:
    form = _EMAILS[draws.email % 1000]
    return holder.email if form == "given" else "none" if form else ""


def _land_value(land: Parcel, draws: ParcelDraws) -> str:
    match _VALUES[draws.value % 1000]:
        case "dollars":
            return f"${land.land_value:,}"
        case "decimals":
            return f"{land.land_value}.00"
        case "blank":
            return ""
    return str(land.land_value)


def _acreage(land: Parcel, draws: ParcelDraws) -> str:
    match _ACREAGES[draws.acreage % 1000]:
        case "blank":
            return ""
        case "minus_one":
            return "-1"
        case "absurd":
            return "1000000000"
    return str(land.acres)


def _situs(land: Parcel, draws: ParcelDraws) -> str:
    form = _SITUS[draws.situs % 1000]
    return "nan" if form == "nan" else "" if form else land.situs

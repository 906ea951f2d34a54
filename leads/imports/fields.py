"""The fields a list may fill: what people call them, the headers they go by, and what their values look like.

Aliases are in normal form (`normal_header`), best first. `looks_like` guards against headers that mislead: of the
filled cells of a sample most must pass, or the column is not this field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from leads.imports import cleaning

MAX_PHONES = 10
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_OWNERS = frozenset({"mailing", "mail", "owner", "taxpayer", "assessed", "billing"})
_LANDS = frozenset({"situs", "property", "physical", "site", "parcel", "location"})
_PHONE = re.compile(r"\D*(?:\d\D*){7,22}")


@dataclass(frozen=True)
class ListField:
    name: str
    label: str
    aliases: tuple[str, ...]
    looks_like: Callable[[str], bool]
    is_key: bool = False
    """The column must tell nearly every row from the others."""
    foreign_words: frozenset[str] = frozenset()
    """Words of a header that make it another thing: the owner's ZIP is not the land's."""
    only_whole: bool = False
    """The header must be an alias, not merely contain one."""


def normal_header(header: str) -> str:
    return _NOT_WORD.sub(" ", _CAMEL.sub(" ", header).lower()).strip()


def _reads(clean: Callable[[str], object]) -> Callable[[str], bool]:
    def looks_like(cell: str) -> bool:
        try:
            return clean(cell) is not None
        except cleaning.BadValueError:
            return False

    return looks_like


def _words(cell: str) -> bool:
    """Words of any kind, but no e-mail address and no bare number."""
    return "@" not in cell and any(letter.isalpha() for letter in cell)


def _plain(cell: str) -> bool:
    return "@" not in cell


def _name(cell: str) -> bool:
    return _words(cell) and not re.match(r"\s*(?:p\.?\s?o\.?\s?box|\d+\s+\w+\s)", cell, re.IGNORECASE)


def _city_state_zip(cell: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}\.?,?\s+\d{5}", cell))


def _phone(cell: str) -> bool:
    return "@" not in cell and bool(_PHONE.match(cell)) and not re.search(r"[a-z]{4}", cell, re.IGNORECASE)


def _area_code(cell: str) -> bool:
    return bool(re.fullmatch(r"\s*\(?[2-9]\d{2}\)?(?:\.0)?\s*", cell))


def _phone_fields() -> tuple[ListField, ...]:
    fields: list[ListField] = []
    for rank in range(1, MAX_PHONES + 1):
        spelled = [f"phone {rank}", f"phone{rank}", f"phone number {rank}", f"phone {rank} number", f"tel {rank}"]
        spelled += [f"mobile {rank}", f"cell {rank}", f"wireless {rank}", f"landline {rank}", f"ph {rank}"]
        kinds = [f"{alias} {word}" for alias in spelled for word in ("type", "line type", "phone type")]
        flags = [f"{alias} {word}" for alias in spelled for word in ("dnc", "do not call", "dnc flag", "on dnc")]
        kinds += [f"phone type {rank}", f"phone{rank}type"]
        flags += [f"dnc {rank}", f"phone dnc {rank}", f"dnc{rank}"]
        if rank == 1:
            spelled += ["phone", "phone number", "telephone", "cell phone", "mobile phone", "home phone", "owner phone"]
            kinds += ["phone type", "line type"]
            flags += ["dnc", "do not call"]
        fields.append(ListField(f"phone_{rank}", f"Phone {rank}", tuple(spelled), _phone))
        fields.append(ListField(f"phone_{rank}_type", f"Phone {rank}: type", tuple(kinds), _words))
        fields.append(
            ListField(f"phone_{rank}_dnc", f"Phone {rank}: do not call", tuple(flags), _reads(cleaning.yes_no))
        )
    return tuple(fields)


FIELDS: tuple[ListField, ...] = (
    ListField(
        "number",
        "Parcel number",
        ("parcel number", "parcel no", "parcel num", "parcel id", "parcel", "apn", "pin", "pid", "gis parcel id",
         "property number", "assessment number", "assessment no", "parcel identification number", "tax parcel number",
         "tax id", "property id", "account number", "parcelid", "parcelno", "geo id"),
        _plain,
        is_key=True,
    ),
    ListField(
        "parish_name", "Parish or county", ("parish", "county", "parish name", "county name", "county id"), _plain,
        only_whole=True,
    ),
    ListField(
        "owner_name",
        "Owner",
        ("owner name", "owner", "owner 1", "owner1", "owner name 1", "taxpayer name", "tax payer name", "taxpayer",
         "assessed name", "owner full name", "property owner", "primary owner", "name"),
        _name,
    ),
    ListField(
        "mailing_street",
        "Mailing street",
        ("mailing address", "mailing street", "mail address", "mailing address 1", "mailing addr", "mail addr",
         "owner address", "taxpayer address", "owner mailing address", "owner street", "mailing line 1"),
        _words, foreign_words=_LANDS),
    ListField(
        "mailing_city", "Mailing city", ("mailing city", "mail city", "owner city", "taxpayer city"), _words,
        foreign_words=_LANDS,
    ),
    ListField(
        "mailing_state",
        "Mailing state",
        ("mailing state", "mail state", "owner state", "taxpayer state", "mailing st"),
        _reads(cleaning.state), foreign_words=_LANDS),
    ListField(
        "mailing_zip",
        "Mailing ZIP",
        ("mailing zip", "mail zip", "mailing zip code", "owner zip", "taxpayer zip", "mailing zipcode"),
        _reads(cleaning.zip_code), foreign_words=_LANDS),
    ListField(
        "mailing_city_state_zip",
        "Mailing city, state and ZIP in one",
        ("taxpayer city state zip", "mailing city state zip", "owner city state zip", "city state zip", "mailing csz"),
        _city_state_zip, foreign_words=_LANDS),
    ListField(
        "email", "E-mail", ("email", "e mail", "email address", "email 1", "owner email"), _reads(cleaning.email)
    ),
    ListField(
        "land_value",
        "Land value",
        ("land value", "land appraisal", "land assessment", "assessed land value", "appraised land value", "land val",
         "market land value", "land market value"),
        _reads(cleaning.money),
    ),
    ListField(
        "improvement_value",
        "Improvement value",
        ("improvement value", "improvements value", "building appraisal", "building value", "impr value", "imp value",
         "improvement appraisal", "structure value", "improvements"),
        _reads(cleaning.money),
    ),
    ListField(
        "acres",
        "Acres",
        ("acreage", "acres", "lot acres", "gis acres", "deed acres", "acreage deed", "calc acres", "lot size acres",
         "total acres", "lot size"),
        _reads(cleaning.acres),
    ),
    ListField(
        "square_feet",
        "Square feet (stored as acres)",
        ("lot sqft", "sq ft", "sqft", "square feet", "lot square feet", "lot size sqft", "lot area sqft", "land sqft"),
        _reads(cleaning.square_feet),
    ),
    ListField(
        "situs_address",
        "Situs address",
        ("situs address", "situs", "physical address", "property address", "site address", "location address",
         "physical street address", "situs street", "property street"),
        _words, foreign_words=_OWNERS),
    ListField(
        "situs_city", "Situs city", ("situs city", "property city", "physical city", "site city"), _words,
        foreign_words=_OWNERS,
    ),
    ListField(
        "situs_zip",
        "Situs ZIP",
        ("situs zip", "property zip", "physical zip", "site zip", "situs zip code", "zip code", "zip"),
        _reads(cleaning.zip_code), foreign_words=_OWNERS),
    ListField(
        "situs_city_state_zip",
        "Situs city, state and ZIP in one",
        ("situs city state zip", "property city state zip", "site city state zip", "physical city state zip",
         "situs csz", "property csz"),
        _city_state_zip, foreign_words=_OWNERS),
    ListField("legal_description", "Legal description", ("legal description", "legal", "legal desc"), _words),
    ListField("subdivision", "Subdivision", ("subdivision", "subdivision name", "subdiv"), _words),
    ListField("ward", "Ward", ("ward", "ward number", "ward no"), _plain),
    ListField("zoning", "Zoning", ("zoning code", "zoning", "zone", "zone code"), _plain),
    ListField("inside_city", "Inside city limits", ("inside city", "in city", "city limits"), _reads(cleaning.yes_no)),
    ListField(
        "adjudicated", "Adjudicated", ("is adjudicated", "adjudicated", "adjudicated flag"), _reads(cleaning.yes_no)
    ),
    ListField(
        "years_delinquent",
        "Years delinquent",
        ("years tax delinquent", "years delinquent", "delinquent years", "tax delinquent years", "years unpaid"),
        _reads(cleaning.years),
    ),
    ListField(
        "last_sale_on",
        "Last sale",
        ("last sale date", "sale date", "last sold", "date of sale", "deed date", "transfer date"),
        _reads(cleaning.sale_date),
    ),
    ListField(
        "location",
        "Location",
        ("geolocation", "geometry", "location", "the geom", "point", "lat lon", "coordinates"),
        _reads(cleaning.location),
    ),
    ListField("latitude", "Latitude", ("latitude", "lat", "y"), _reads(cleaning.degrees)),
    ListField("longitude", "Longitude", ("longitude", "lon", "long", "lng", "x"), _reads(cleaning.degrees)),
    *_phone_fields(),
    ListField(
        "sale_price",
        "Sale price",
        ("sale price", "sales price", "sale amount", "consideration", "sold price", "purchase price", "price",
         "selling price", "transfer amount", "conveyance amount", "last sale price", "amount"),
        _reads(cleaning.money), foreign_words=frozenset({"asking", "list", "tax", "per"})),
    ListField(
        "seller_name",
        "Seller",
        ("seller", "seller name", "grantor", "grantor name", "grantor 1", "vendor", "vendor name", "transferor",
         "previous owner", "prior owner", "former owner"),
        _name, foreign_words=frozenset({"address", "city", "state", "zip"})),
    ListField(
        "instrument",
        "Instrument",
        ("instrument", "instrument number", "instrument no", "entry number", "file number", "document number",
         "doc number", "doc no", "book page", "cob", "deed type", "instrument type", "document type"),
        _plain),
    ListField(
        "area_code", "Area code, where it has a column of its own", ("area code", "areacode", "npa"), _area_code,
        only_whole=True,
    ),
    ListField(
        "listed_kind",
        "Kind of entry",
        ("dnc type", "list type", "dnc list", "registry", "kind", "type", "entry type", "category", "reason", "list"),
        _reads(cleaning.listed_kind), only_whole=True),
    ListField(
        "is_listed",
        "On the list (yes or no)",
        ("is dnc", "dnc", "on dnc", "do not call", "dnc flag", "dnc status", "is litigator", "litigator", "flag",
         "on list", "listed"),
        _reads(cleaning.yes_no), only_whole=True),
    ListField(
        "listed_on",
        "Listed since",
        ("list date", "date listed", "listed on", "date added", "added on", "registration date", "date registered",
         "registered on", "effective date", "date"),
        _reads(cleaning.sale_date)),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}

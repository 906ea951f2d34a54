"""Fields that mean another thing on some kinds of lists, and go by other headers there: the owner that a sales list
names is the buyer, and a number on a do-not-call list is nobody's in particular."""

from __future__ import annotations

from dataclasses import replace

from leads.imports.fields import BY_NAME, ListField

_BUYERS = ("buyer", "grantee", "vendee", "purchaser", "new owner", "owner")
_NOT_A_BUYER = frozenset(
    {"seller", "grantor", "vendor", "transferor", "previous", "prior", "former", "address", "city", "state", "zip"}
)


def _called(name: str, label: str, aliases: tuple[str, ...], foreign: frozenset[str] = frozenset()) -> ListField:
    known = BY_NAME[name]
    return replace(known, label=label, aliases=aliases, foreign_words=known.foreign_words | foreign)


def _of_buyer(name: str, *words: str) -> ListField:
    """A part of the buyer's mailing address."""
    known = BY_NAME[name]
    spelled = tuple(f"{who} {word}" for word in words for who in _BUYERS if who != "owner")
    foreign = frozenset({"seller", "grantor", "vendor"})
    return _called(name, f"Buyer's {known.label.lower()}", (*spelled, *known.aliases), foreign)


SALES = (
    _called(
        "last_sale_on",
        "Sale date",
        ("sale date", "date of sale", "sold on", "date sold", "sold date", "transfer date", "deed date",
         "conveyance date", "act date", "last sale date", "recorded date", "recording date", "date recorded",
         "instrument date", "file date", "filed date", "date"),
    ),
    _called(
        "owner_name",
        "Buyer",
        ("buyer", "buyer name", "grantee", "grantee name", "grantee 1", "buyer 1", "vendee", "vendee name", "purchaser",
         "purchaser name", "transferee", "new owner", "current owner", "owner name", "owner", "buyers", "grantees"),
        _NOT_A_BUYER,
    ),
    _of_buyer("mailing_street", "mailing address", "address", "street"),
    _of_buyer("mailing_city", "mailing city", "city"),
    _of_buyer("mailing_state", "mailing state", "state"),
    _of_buyer("mailing_zip", "mailing zip", "zip", "zip code"),
    _of_buyer("mailing_city_state_zip", "city state zip"),
)  # fmt: skip
NUMBERS = (
    _called(
        "phone_1",
        "Phone number",
        (*BY_NAME["phone_1"].aliases, "number", "dnc number", "dnc phone", "phone no", "tel", "litigator phone",
         "litigator number", "plaintiff phone", "wireless number", "subscriber number", "ani", "tn"),
        frozenset({"type", "carrier", "date"}),
    ),
)  # fmt: skip

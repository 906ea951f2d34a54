"""Every share of the demo files in one table: what a draw may turn into, how often per thousand, and why it is there.

One group is one independent draw. What a group leaves below 1,000 is the clean case, written "".
"""

from typing import NamedTuple

WHEEL_SIZE = 1000


class Share(NamedTuple):
    kind: str
    per_mille: int
    meaning: str


SHARES: dict[str, tuple[Share, ...]] = {
    "row": (
        Share("exact_duplicate", 8, "an earlier row once more, byte for byte"),
        Share("changed_mail", 8, "an earlier parcel once more, with another mailing address"),
    ),
    "situs": (
        Share("blank", 120, "vacant land without a street address"),
        Share("nan", 20, 'the text "nan" that a spreadsheet library left behind'),
    ),
    "zip": (
        Share("float", 50, '"70810.0"'),
        Share("plus_four", 30, '"70810-1234"'),
        Share("blank", 10, "no ZIP"),
    ),
    "case": (
        Share("title", 90, "Smith John A"),
        Share("lower", 20, "smith john a"),
        Share("first_word", 30, "Smith JOHN A"),
    ),
    "spaces": (
        Share("trailing", 40, "blanks after name, address and city"),
        Share("inner", 15, "two blanks between the words of a name"),
    ),
    "value": (
        Share("dollars", 60, '"$12,500"'),
        Share("decimals", 30, '"12500.00"'),
        Share("blank", 10, "no land value"),
    ),
    "improvement": (
        Share("small", 180, "a shed or a slab, worth less than the land"),
        Share("above_land", 100, "a house: improvement value above land value, never contacted"),
    ),
    "acreage": (
        Share("blank", 40, "no acreage"),
        Share("minus_one", 8, '"-1" for unknown'),
        Share("absurd", 8, '"1000000000"'),
    ),
    "lives_there": (Share("same_address", 100, "mailing address equals the situs: the owner lives on it"),),
    "spelling": (Share("respelled", 80, "this parcel spells its owner slightly differently"),),
    "owner": (
        Share("person", 500, "SMITH JOHN A"),
        Share("couple", 160, "SMITH JOHN A & MARY B"),
        Share("et_al", 50, "SMITH JOHN A ET AL"),
        Share("estate_of", 25, "ESTATE OF SMITH JOHN A"),
        Share("succession_of", 25, "SUCCESSION OF SMITH JOHN A"),
        Share("llc", 90, "PELICAN LAND LLC"),
        Share("inc", 30, "PELICAN LAND INC"),
        Share("trust", 45, "SMITH FAMILY TRUST"),
        Share("government", 25, "never contacted"),
        Share("school", 15, "never contacted"),
        Share("church", 20, "never contacted"),
        Share("utility", 15, "never contacted"),
    ),
    "accent": (Share("accented", 40, "HÉBERT, MUÑOZ: not ASCII, one byte each in Latin-1"),),
    "mail_place": (
        Share("other_parish", 150, "elsewhere in Louisiana"),
        Share("out_of_state", 200, "Houston, Orlando, Dallas, Jackson and others"),
        Share("blank", 15, "no mailing address"),
    ),
    "mail_form": (
        Share("po_box", 120, "PO BOX 1234"),
        Share("care_of", 30, "C/O a third person"),
        Share("unit", 40, "123 OAK ST APT 4"),
    ),
    "roll_phone": (
        Share("parentheses", 60, "(225) 388-1234"),
        Share("dashes", 50, "225-388-1234"),
        Share("dots", 25, "225.388.1234"),
        Share("bare", 40, "2253881234"),
        Share("plus_one", 20, "+1 225 388 1234"),
        Share("one_dash", 15, "1-225-388-1234"),
        Share("float", 10, "2253881234.0"),
        Share("extension", 15, "225-388-1234 ext 12"),
        Share("two", 15, "two numbers in one cell"),
        Share("fives", 10, "555-555-5555"),
        Share("seven_digits", 10, "388-1234, no area code"),
        Share("not_available", 10, "N/A"),
    ),
    "email": (
        Share("given", 80, "an address under example.com"),
        Share("not_available", 10, "none"),
    ),
    "trace": (Share("found", 600, "owners for whom the skip trace found numbers (never public bodies)"),),
    "first_number": (Share("shared", 60, "the first number is the previous owner's first number too"),),
    "skip_phone": (Share("formatted", 150, "(225) 388-1234 instead of ten digits"),),
    "line_type": (
        Share("Mobile", 620, "can be texted"),
        Share("Landline", 270, "can be called only"),
        Share("VoIP", 110, "texted if the look-up says so"),
    ),
    "do_not_call": (Share("Yes", 180, "flagged do-not-call by the vendor"),),
    "area_code": (
        Share("225", 520, "Baton Rouge"),
        Share("504", 100, "New Orleans"),
        Share("985", 90, "Northshore"),
        Share("318", 70, "north Louisiana"),
        Share("337", 80, "Lafayette"),
        Share("713", 50, "Houston TX"),
        Share("214", 35, "Dallas TX"),
        Share("601", 30, "Jackson MS"),
        Share("850", 25, "Florida panhandle"),
    ),
    "geometry": (
        Share("null", 100, "no location in the GIS file"),
        Share("polygon", 500, "outline of the lot; the rest are points"),
    ),
    "lot_sqft": (Share("null", 40, "no size in the GIS file"),),
    "geolocation": (
        Share("pair", 400, '"(30.45, -91.15)", latitude first; the clean case is "POINT (-91.15 30.45)"'),
        Share("blank", 80, "no location in the open data"),
    ),
    "flag": (
        Share("letters", 150, "Y and N"),
        Share("words", 150, "True and False"),
    ),
    "years": (Share("float", 60, '"3.0"'),),
}

# Positions within each run of 25 parcels, so that even 50 rows have some of each.
TAX_RUN = 25
ADJUDICATED_POSITIONS = frozenset({0, 1})  # 8 %
DELINQUENT_POSITIONS = frozenset({1, 2, 3})  # 12 %, a third of them adjudicated

SIMULATED_FAULT_EVERY = 400  # one number in so many ends in 0001-0010, which the Twilio simulator answers with a fault

# How many parcels the owners of one run hold: 85 of 100 owners hold one, 15 hold two to six.
PARCELS_OF_OWNERS = (1,) * 85 + (2,) * 6 + (3,) * 4 + (4,) * 2 + (5,) * 2 + (6,)


def wheel(group: str) -> tuple[str, ...]:
    """The group as 1,000 outcomes, so that `draw % 1000` picks one at its share."""
    outcomes = [share.kind for share in SHARES[group] for _ in range(share.per_mille)]
    if len(outcomes) > WHEEL_SIZE:
        raise ValueError(f"shares of {group!r} exceed {WHEEL_SIZE}")
    return tuple(outcomes + [""] * (WHEEL_SIZE - len(outcomes)))

"""Rows as they are staged: one odd row never costs the list."""

from __future__ import annotations

import time

import pytest

from leads.models import ImportRow, Owner, Parcel

GOOD = "002,HEBERT ANN,2 OAK ST"
LONG = {
    "a city in the address": ("mailing_address", '"1 OAK ST, ' + "X" * 200 + ', TX 77002"'),
    "a city before state and ZIP": ("mailing_city_state_zip", "X" * 200 + " TX 77002"),
    "a name that grows in upper case": ("owner_name", "ß" * 200),
    "a name that grows without accents": ("owner_name", "㎯" * 100),
    "a name of many words": ("owner_name", "BOUDREAUX " * 200),
    "an address": ("mailing_address", "X" * 5_000),
    "a situs": ("situs_address", "X" * 5_000),
    "a subdivision": ("subdivision", "X" * 5_000),
    "a ward": ("ward", "X" * 5_000),
    "a legal description": ("legal_description", "X" * 120_000),
    "a figure": ("land_value", "9" * 5_000),
    "a size": ("acreage", "0." + "9" * 5_000),
    "an e-mail address": ("email", "x" * 5_000 + "@b.com"),
    "a ZIP code": ("mailing_zip", "7" * 5_000),
    "a telephone number": ("phone", "225-344-1234 " * 500),
    "a location": ("geolocation", "POINT (" + "9" * 5_000 + " 30)"),
}


@pytest.mark.parametrize("name", LONG)
def test_a_cell_of_any_length_costs_at_most_itself(import_list, a_list, name):
    column, cell = LONG[name]
    row = f"001,{cell},1 OAK ST" if column == "owner_name" else f"001,BOUDREAUX JEAN,{cell}"
    header = "parcel_number,owner_name," + (column if column != "owner_name" else "mailing_address")

    done = import_list(a_list(row, GOOD, header=header))

    assert (done["rows_created"], done["rows_rejected"]) == (2, 0)
    assert set(Parcel.objects.values_list("number", flat=True)) == {"001", "002"}
    assert Owner.objects.filter(name="HEBERT ANN").exists()


@pytest.mark.parametrize("cell", ["," * 100_000, "a " * 50_000, "a, " * 40_000, "1" * 100_000, "(" * 100_000])
def test_no_cell_takes_long_to_read(import_list, a_list, cell):
    columns = ("owner_name", "mailing_city_state_zip", "email", "phone", "geolocation", "acreage", "legal_description")
    mapped = (
        "number=parcel_number,owner_name=owner_name,mailing_city_state_zip=mailing_city_state_zip,email=email,"
        "phone_1=phone,location=geolocation,acres=acreage,legal_description=legal_description"
    )
    row = ",".join(["001", "BOUDREAUX JEAN", *[f'"{cell}"'] * (len(columns) - 1)])
    started = time.perf_counter()

    done = import_list(a_list(row, header=",".join(("parcel_number", *columns))), mapping=mapped)

    assert done["rows_created"] == 1
    assert time.perf_counter() - started < 5
    assert ImportRow.objects.filter(outcome="partial").exists()

"""Cells as lists hold them: what they mean, nothing when blank, refused when they cannot be meant."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.imports import cleaning
from leads.imports.cleaning import BadValueError

READ = [
    (cleaning.zip_code, "70810.0", "70810"),
    (cleaning.zip_code, "70810-1234", "70810-1234"),
    (cleaning.zip_code, "708101234", "70810-1234"),
    (cleaning.zip_code, "70810-0000", "70810"),
    (cleaning.zip_code, " 02134 ", "02134"),
    (cleaning.money, "$1,234", "1234.00"),
    (cleaning.money, "$ 1,234.50 ", "1234.50"),
    (cleaning.money, "1.2e4", "12000.00"),
    (cleaning.money, "0", "0.00"),
    (cleaning.acres, "1,250.75", "1250.7500"),
    (cleaning.acres, ".25", "0.2500"),
    (cleaning.square_feet, "43,560", "1.0000"),
    (cleaning.state, "la", "LA"),
    (cleaning.state, "L.A.", "LA"),
    (cleaning.state, "West Virginia", "WV"),
    (cleaning.years, "3.0", "3"),
    (cleaning.yes_no, "X", "t"),
    (cleaning.yes_no, "No", "f"),
    (cleaning.parcel_number, "12345.0", "12345"),
    (cleaning.parcel_number, " 12  345-A ", "12 345-A"),
    (cleaning.parcel_number, "007", "007"),
    (cleaning.parish_name, "20 - Kanawha", "Kanawha"),
    (cleaning.parish_name, "Kanawha County", "Kanawha"),
    (cleaning.parish_name, "Jefferson Davis Parish", "Jefferson Davis"),
    (cleaning.parish_name, "17", None),
    (cleaning.sale_date, "2019-03-04T00:00:00", "2019-03-04"),
    (cleaning.sale_date, "3/4/2019", "2019-03-04"),
    (cleaning.email, " Jean@Example.com; ", "jean@example.com"),
    (cleaning.city_state_zip, "BATON ROUGE LA 70810", ("BATON ROUGE", "LA", "70810")),
    (cleaning.city_state_zip, "Baton Rouge, la 70810-1234", ("Baton Rouge", "LA", "70810-1234")),
    (cleaning.city_state_zip, "ORLANDO FL 32801", ("ORLANDO", "FL", "32801")),
    (cleaning.city_state_zip, "DALLAS TX 75201", ("DALLAS", "TX", "75201")),
    (cleaning.location, "POINT (-91.18 30.45)", ("30.450000", "-91.180000")),
    (cleaning.location, "(30.45, -91.18)", ("30.450000", "-91.180000")),
    (cleaning.location, '{"type": "Point", "coordinates": [-91.18, 30.45]}', ("30.450000", "-91.180000")),
    (
        cleaning.location,
        '{"type": "Polygon", "coordinates": [[[-91, 30], [-90, 30], [-90, 31], [-91, 31], [-91, 30]]]}',
        ("30.500000", "-90.500000"),
    ),
]


@pytest.mark.parametrize(("clean", "cell", "value"), READ)
def test_a_cell_is_read_as_people_mean_it(clean, cell, value):
    assert clean(cell) == value


@pytest.mark.parametrize("blank", ["", " ", "-", "none", "NULL", "n/a", "#N/A", "unknown"])
@pytest.mark.parametrize("clean", [cleaning.text(50), cleaning.money, cleaning.acres, cleaning.zip_code, cleaning.state,
                                   cleaning.years, cleaning.yes_no, cleaning.sale_date, cleaning.email,
                                   cleaning.parcel_number, cleaning.location])  # fmt: skip
def test_a_blank_is_nothing(clean, blank):
    assert clean(blank) is None


REFUSED = [
    (cleaning.text(50), "nan"),
    (cleaning.text(5), "too long"),
    (cleaning.zip_code, "7081"),
    (cleaning.zip_code, "00000"),
    (cleaning.state, "Q"),
    (cleaning.state, "ORLANDO"),
    (cleaning.money, "-5"),
    (cleaning.money, "twelve"),
    (cleaning.money, "1e40"),
    (cleaning.acres, "0"),
    (cleaning.acres, "1e9"),
    (cleaning.acres, "nan"),
    (cleaning.years, "2.5"),
    (cleaning.yes_no, "perhaps"),
    (cleaning.sale_date, "12/31/1899"),
    (cleaning.sale_date, "2999-01-01"),
    (cleaning.sale_date, "31/31/2019"),
    (cleaning.email, "12 OAK ST"),
    (cleaning.city_state_zip, "BATON ROUGE"),
    (cleaning.location, "POINT (0 0)"),
    (cleaning.location, "(-91.18, 30.45)"),
    (cleaning.location, '{"type": "Polygon", "coordinates": []}'),
    (cleaning.location, "somewhere"),
]


@pytest.mark.parametrize(("clean", "cell"), REFUSED)
def test_what_cannot_be_meant_is_refused_and_not_repeated(clean, cell):
    with pytest.raises(BadValueError) as refusal:
        clean(cell)
    assert cell == "nan" or cell not in str(refusal.value)


ANY_CELL = st.one_of(
    st.text(max_size=60), st.from_regex(r"[$(\-+]?[0-9.,eE]{0,20}[)%]?", fullmatch=True), st.floats().map(str)
)


@given(cell=ANY_CELL)
def test_no_cell_is_worse_than_refused(cell):
    cleaners = {clean for clean, _, _ in READ} | {cleaning.text(50)}
    for clean in cleaners:
        with suppress(BadValueError):
            clean(cell)


@given(amount=st.decimals(0, 10**11, places=2))
def test_money_is_exact(amount):
    assert Decimal(cleaning.money(f"${amount:,}") or "") == amount

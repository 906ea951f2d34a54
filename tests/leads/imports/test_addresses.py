"""A whole address in one cell becomes street, city, state and ZIP code; a guess is not made where it is not sure."""

import time

import pytest

from leads.imports.addresses import split_address
from leads.models import ImportRow, Owner, Parcel

SPLIT = {
    "12 OAK ST, HOUSTON, TX 77002": ("12 OAK ST", "HOUSTON", "TX", "77002"),
    "12 OAK ST, HOUSTON TX 77002-1234": ("12 OAK ST", "HOUSTON", "TX", "77002-1234"),
    "12 OAK ST\nHOUSTON TX 77002": ("12 OAK ST", "HOUSTON", "TX", "77002"),
    "12 OAK ST APT 5, BLDG C, NEW ORLEANS, Louisiana, 70112.0": (
        "12 OAK ST APT 5, BLDG C", "NEW ORLEANS", "LA", "70112"),
    "123 N OAK ST BATON ROUGE LA 70810": ("123 N OAK ST", "BATON ROUGE", "LA", "70810"),
    "4455 HWY 190 W APT 5 DENHAM SPRINGS LOUISIANA 70726": ("4455 HWY 190 W APT 5", "DENHAM SPRINGS", "LA", "70726"),
    "C/O JOHN SMITH 12 ELM ST PORT ALLEN LA 70767": ("C/O JOHN SMITH 12 ELM ST", "PORT ALLEN", "LA", "70767"),
    "PO BOX 12 ST FRANCISVILLE LA 70775-1234": ("PO BOX 12", "ST FRANCISVILLE", "LA", "70775-1234"),
    "100 BROADWAY NEW YORK NEW YORK 10001": ("100 BROADWAY", "NEW YORK", "NY", "10001"),
    "BATON ROUGE LA 70810": (None, "BATON ROUGE", "LA", "70810"),
    "99 GOV ST ST GABRIEL LA 70776": ("99 GOV ST ST GABRIEL", None, "LA", "70776"),
}  # fmt: skip


@pytest.mark.parametrize("cell", SPLIT)
def test_an_address_is_taken_apart(cell):
    assert split_address(cell) == SPLIT[cell]


@pytest.mark.parametrize(
    "cell", ["", "12 OAK ST", "12 OAK ST, HOUSTON", "LOT 5 HWY 16", "12 OAK ST, QQ 77002", "X" * 5000]
)
def test_what_names_no_state_and_zip_is_a_street_alone(cell):
    assert split_address(cell) is None


def test_rules_come_first_and_the_model_is_fast_enough():
    started = time.perf_counter()
    for number in range(500):
        split_address(f"{number} N OAK ST BATON ROUGE LA 70810")
    assert time.perf_counter() - started < 5


def test_whole_addresses_of_owner_and_land_go_into_their_fields(import_list, a_list):
    header = "parcel_number,owner_name,mailing_address,situs_address"
    rows = (
        '001,BOUDREAUX JEAN,1 MAIN ST HOUSTON TX 77002,"12 ELM RD, ZACHARY, LA 70791"',
        "002,HEBERT ANN,99 GOV ST ST GABRIEL LA 70776,12 ELM RD",
    )

    import_list(a_list(*rows, header=header))

    jean, ann = Owner.objects.order_by("name").filter(name__in=["BOUDREAUX JEAN", "HEBERT ANN"])
    assert (jean.mailing_street, jean.mailing_city, jean.mailing_state, jean.mailing_zip) == (
        "1 MAIN ST", "HOUSTON", "TX", "77002")  # fmt: skip
    assert (ann.mailing_street, ann.mailing_city, ann.mailing_state) == ("99 GOV ST ST GABRIEL", "", "LA")
    assert ImportRow.objects.get(outcome="partial").reason == (
        "Mailing street: the city cannot be told from the street, and stays with it"
    )
    land = Parcel.objects.get(number="001")
    assert (land.situs_address, land.situs_city, land.situs_zip) == ("12 ELM RD", "ZACHARY", "70791")
    assert Parcel.objects.get(number="002").situs_address == "12 ELM RD"


def test_city_state_and_zip_of_the_land_in_one_column_are_not_the_owners(import_list, a_list):
    header = "parcel_number,owner_name,situs_address,property_city_state_zip"

    import_list(a_list("001,BOUDREAUX JEAN,12 ELM RD,BATON ROUGE LA 70810", header=header))

    land = Parcel.objects.get()
    assert (land.situs_city, land.situs_zip) == ("BATON ROUGE", "70810")
    assert Owner.objects.get().mailing_zip == ""

"""Which column is which field, for the lists met in practice."""

from __future__ import annotations

import csv
import io

import pytest

from leads.imports.detection import Sample, check_mapping, detect_mapping
from leads.imports.errors import ListError
from leads.imports.sources import PLANS


def detected(source, header, *rows):
    found = detect_mapping(PLANS[source], Sample(*table(header, *rows)))
    return {one.field: one.column for one in found}


def table(header, *rows):
    parsed = list(csv.reader(io.StringIO("\n".join((header, *rows)))))
    return parsed[0], parsed[1:]


def test_the_parishs_tax_roll():
    header = (
        "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,phone,email,land_value,"
        "improvement_value,acreage,situs_address,situs_city,situs_state,situs_zip,legal_description,subdivision,ward"
    )
    row = (
        "001-{},BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,a@b.com,12000,0,2.5,2 ELM ST,BATON ROUGE,LA,"
        "70810,LOT 5 OAKS,OAKS,3"
    )

    found = detected("tax_roll", header, *(row.format(number) for number in range(9)))

    assert found == {
        "number": "parcel_number", "owner_name": "owner_name", "mailing_street": "mailing_address",
        "mailing_city": "mailing_city", "mailing_state": "mailing_state", "mailing_zip": "mailing_zip",
        "phone_1": "phone", "email": "email", "land_value": "land_value", "improvement_value": "improvement_value",
        "acres": "acreage", "situs_address": "situs_address", "situs_city": "situs_city", "situs_zip": "situs_zip",
        "legal_description": "legal_description", "subdivision": "subdivision", "ward": "ward",
    }  # fmt: skip


def test_the_open_data_of_adjudicated_land():
    header = (
        "TAX YEAR,PROPERTY NUMBER,TAXPAYER NAME,TAXPAYER ADDRESS,TAXPAYER CITY STATE ZIP,PHYSICAL ADDRESS,"
        "SUBDIVISION NAME,BLOCK/SQUARE NO,LOT NO,WARD,LEGAL DESCRIPTION,FAIR MARKET VALUE,TOTAL ASSESSED VALUE,"
        "COUNCIL DISTRICT,ZIP CODE,GEOLOCATION"
    )
    row = (
        "2019,{},HEBERT ANN,PO BOX 7,BATON ROUGE LA 70810,2 ELM ST,OAKS,5,{},3,LOT 5,12000,1200,7,70802,"
        '"POINT (-91.18 30.45)"'
    )

    found = detected("adjudicated", header, *(row.format(1000 + number, number) for number in range(9)))

    assert {name: found.get(name) for name in ("number", "owner_name", "mailing_street", "mailing_city_state_zip",
                                               "situs_address", "situs_zip", "location", "subdivision")} == {
        "number": "PROPERTY NUMBER", "owner_name": "TAXPAYER NAME", "mailing_street": "TAXPAYER ADDRESS",
        "mailing_city_state_zip": "TAXPAYER CITY STATE ZIP", "situs_address": "PHYSICAL ADDRESS",
        "situs_zip": "ZIP CODE", "location": "GEOLOCATION", "subdivision": "SUBDIVISION NAME",
    }  # fmt: skip
    assert "mailing_zip" not in found


def test_the_short_adjudicated_list():
    found = detected("adjudicated", "parcel_number,years_tax_delinquent,is_adjudicated", "1,3,yes", "2,5,no")

    assert found == {
        "number": "parcel_number",
        "adjudicated": "is_adjudicated",
        "years_delinquent": "years_tax_delinquent",
    }


def test_ten_phones_each_with_its_type_and_mark():
    names = [f"Phone {rank}{more}" for rank in range(1, 11) for more in ("", " Type", " DNC")]
    rows = [f"{number},BOUDREAUX JEAN" + ",225-344-1234,Mobile,N" * 10 for number in range(5)]

    found = detected("skip_trace", ",".join(["APN", "Owner Name", *names]), *rows)

    for rank in range(1, 11):
        assert found[f"phone_{rank}"] == f"Phone {rank}"
        assert found[f"phone_{rank}_type"] == f"Phone {rank} Type"
        assert found[f"phone_{rank}_dnc"] == f"Phone {rank} DNC"


@pytest.mark.parametrize("header", ["Parcel", "APN", "PIN", "pid", "Assessment Number", "PROPERTY NUMBER", "Parcel ID"])
def test_the_parcel_number_goes_by_many_names(header):
    assert detected("gis", f"{header},acreage", "001-2,2.5", "001-3,1")["number"] == header


@pytest.mark.parametrize("header", ["acres", "Acreage", "GIS Acres", "gisAcres", "Deeded Acres", "Acreage (deed)"])
def test_the_size_goes_by_many_names(header):
    assert detected("gis", f"APN,{header}", "001-2,2.5", "001-3,1")["acres"] == header


def test_square_feet_are_not_acres():
    found = detected("gis", "APN,lot_sqft", "001-2,43560", "001-3,21780")

    assert found == {"number": "APN", "square_feet": "lot_sqft"}


@pytest.mark.parametrize("header", ["email_address", "Owner Email Address", "E-Mail", "Contact"])
def test_e_mail_is_told_from_the_mailing_address(header):
    found = detected("tax_roll", f"APN,owner,{header}", "001,BOUDREAUX JEAN,jean@b.com", "002,HEBERT ANN,ann@b.com")

    assert found == {"number": "APN", "owner_name": "owner", "email": header}


def test_the_owners_address_is_never_the_lands():
    found = detected(
        "tax_roll", "APN,owner,owner address,owner city", "1,HEBERT ANN,1 OAK ST,HOUSTON", "2,LEE A,2 ELM ST,DALLAS"
    )

    assert (found["mailing_street"], found["mailing_city"]) == ("owner address", "owner city")
    assert not {"situs_address", "situs_city"} & found.keys()


def test_a_column_whose_cells_contradict_its_name_is_left_alone():
    assert "acres" not in detected("gis", "APN,acres", "001,residential", "002,commercial")


def test_no_column_is_used_for_two_fields():
    found = detected("tax_roll", "parcel owner,owner,address", "001,HEBERT ANN,1 OAK ST", "002,LEE A,2 ELM ST")

    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"number": "A", "owner_name": "A"}, "roll.csv, row 1, column “A”: is used twice, for Parcel number and Owner"),
        ({"number": "Z", "owner_name": "B"}, "roll.csv, row 1, column “Z”: there is no such column for Parcel number"),
        ({"owner_name": "B"}, "roll.csv, row 1: no parcel number column was found; name it in the mapping"),
        ({"number": "A", "owner_name": ""}, "roll.csv, row 1: no owner column was found; name it in the mapping"),
        ({"colour": "A"}, "roll.csv: a tax_roll list has no field “colour”"),
    ],
)
def test_an_unfit_mapping_is_told_by_field_and_column(mapping, said):
    with pytest.raises(ListError) as refusal:
        check_mapping(PLANS["tax_roll"], ["A", "B"], mapping, file="roll.csv")
    assert str(refusal.value) == said

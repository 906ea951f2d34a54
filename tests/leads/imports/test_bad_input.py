"""Bad cells are kept out of the record with a reason, and the rest of their row goes in; what people and owners have
said outlasts every list. The predecessor's faults that a list can bring about are here by number (docs: the domain)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from leads.models import ImportRow, Lead, Owner, OwnerPhone, Parcel, PhoneNumber
from leads.pipeline import move_lead
from outreach.consents import record_consent
from outreach.models import Consent, Suppression
from outreach.opt_outs import opt_out
from outreach.suppressions import active_reasons
from tests.factories import ParishFactory, UserFactory

HEADER = (
    "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,situs_address,situs_zip,acreage,"
    "land_value,last_sale_date,years_delinquent,email,phone,ward"
)
MAPPING = (
    "number=parcel_number,owner_name=owner_name,mailing_street=mailing_address,mailing_city=mailing_city,"
    "mailing_state=mailing_state,mailing_zip=mailing_zip,situs_address=situs_address,situs_zip=situs_zip,acres=acreage,"
    "land_value=land_value,last_sale_on=last_sale_date,years_delinquent=years_delinquent,email=email,phone_1=phone,"
    "ward=ward"
)
"""Said, as detection leaves a column alone whose cells are all bad."""
GOOD = {
    "parcel_number": "001",
    "owner_name": "BOUDREAUX JEAN",
    "mailing_city": "HOUSTON",
    "mailing_state": "TX",
    "ward": "7",
}
COLUMN = {
    "mailing_zip": ("owner", "mailing_zip"),
    "mailing_state": ("owner", "mailing_state"),
    "mailing_address": ("owner", "mailing_street"),
    "email": ("owner", "email"),
    "situs_address": ("parcel", "situs_address"),
    "situs_zip": ("parcel", "situs_zip"),
    "acreage": ("parcel", "acres"),
    "land_value": ("parcel", "land_value"),
    "last_sale_date": ("parcel", "last_sale_on"),
    "years_delinquent": ("parcel", "years_delinquent"),
}
BAD = [
    ("acreage", "-1", "Acres: not more than nothing"),
    ("acreage", "0", "Acres: not more than nothing"),
    ("acreage", "1000000000", "Acres: implausibly large"),
    ("acreage", "1e9", "Acres: implausibly large"),
    ("acreage", "nan", "Acres: not a number"),
    ("land_value", "-5", "Land value: negative"),
    ("land_value", "twelve", "Land value: not a number"),
    ("last_sale_date", "12/31/1899", "Last sale: a date before 1900"),
    ("last_sale_date", "2999-01-01", "Last sale: a date in the future"),
    ("last_sale_date", "31/31/2019", "Last sale: not a date"),
    ("mailing_zip", "7081", "Mailing ZIP: not a ZIP code"),
    ("situs_zip", "7081", "Situs ZIP: not a ZIP code"),
    ("mailing_state", "Q", "Mailing state: not a state"),
    ("situs_address", "nan", "Situs address: “nan” is not a value"),
    ("mailing_address", "nan", "Mailing street: “nan” is not a value"),
    ("email", "12 OAK ST", "E-mail: not an e-mail address"),
    ("years_delinquent", "2.5", "Years delinquent: not a number of years"),
]
PHONES = [
    ("225-344-1234 ext 5", ["+12253441234"], "phone: extension dropped"),
    ("225-344-1234 x5", ["+12253441234"], "phone: extension dropped"),
    ("225-344-1234 / 225-344-9999", ["+12253441234", "+12253449999"], ""),
    ("2253441234; 2253449999", ["+12253441234", "+12253449999"], ""),
    ("225-344-1234 / 555-555-5555", ["+12253441234"], "phone: not a telephone number"),
    ("555-555-5555", [], "phone: not a telephone number"),
    ("225-555-5555", [], "phone: an invented number"),
    ("225-555-0123", [], "phone: reserved for fiction and directory assistance"),
    ("000-000-0000", [], "phone: not a telephone number"),
    ("225-344", [], "phone: not a telephone number"),
    ("none", [], ""),
    ("225-344-1234, DNC", [], "phone: marked do not call"),
]


def row(**cells):
    return ",".join((GOOD | cells).get(column, "") for column in HEADER.split(","))


def load(import_list, a_list, *rows, **options):
    return import_list(a_list(*rows, header=HEADER), mapping=MAPPING, **options)


@pytest.mark.parametrize(("column", "cell", "reason"), BAD)
def test_a_bad_cell_stays_out_with_its_reason_and_the_rest_goes_in(import_list, a_list, column, cell, reason):
    done = load(import_list, a_list, row(**{column: cell}))

    parcel, owner = Parcel.objects.get(), Owner.objects.get()
    record, field = COLUMN[column]
    assert not getattr({"parcel": parcel, "owner": owner}[record], field)
    assert (parcel.ward, owner.name, done["rows_created"]) == ("7", "BOUDREAUX JEAN", 1)
    assert ImportRow.objects.get(outcome="partial").reason == reason


@pytest.mark.parametrize(("column", "cell", "reason"), BAD)
def test_a_bad_cell_leaves_what_is_known(import_list, a_list, column, cell, reason):
    known = {"mailing_address": "1 OAK ST", "mailing_zip": "77002", "situs_address": "9 ELM RD", "situs_zip": "70810",
             "acreage": "2.5", "land_value": "12000", "last_sale_date": "2019-03-04", "years_delinquent": "2",
             "email": "jean@example.com"}  # fmt: skip
    load(import_list, a_list, row(**known))
    record, field = COLUMN[column]
    kept = getattr({"parcel": Parcel, "owner": Owner}[record].objects.get(), field)

    load(import_list, a_list, row(**known | {column: cell}))

    assert kept
    assert getattr({"parcel": Parcel, "owner": Owner}[record].objects.order_by("pk").first(), field) == kept


@pytest.mark.parametrize(("cell", "numbers", "reason"), PHONES)
def test_a_cell_of_phones(import_list, a_list, cell, numbers, reason):
    load(import_list, a_list, row(phone=f'"{cell}"'))

    assert numbers_of_owners() == numbers
    assert "; ".join(ImportRow.objects.filter(outcome="partial").values_list("reason", flat=True)) == reason
    assert Parcel.objects.get().ward == "7"


@pytest.mark.parametrize(("cell", "numbers", "reason"), PHONES)
def test_a_cell_of_phones_in_a_skip_trace(import_list, a_list, cell, numbers, reason):
    load(import_list, a_list, row())
    header = "parcel_number,phone_1,phone_2,email"

    import_list(a_list(f'001,"{cell}",504-344-7777,jean@example.com', header=header), source="skip_trace",
                mapping="number=parcel_number,phone_1=phone_1,phone_2=phone_2,email=email")  # fmt: skip

    assert numbers_of_owners() == [*numbers, "+15043447777"]
    assert "; ".join(ImportRow.objects.filter(outcome="partial").values_list("reason", flat=True)) == reason
    assert Owner.objects.get().email == "jean@example.com"


def numbers_of_owners():
    links = OwnerPhone.objects.filter(do_not_call=False).select_related("phone")
    return sorted(link.phone.number for link in links)


def test_a_mark_beside_a_number_reaches_the_number_that_is_known(import_list, a_list):
    load(import_list, a_list, row(phone="225-344-1234"))
    assert not OwnerPhone.objects.get().do_not_call

    load(import_list, a_list, row(phone='"225-344-1234, DNC"'))

    assert OwnerPhone.objects.get().do_not_call


def test_a_mark_beside_an_unknown_number_is_kept_for_the_list_that_brings_it_unmarked(import_list, a_list):
    load(import_list, a_list, row(phone='"225-344-1234, DNC"'))
    load(import_list, a_list, row(phone="225-344-1234"))

    assert OwnerPhone.objects.get().do_not_call


def test_bad_values_of_a_map_stay_out_and_the_rest_goes_in(import_list, a_list, tmp_path):
    load(import_list, a_list, row(situs_address="9 ELM RD", acreage="2.5"))
    bad = {"parcel_number": "001", "zoning_code": "R1", "lot_acres": -1, "situs_address": "nan"}
    place = {"type": "Point", "coordinates": [0, 0]}
    features = [{"type": "Feature", "properties": bad, "geometry": place}]
    path = tmp_path / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    import_list(path, source="gis", mapping="number=parcel_number,zoning=zoning_code,acres=lot_acres,"
                "situs_address=situs_address,location=geometry")  # fmt: skip

    parcel = Parcel.objects.get()
    assert (parcel.zoning, parcel.acres, parcel.situs_address, parcel.latitude) == (
        "R1",
        Decimal("2.5"),
        "9 ELM RD",
        None,
    )
    assert ImportRow.objects.get(outcome="partial").reason == (
        "Acres: not more than nothing; Location: a location outside the United States;"
        " Situs address: “nan” is not a value"
    )


def test_a_skip_trace_row_for_an_unknown_parcel_is_rejected_and_the_next_goes_in(import_list, a_list):
    load(import_list, a_list, row())
    rows = ("999,225-344-1111", "001,225-344-1234")

    done = import_list(a_list(*rows, header="parcel_number,phone_1", name="skip.csv"), source="skip_trace")

    assert (done["rows_rejected"], done["rows_created"]) == (1, 1)
    assert ImportRow.objects.get(outcome="rejected").reason == "no such parcel in East Baton Rouge"
    assert [link.phone.number for link in OwnerPhone.objects.select_related("phone")] == ["+12253441234"]


# the predecessor's faults that a list can bring about


def test_fault_3_a_list_makes_nobody_textable_again(import_list, a_list):
    load(import_list, a_list, row(phone="225-344-1234"))
    opt_out(PhoneNumber.objects.get(), evidence="STOP")

    for name in ("BOUDREAUX JEAN", "HEBERT ANN"):
        load(import_list, a_list, row(phone="225-344-1234", owner_name=name))

    assert Suppression.objects.get().lifted_at is None


def test_fault_3_of_two_owners_who_share_a_number_neither_is_textable_again(import_list, a_list):
    load(import_list, a_list, row(phone="225-344-1234"))
    phone = PhoneNumber.objects.get()
    opt_out(phone, evidence="STOP")

    load(import_list, a_list, row(parcel_number="002", owner_name="HEBERT ANN", phone="225-344-1234"))

    assert OwnerPhone.objects.filter(phone=phone).count() == 2
    for link in OwnerPhone.objects.select_related("owner"):
        assert active_reasons(phone, link.owner)


def test_fault_3_a_deleted_lead_is_not_opened_again(import_list, a_list):
    load(import_list, a_list, row())
    Lead.objects.update(deleted_at=timezone.now())

    load(import_list, a_list, row(acreage="3"))

    assert Lead.objects.get().deleted_at is not None
    assert Parcel.objects.get().acres == 3


def test_fault_7_a_blank_situs_stays_blank_and_is_never_the_mailing_address(import_list, a_list):
    load(import_list, a_list, row(situs_address="nan", mailing_address="1 OAK ST", mailing_zip="70810.0"))

    parcel, owner = Parcel.objects.get(), Owner.objects.get()
    assert (parcel.situs_address, parcel.situs_city, parcel.situs_zip, parcel.latitude) == ("", "", "", None)
    assert (owner.mailing_zip, parcel.acres) == ("70810", None)


@pytest.mark.parametrize(("city", "state"), [("ORLANDO", "FL"), ("DALLAS", "TX")])
def test_fault_9_a_town_with_la_in_its_name_is_where_it_is(import_list, a_list, city, state):
    load(import_list, a_list, row(mailing_city=city, mailing_state=state))

    assert Owner.objects.get().mailing_state == state


def test_fault_9_parcel_numbers_of_two_parishes_are_two_parcels(import_list, a_list, market):
    ParishFactory(market=market, name="Jefferson")
    ParishFactory(market=market, name="Jefferson Davis")
    for parish in ("Jefferson", "Jefferson Davis"):
        load(import_list, a_list, row(), parish=parish)

    assert sorted(Parcel.objects.values_list("parish__name", "number")) == [
        ("Jefferson", "001"),
        ("Jefferson Davis", "001"),
    ]


def test_fault_9_a_row_of_jefferson_davis_is_not_taken_for_jefferson(import_list, a_list, market):
    ParishFactory(market=market, name="Jefferson")
    ParishFactory(market=market, name="Jefferson Davis")
    rows = ("001,BOUDREAUX JEAN,Jefferson Davis", "002,HEBERT ANN,Jefferson Parish")

    import_list(a_list(*rows, header="parcel_number,owner_name,parish"), parish="Jefferson")

    assert list(Parcel.objects.values_list("number", flat=True)) == ["002"]
    assert ImportRow.objects.get(outcome="rejected").reason == "the row says Jefferson Davis, the list is of Jefferson"


def test_fault_9_an_email_address_is_no_mailing_address(import_list, a_list):
    header = "parcel_number,owner_name,email_address"

    import_list(a_list("001,BOUDREAUX JEAN,jean@example.com", header=header))

    owner = Owner.objects.get()
    assert (owner.email, owner.mailing_street) == ("jean@example.com", "")


# what no list takes away


def test_consent_correction_and_stage_outlast_every_list(import_list, a_list):
    load(import_list, a_list, row(phone="225-344-1234", acreage="2.5"))
    manager = UserFactory()
    owner, lead, parcel = Owner.objects.get(), Lead.objects.get(), Parcel.objects.get()
    record_consent(owner, Consent.Basis.WEB_FORM, evidence="card", by=manager, phone=PhoneNumber.objects.get())
    parcel.acres, parcel._history_user = 4, manager
    parcel.save()
    assert move_lead(lead, "disqualified", by=UserFactory(is_superuser=True), reason="sold")
    consents = list(Consent.objects.values())

    for source in ("tax_roll", "adjudicated", "delinquent"):
        load(import_list, a_list, row(phone="225-344-1234", acreage="9"), source=source)

    assert list(Consent.objects.values()) == consents
    assert Parcel.objects.get().acres == 4
    assert Lead.objects.get(pk=lead.pk).stage == "disqualified"
    assert Lead.objects.count() == 1

"""Undoing a list exactly: cases that random worlds have brought to light (`test_properties`), each told in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leads.merging import merge_owners
from leads.models import Lead, Owner, OwnerPhone, Ownership, Parcel, ParcelList, PhoneNumber
from leads.pipeline import move_lead
from outreach.consents import record_consent
from outreach.models import Consent
from tests.factories import MessageFactory, UserFactory
from tests.leads.imports.test_undo import MORE, NEWER, PHONES, ROW, SOLD, kept, records, undo

HEBERT = "001,HEBERT ANNA,2 OAK ST,BATON ROUGE,LA,70801,,2.5,12000"


@pytest.fixture
def person(db):
    return UserFactory(is_superuser=True)


@pytest.mark.parametrize("row", ["999,,225-344-1234,mobile,", "001,HEBERT ANNA,225-344-1234,mobile,"])
def test_a_row_that_does_not_go_in_names_no_line_type(import_list, a_list, row):
    import_list(a_list(ROW))

    done = import_list(a_list(row, header=PHONES), source="skip_trace")

    assert done["rows_rejected"] == 1
    assert PhoneNumber.objects.get().line_type == "unknown"


def test_a_number_used_before_goes_from_whom_the_list_gave_it_to(import_list, a_list, person):
    """It was asked about, and texted from, before the list: as another owner's."""
    import_list(a_list(ROW, MORE))
    owner, phone = (
        Owner.objects.get(name_key="BOUDREAUX JEAN"),
        PhoneNumber.objects.get(area_code="225", pk__gt=0, owner_links__owner__name_key="BOUDREAUX JEAN"),
    )
    record_consent(owner, Consent.Basis.WEB_FORM, evidence="card", by=person, phone=phone)
    MessageFactory(owner=owner, phone=phone, lead=Lead.objects.get(owner=owner))
    before = records()

    done = import_list(a_list("002,HEBERT ANNA,225-344-1234,,", header=PHONES), source="skip_trace")
    assert OwnerPhone.objects.filter(phone=phone).count() == 2

    assert kept(undo(done)) == []
    assert records() == before


def test_a_number_used_since_stays_with_whom_the_list_gave_it_to(import_list, a_list):
    import_list(a_list(ROW, MORE))
    done = import_list(a_list("002,HEBERT ANNA,225-344-1234,,", header=PHONES), source="skip_trace")
    link = OwnerPhone.objects.get(list_import=done["list_import"])
    MessageFactory(owner=link.owner, phone=link.phone, lead=Lead.objects.get(owner=link.owner))

    undone = undo(done)

    assert OwnerPhone.objects.filter(pk=link.pk).exists()
    assert kept(undone) == [(2, "a number has been used or changed since")]


def test_an_owner_who_came_back_goes_again_though_an_ended_lead_names_them(import_list, a_list, person):
    import_list(a_list(ROW))
    move_lead(Lead.objects.get(), "dead", by=person, reason="no")
    import_list(a_list(SOLD, name="sold.csv"))
    before = records()

    done = import_list(a_list(ROW, name="back.csv"))
    assert Lead.objects.filter(owner__name="BOUDREAUX JEAN").count() == 2

    assert kept(undo(done)) == []
    assert records() == before


def test_an_owner_who_came_back_goes_again_though_texted_the_first_time(import_list, a_list):
    import_list(a_list(ROW))
    lead = Lead.objects.get()
    MessageFactory(lead=lead, owner=lead.owner, phone=OwnerPhone.objects.get().phone)
    import_list(a_list(SOLD, name="sold.csv"))
    before = records()

    assert kept(undo(import_list(a_list(ROW, name="back.csv")))) == []

    assert records() == before


def test_lists_of_one_kind_leave_the_stack_one_by_one(import_list, a_list):
    import_list(a_list(ROW))
    before = records()

    owing = [import_list(a_list("001,BOUDREAUX JEAN", header="parcel_number,owner_name", name=f"{n}.csv"),
                         source="delinquent") for n in range(3)]  # fmt: skip
    assert ParcelList.objects.filter(source="delinquent").count() == 1
    undo(owing[2])
    assert ParcelList.objects.filter(source="delinquent").count() == 1
    undo(owing[1])
    undo(owing[0])

    assert set(ParcelList.objects.values_list("source", flat=True)) == {"tax_roll"}
    assert records() == before


def test_a_list_in_between_leaves_the_stack_and_the_others_stay(import_list, a_list):
    import_list(a_list(ROW))
    owing = [import_list(a_list("001,BOUDREAUX JEAN", header="parcel_number,owner_name", name=f"{n}.csv"),
                         source="delinquent") for n in range(3)]  # fmt: skip

    for done in (owing[0], owing[2]):
        undo(done)

    left = ParcelList.objects.get(source="delinquent")
    assert left.first_seen == left.last_seen
    assert left.list_import_id == owing[1]["list_import"]


def test_a_lead_goes_back_though_its_new_owner_was_merged_since(import_list, a_list, person):
    import_list(a_list(ROW, MORE))
    first = Owner.objects.get(name="BOUDREAUX JEAN")
    done = import_list(a_list(SOLD, MORE, name="next.csv"))
    hebert, new = Owner.objects.get(name="HEBERT ANNA"), Owner.objects.get(name="NEW OWNER LLC")
    assert merge_owners(hebert, new, by=person, reason="hers")

    undo(done)

    assert Ownership.objects.get(parcel__number="001", until=None).owner == first
    assert Lead.objects.get(parcel__number="001").owner == first


def test_an_address_that_a_person_has_mended_stays_whole(import_list, a_list, person):
    import_list(a_list(ROW))
    done = import_list(a_list(NEWER, name="next.csv"))
    owner = Owner.objects.get()
    owner.mailing_zip, owner._history_user = "78702", person
    owner.save()

    undone = undo(done)

    owner.refresh_from_db()
    assert (owner.mailing_street, owner.mailing_city, owner.mailing_zip) == ("9 ELM ST", "AUSTIN", "78702")
    assert kept(undone) == [(2, "mailing address has been changed since")]


def test_an_owner_whom_a_person_has_mended_stays_and_is_listed(import_list, a_list, person):
    done = import_list(a_list(ROW, MORE))
    owner = Owner.objects.get(name="BOUDREAUX JEAN")
    owner.mailing_zip, owner._history_user = "78702", person
    owner.save()

    undone = undo(done)

    assert list(Owner.objects.all()) == [owner]
    assert kept(undone) == [(2, "its owner has been used or changed since")]


def test_a_place_that_a_person_has_moved_stays_whole(import_list, a_list, person):
    import_list(a_list(ROW))
    header = "parcel_number,latitude,longitude"
    done = import_list(a_list("001,30.45,-91.18", header=header, name="gis.csv"), source="gis")
    parcel = Parcel.objects.get()
    parcel.latitude, parcel._history_user = Decimal("30.46"), person
    parcel.save()

    undone = undo(done)

    parcel.refresh_from_db()
    assert (parcel.latitude, parcel.longitude, parcel.location_source) == (Decimal("30.46"), Decimal("-91.18"), "gis")
    assert kept(undone) == [(2, "location has been changed since")]


def test_a_value_that_a_person_has_set_to_the_list_s_own_is_the_person_s(import_list, a_list, person):
    import_list(a_list(ROW))
    done = import_list(a_list(NEWER, name="next.csv"))
    for acres in ("7", "3.5"):
        parcel = Parcel.objects.get()
        parcel.acres, parcel._history_user = Decimal(acres), person
        parcel.save()

    undone = undo(done)

    assert Parcel.objects.get().acres == Decimal("3.5")
    assert kept(undone) == [(2, "acres has been changed since")]


def test_a_value_that_a_later_list_has_written_again_is_that_list_s(import_list, a_list):
    import_list(a_list(ROW))
    done = import_list(a_list(NEWER, name="next.csv"))
    import_list(a_list(ROW, name="third.csv"))
    import_list(a_list(NEWER, name="fourth.csv"))

    undo(done)

    assert Parcel.objects.get().acres == Decimal("3.5")


def test_lists_undone_from_the_last_to_the_first_leave_a_person_s_other_fields_aside(import_list, a_list, person):
    """The person's save holds the second list's values too; they are not the person's for that."""
    import_list(a_list(ROW))
    second = import_list(a_list(NEWER, name="next.csv"))
    third = import_list(a_list("001,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,,5,15000", name="third.csv"))
    parcel = Parcel.objects.get()
    parcel.ward, parcel._history_user = "7", person
    parcel.save()

    undo(third)
    undo(second)

    parcel.refresh_from_db()
    assert (parcel.acres, parcel.land_value, parcel.ward) == (Decimal("2.5"), Decimal("12000"), "7")


def test_an_owner_who_moves_and_buys_in_one_list_stays_one(import_list, a_list):
    import_list(a_list(ROW))

    import_list(a_list(NEWER, "003,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,,1,500", name="next.csv"))

    assert Owner.objects.count() == 1

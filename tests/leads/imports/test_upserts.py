"""What a list may not undo: people's corrections, opt-outs, do-not-call marks, what the team has closed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from leads.models import Event, ImportRow, Lead, Owner, OwnerPhone, Ownership, Parcel, PhoneNumber
from leads.owner_names import mailing_key, name_key
from leads.pipeline import move_lead
from outreach.models import Suppression
from outreach.opt_outs import opt_out
from outreach.suppressions import suppress_owner
from tests.factories import OwnerFactory, UserFactory

ROW = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"
NEWER = "001,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,225-344-1234,3.5,15000"
PHONES = "parcel_number,owner_name,Phone 1,Phone 1 Type,Phone 1 DNC"


def correct(record, **values):
    """As a person does it in the admin; returns them."""
    person = UserFactory()
    for name, value in values.items():
        setattr(record, name, value)
    record._history_user = person
    record.save()
    return person


# parcels and owners


@pytest.mark.parametrize(
    ("field", "value"),
    [("acres", Decimal("4.0000")), ("land_value", Decimal("1.00")), ("situs_address", "0 RIVER RD"), ("ward", "7")],
)
def test_a_field_of_a_parcel_that_a_person_wrote_stays_and_the_rest_is_renewed(import_list, a_list, field, value):
    header = "parcel_number,owner_name,acreage,land_value,situs_address,ward,subdivision"
    import_list(a_list("001,BOUDREAUX JEAN,2.5,12000,1 PINE ST,3,OAKS", header=header))
    parcel = Parcel.objects.get()
    person = correct(parcel, **{field: value})

    done = import_list(a_list("001,BOUDREAUX JEAN,9.5,99000,2 PINE ST,5,PINES", header=header, name="next.csv"))

    parcel.refresh_from_db()
    assert (getattr(parcel, field), parcel.subdivision, done["rows_updated"]) == (value, "PINES", 1)
    changes = list(parcel.history.order_by("history_id").values_list("history_user", "history_change_reason"))
    assert [user for user, _ in changes] == [None, person.pk, None]
    assert changes[2][1] == f"list import {done['list_import']}"
    assert field not in ImportRow.objects.get(list_import_id=done["list_import"]).before


def test_a_field_that_a_person_emptied_stays_empty(import_list, a_list):
    import_list(a_list(ROW))
    correct(Parcel.objects.get(), land_value=None)

    import_list(a_list(NEWER))

    assert Parcel.objects.get().land_value is None


def test_an_address_that_a_person_wrote_stays(import_list, a_list):
    import_list(a_list(ROW))
    owner = Owner.objects.get()
    place = ("PO BOX 7", "DALLAS", "TX", "75201")
    correct(
        owner, mailing_street=place[0], mailing_city=place[1], mailing_zip=place[3], mailing_key=mailing_key(*place)
    )

    done = [import_list(a_list(row, name=f"{row[-5:]}.csv")) for row in (ROW, NEWER)]

    owner.refresh_from_db()
    assert (owner.mailing_street, owner.mailing_city, owner.mailing_zip) == ("PO BOX 7", "DALLAS", "75201")
    assert (done[0]["rows_unchanged"], Owner.objects.count()) == (1, 1)


def test_a_name_that_a_person_corrected_is_still_that_owner(import_list, a_list):
    import_list(a_list(ROW))
    correct(Owner.objects.get(), name="Jean-Paul Boudreaux", name_key=name_key("Jean-Paul Boudreaux"))

    done = import_list(a_list(ROW))

    assert (done["rows_unchanged"], Owner.objects.get().name) == (1, "Jean-Paul Boudreaux")
    assert Ownership.objects.count() == 1


def test_an_owner_whom_a_person_entered_is_not_replaced_by_the_list(import_list, a_list):
    import_list(a_list(ROW))
    parcel = Parcel.objects.get()
    Ownership.objects.update(until=timezone.now())
    entered = Ownership(parcel=parcel, owner=OwnerFactory(name="MOUTON"), since=timezone.now(), source="deed")
    correct(entered)

    import_list(a_list(ROW))

    assert [share.owner.name for share in Ownership.objects.filter(until=None)] == ["MOUTON"]


def test_a_new_address_of_the_roll_is_taken_and_the_old_one_kept(import_list, a_list):
    import_list(a_list(ROW))

    import_list(a_list(NEWER))

    owner = Owner.objects.get()
    assert (owner.mailing_street, owner.mailing_zip) == ("9 ELM ST", "78701")
    assert list(owner.history.order_by("history_id").values_list("mailing_street", flat=True)) == [
        "1 OAK ST",
        "9 ELM ST",
    ]


# stop means stop


def test_an_opted_out_number_stays_so_whoever_is_listed_with_it(import_list, a_list):
    import_list(a_list(ROW))
    phone = PhoneNumber.objects.get()
    assert opt_out(phone, evidence="STOP")
    before = list(Suppression.objects.values())

    import_list(a_list(ROW, "002,HEBERT ANN,2 OAK ST,HOUSTON,TX,77002,+1 (225) 344.1234,1,900", name="next.csv"))

    assert PhoneNumber.objects.get() == phone
    assert OwnerPhone.objects.filter(phone=phone, until=None).count() == 2
    assert list(Suppression.objects.values()) == before
    assert set(Suppression.objects.reasons_among([bytes(phone.number_hash)])) == {bytes(phone.number_hash)}


def test_a_suppressed_owner_is_found_again_and_stays_suppressed(import_list, a_list):
    import_list(a_list(ROW))
    owner = Owner.objects.get()
    suppress_owner(owner, Suppression.Reason.MANUAL, evidence="Called the office")

    import_list(a_list(NEWER, ROW.replace("001", "002", 1), name="next.csv"))

    suppression = Suppression.objects.get()
    assert (suppression.owner, suppression.lifted_at) == (owner, None)
    assert {share.owner_id for share in Ownership.objects.filter(parcel__number="001", until=None)} == {owner.pk}


def test_a_do_not_call_mark_is_never_taken_away(import_list, a_list):
    import_list(a_list(ROW))
    row = "001,BOUDREAUX JEAN,225-344-1234,Mobile,"

    marked = import_list(a_list(row + "Y", header=PHONES), source="skip_trace")
    cleared = import_list(a_list(row + "N", header=PHONES), source="skip_trace")

    assert (marked["rows_updated"], cleared["rows_unchanged"]) == (1, 1)
    assert OwnerPhone.objects.get().do_not_call


def test_a_new_owner_is_stored_with_the_people_of_the_name(import_list, a_list):
    import_list(a_list("001,O'NEAL SEAN ET AL C/O ACME \\ BANK,1 ELM ST,MIAMI,Florida,33101,,2.5,12000"))

    owner = Owner.objects.get()
    assert owner.people == [{"last": "O'Neal", "first": "Sean", "middle": "", "suffix": ""}]
    assert (owner.kind, owner.et_al, owner.care_of, owner.mailing_state) == ("heirs", True, "ACME \\ BANK", "FL")
    assert owner.history.get().people == owner.people


@pytest.mark.parametrize("line_type", ["landline", "unknown"])
def test_what_was_learnt_of_a_number_stays(import_list, a_list, line_type):
    import_list(a_list(ROW))
    learnt = {"line_type": line_type, "carrier": "AT&T", "status": "bad", "status_reason": "30003"}
    PhoneNumber.objects.update(**learnt, checked_at=timezone.now())

    import_list(a_list("001,BOUDREAUX JEAN,225-344-1234,Mobile,N", header=PHONES), source="skip_trace")

    assert PhoneNumber.objects.values(*learnt).get() == learnt


# leads


@pytest.mark.parametrize("stages", [(), ("qualified",), ("qualified", "contacted", "hot"), ("dead",), ("archived",)])
def test_a_lead_stays_the_same_lead_in_its_stage(import_list, a_list, stages):
    import_list(a_list(ROW))
    person = UserFactory(is_superuser=True)
    for stage in stages:
        assert move_lead(Lead.objects.get(), stage, by=person, reason="test")
    before = Lead.objects.values("pk", "stage", "archived_at", "owner").get()
    events = Event.objects.exclude(kind__in=["ListImported", "RollChanged"]).count()

    import_list(a_list(NEWER))

    assert Lead.objects.values("pk", "stage", "archived_at", "owner").get() == before
    assert Event.objects.exclude(kind__in=["ListImported", "RollChanged"]).count() == events


def test_an_open_lead_follows_the_parcel_to_its_new_owner(import_list, a_list):
    import_list(a_list(ROW))
    assert move_lead(Lead.objects.get(), "qualified", by=None, reason="test")

    import_list(a_list("001,MOUTON CLAIRE,9 ELM ST,AUSTIN,TX,78701,,2.5,12000", name="next.csv"))

    lead = Lead.objects.get()
    assert (lead.owner.name, lead.stage) == ("MOUTON CLAIRE", "qualified")
    assert Event.objects.get(kind="OwnerChanged").lead == lead

"""Undoing a list: back to what was, except what people or later lists have made of it since."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from leads.imports.runner import STALE, run_import
from leads.imports.undo import request_undo, run_undo
from leads.models import (
    Event,
    ImportRow,
    Lead,
    ListImport,
    Owner,
    OwnerPhone,
    Ownership,
    Parcel,
    ParcelList,
    PhoneNumber,
)
from tests.factories import MessageFactory, OwnerFactory, UserFactory
from tests.leads.imports.conftest import HEADER

ROW = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"
OWING = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,1"
MORE = "002,HEBERT ANNA,2 OAK ST,BATON ROUGE,LA,70801,225-344-9876,5,9000"
NEWER = "001,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,225-344-5555,3.5,15000"
SOLD = "001,NEW OWNER LLC,PO BOX 1,DALLAS,TX,75201,225-344-7777,2.5,12000"
PHONES = "parcel_number,owner_name,Phone 1,Phone 1 Type,Phone 1 DNC"
TABLES: dict[str, list[str]] = {
    "leads_parcel": ["updated_at"],
    "leads_owner": ["updated_at"],
    "leads_ownership": [],
    "leads_lead": ["updated_at", "scored_at"],
    "leads_phonenumber": [],
    "leads_ownerphone": [],
    "leads_parcellist": [],
}


def records() -> dict[str, list[object]]:
    """All that a list may change, as the database holds it."""
    held = {}
    with connection.cursor() as cursor:
        for table, besides in TABLES.items():
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] AS row FROM {table} t ORDER BY row", [besides])
            held[table] = [row for (row,) in cursor.fetchall()]
    return held


def undo(done, **options) -> ListImport:
    list_import = ListImport.objects.get(pk=done["list_import"])
    assert request_undo(list_import, by=UserFactory())
    undone = run_undo(list_import.pk, **options)
    assert undone is not None
    assert undone.status == "undone"
    return undone


def kept(list_import) -> list[tuple[int, str]]:
    return list(ImportRow.objects.of(list_import).kept().values_list("line", "reason"))


@pytest.mark.parametrize("rows", [1, 5000])
def test_a_first_list_goes_without_a_trace_in_the_records(import_list, a_list, rows):
    undone = undo(import_list(a_list(ROW, MORE)), rows=rows)

    assert not any(records().values())
    assert kept(undone) == []
    assert (
        Parcel.history.filter(history_type="-", history_change_reason=f"undo of list import {undone.pk}").count() == 2
    )


@pytest.mark.parametrize("second", [[NEWER], [SOLD], [NEWER, MORE], [SOLD, MORE], [ROW]], ids=str)
def test_a_second_list_goes_and_the_first_is_as_it_was(import_list, a_list, second):
    import_list(a_list(ROW))
    before = records()

    done = import_list(a_list(*second, name="next.csv"))
    assert records() != before  # if only by what the parcel was last listed on

    assert kept(undo(done)) == []
    assert records() == before


def test_skip_traced_numbers_go_and_line_types_are_unknown_again(import_list, a_list):
    import_list(a_list(ROW, MORE))
    before = records()

    done = import_list(
        a_list("001,BOUDREAUX JEAN,225-344-1234,mobile,", "002,HEBERT ANNA,225-344-0001,landline,", header=PHONES),
        source="skip_trace",
    )
    assert (PhoneNumber.objects.count(), PhoneNumber.objects.filter(line_type="mobile").count()) == (3, 1)
    undo(done)

    assert records() == before


def test_a_do_not_call_mark_outlives_the_list_that_brought_it(import_list, a_list):
    import_list(a_list(ROW))

    undo(import_list(a_list("001,BOUDREAUX JEAN,225-344-1234,,yes", header=PHONES), source="skip_trace"))

    assert OwnerPhone.objects.get().do_not_call


def test_what_a_person_has_changed_since_is_listed_and_left(import_list, a_list):
    import_list(a_list(ROW))
    done = import_list(a_list(NEWER, name="next.csv"))
    parcel = Parcel.objects.get()
    parcel.acres = Decimal("7")
    parcel._history_user = UserFactory()
    parcel.save()

    undone = undo(done)

    parcel.refresh_from_db()
    assert (parcel.acres, parcel.land_value) == (Decimal("7"), Decimal("12000"))
    assert kept(undone) == [(2, "acres has been changed since")]


def test_a_parcel_that_a_person_has_edited_is_not_deleted(import_list, a_list):
    done = import_list(a_list(ROW, MORE))
    parcel = Parcel.objects.get(number="001")
    parcel.ward = "7"
    parcel._history_user = UserFactory()
    parcel.save()

    undone = undo(done)

    assert list(Parcel.objects.values_list("number", flat=True)) == ["001"]
    assert kept(undone) == [(2, "its parcel is still in use, by a person or another list")]


def test_who_was_contacted_is_never_deleted(import_list, a_list):
    done = import_list(a_list(ROW, MORE))
    lead = Lead.objects.get(parcel__number="001")
    link = OwnerPhone.objects.get(owner=lead.owner)
    MessageFactory(lead=lead, owner=lead.owner, phone=link.phone)

    undone = undo(done)

    assert list(Lead.objects.all()) == [lead]
    assert list(Parcel.objects.all()) == [lead.parcel]
    assert list(Owner.objects.all()) == [lead.owner]
    assert list(OwnerPhone.objects.all()) == [link]
    assert Ownership.objects.get().until is None
    assert kept(undone)[0][0] == 2
    assert "its lead has been contacted or worked on" in kept(undone)[0][1]


def test_a_new_owner_who_was_contacted_stays_the_owner(import_list, a_list):
    import_list(a_list(ROW))
    done = import_list(a_list(SOLD, name="next.csv"))
    lead = Lead.objects.get()
    assert lead.owner.name == "NEW OWNER LLC"
    MessageFactory(lead=lead, owner=lead.owner, phone=OwnerPhone.objects.get(owner=lead.owner).phone)

    undone = undo(done)

    lead.refresh_from_db()
    assert lead.owner.name == "NEW OWNER LLC"
    assert Ownership.objects.get(until=None).owner == lead.owner
    assert "its new owner has been contacted or worked on" in kept(undone)[0][1]


def test_a_parcel_sold_again_since_keeps_its_present_owner(import_list, a_list):
    import_list(a_list(ROW))
    done = import_list(a_list(SOLD, name="next.csv"))
    import_list(a_list("001,THIRD OWNER,1 A ST,HOUSTON,TX,77002,,2.5,12000", name="third.csv"))

    undone = undo(done)

    assert Ownership.objects.get(until=None).owner.name == "THIRD OWNER"
    assert Lead.objects.get().owner.name == "THIRD OWNER"
    assert "the parcel has changed hands again since" in kept(undone)[0][1]


def test_a_later_list_keeps_what_it_wrote(import_list, a_list):
    first = import_list(a_list(ROW))
    import_list(a_list(NEWER, name="next.csv"))

    undone = undo(first)

    assert Parcel.objects.get().acres == Decimal("3.5")
    assert kept(undone) != []


def test_an_owner_of_a_parcel_of_another_list_stays(import_list, a_list):
    import_list(a_list(ROW))
    before = records()

    undo(import_list(a_list("009,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,1,500", name="next.csv")))

    assert records() == before


def test_a_lead_that_followed_goes_back_and_its_timeline_says_so(import_list, a_list):
    import_list(a_list(ROW))
    lead = Lead.objects.get()
    first = lead.owner
    done = import_list(a_list(SOLD, name="next.csv"))

    undo(done)

    lead.refresh_from_db()
    assert lead.owner == first
    back = Event.objects.filter(kind="OwnerChanged", lead=lead).latest("id")
    assert (back.owner, back.data["undone_list_import"]) == (first, done["list_import"])


def test_undoing_is_declined_while_a_list_runs_and_twice(import_list, a_list):
    done = import_list(a_list(ROW))
    undo(done)

    again = request_undo(ListImport.objects.get(pk=done["list_import"]), by=UserFactory())

    assert (again.code, again.message) == ("not_possible", "The import is undone.")
    assert run_undo(done["list_import"]) is None


def test_a_list_that_changed_nothing_leaves_the_parcel_s_stack_of_lists(import_list, a_list):
    import_list(a_list(ROW))
    header = "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,years_tax_delinquent"
    import_list(a_list(OWING, header=header, name="owed.csv"), source="adjudicated")
    before = records()
    assert ParcelList.objects.count() == 2

    undo(import_list(a_list(OWING, header=header, name="late.csv"), source="delinquent"))

    assert records() == before
    assert set(ParcelList.objects.values_list("source", flat=True)) == {"tax_roll", "adjudicated"}


def test_a_list_of_which_no_row_went_in_has_nothing_to_undo(import_list, a_list):
    done = import_list(a_list(ROW, header=HEADER), source="gis", mapping="number=parcel_number,acres=acreage")

    declined = request_undo(ListImport.objects.get(pk=done["list_import"]), by=None)

    assert declined.code == "nothing"


def test_a_lost_worker_s_undo_is_taken_over_and_no_import_runs_meanwhile(import_list, a_list, parish):
    done = import_list(a_list(ROW, MORE))
    list_import = ListImport.objects.get(pk=done["list_import"])
    request_undo(list_import, by=None)
    ListImport.objects.undone_up_to(list_import.pk, 0, timezone.now())
    assert run_undo(list_import.pk) is None  # another is at work on it
    assert run_import(list_import.pk) is None

    ListImport.objects.undone_up_to(list_import.pk, 2, timezone.now() - STALE)
    assert ListImport.objects.due(timezone.now() - STALE).count() == 1
    assert run_import(list_import.pk) is None
    run_undo(list_import.pk)

    assert list(Parcel.objects.values_list("number", flat=True)) == ["001"]  # line 2 was done before


def test_the_undone_market_is_scored_again(import_list, a_list, parish):
    undone = undo(import_list(a_list(ROW)))

    event = Event.objects.get(kind="ListUndone")
    assert (event.data["market_id"], event.data["kept"], event.actor) == (parish.market_id, 0, undone.undone_by)


def test_an_owner_merged_away_since_is_left(import_list, a_list):
    from leads.merging import merge_owners

    done = import_list(a_list(ROW))
    other = OwnerFactory()
    merge_owners(other, Owner.objects.get(name="BOUDREAUX JEAN"), by=None, reason="same")

    undo(done)

    assert set(Owner.objects.values_list("name", flat=True)) == {other.name, "BOUDREAUX JEAN"}
    assert not Parcel.objects.exists()

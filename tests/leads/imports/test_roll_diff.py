"""This roll against the last of the same parish: what is kept, what is news and what is none."""

from __future__ import annotations

import pytest

from leads.imports.undo import request_undo, run_undo
from leads.models import Event, ListImport, Parcel, RollChange
from tests.factories import ParishFactory, UserFactory

HEADER = "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,land_value,years_delinquent"
JEAN = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12000,0"
ANNA = "002,HEBERT ANNA,2 OAK ST,BATON ROUGE,LA,70801,9000,"
REST = tuple(f"1{n:02},OWNER {n},{n} ELM ST,HOUMA,LA,70360,1000,0" for n in range(10))


@pytest.fixture
def rolls(import_list, a_list):
    """Imports rolls one after the other; returns the last one."""

    def bring_in(*rolls: tuple[str, ...], header: str = HEADER, **options: object) -> ListImport:
        for number, rows in enumerate(rolls):
            done = import_list(a_list(*rows, header=header, name=f"roll {number}.csv"), **options)
        return ListImport.objects.get(pk=done["list_import"])

    return bring_in


def changes(roll: ListImport) -> list[tuple[str, str, str, str]]:
    found = RollChange.objects.of(roll).order_by("parcel__number", "kind")
    return list(found.values_list("parcel__number", "kind", "before", "after"))


def test_a_first_roll_has_nothing_to_be_compared_with(rolls):
    first = rolls((JEAN, ANNA))

    assert first.last_roll is None
    assert changes(first) == []


def test_the_same_roll_again_is_no_news(rolls):
    again = rolls((JEAN, ANNA), (JEAN, ANNA, *REST))

    assert again.last_roll.filename == "roll 0.csv"
    assert changes(again) == []
    assert not Event.objects.filter(kind="RollChanged").exists()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12000,1", ("delinquent", "", "1 year")),
        ("001,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,12000,0",
         ("address", "1 OAK ST, HOUSTON, TX 77002", "9 ELM ST, AUSTIN, TX 78701")),
        ("001,ACME LAND LLC,PO BOX 1,DALLAS,TX,75201,12000,0", ("owner", "BOUDREAUX JEAN", "ACME LAND LLC")),
        ("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,15000,0", ("value", "land $12,000", "land $15,000")),
        ("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12500,0", None),
        ("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,", None),
    ],
    ids=["delinquent", "address", "owner", "value", "a value nudged", "figures left out"],
)  # fmt: skip
def test_each_kind_of_change_is_told(rolls, row, expected):
    newer = rolls((JEAN, ANNA), (row, ANNA))

    assert changes(newer) == ([("001", *expected)] if expected else [])


def test_longer_debts_are_no_news_but_an_empty_cell_before_was_none(rolls):
    owing = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12000,3"
    assert changes(rolls((JEAN, ANNA), (owing, ANNA.removesuffix(",") + ",2"))) == [
        ("001", "delinquent", "", "3 years"),
        ("002", "delinquent", "", "2 years"),
    ]
    assert changes(rolls((owing.removesuffix("3") + "4", ANNA))) == []


def test_debts_that_no_roll_told_before_are_not_new(rolls):
    without = HEADER.removesuffix(",years_delinquent")
    rolls(("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12000",), header=without)

    assert changes(rolls(("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,12000,2",))) == []


def test_all_land_of_an_owner_moves_with_him(rolls):
    second = JEAN.replace("001", "002", 1)
    moved = rolls((JEAN, second), (JEAN.replace("1 OAK ST", "9 ELM ST"), second.replace("1 OAK ST", "9 ELM ST")))

    assert [(parcel, kind) for parcel, kind, _, _ in changes(moved)] == [("001", "address"), ("002", "address")]


def test_a_persons_correction_is_not_what_a_roll_changed(rolls):
    rolls((JEAN,))
    parcel = Parcel.objects.get()
    parcel.land_value, parcel._history_user = 50_000, UserFactory()
    parcel.save()

    assert changes(rolls((JEAN.replace("12000", "20000"),))) == []


def test_a_parcel_vanishes_once(rolls):
    assert [c[:2] for c in changes(rolls((JEAN, ANNA, *REST), (JEAN, *REST)))] == [("002", "vanished")]
    assert changes(rolls((JEAN, *REST))) == []
    back = rolls((JEAN, ANNA, *REST), (JEAN, *REST))
    assert [c[:2] for c in changes(back)] == [("002", "vanished")]


def test_a_part_of_a_roll_makes_nothing_vanish(rolls):
    part = rolls((JEAN, ANNA, *REST), (JEAN, *REST[:5]))

    assert (part.is_part, part.parcels_missing) == (True, 6)
    assert changes(part) == []


def test_a_roll_is_compared_with_its_own_parish_and_with_rolls_only(rolls, market):
    ParishFactory(market=market, name="Ascension")
    rolls((JEAN, ANNA))
    rolls((ANNA,), source="delinquent")

    other = rolls((JEAN, ANNA), parish="Ascension")

    assert (other.last_roll, changes(other)) == (None, [])


def test_a_lead_gets_one_event_with_all_that_changed(rolls):
    rolls((JEAN, ANNA), ("001,BOUDREAUX JEAN,9 ELM ST,AUSTIN,TX,78701,15000,2", ANNA))

    event = Event.objects.get(kind="RollChanged")
    assert event.lead.parcel.number == "001"
    assert [change["kind"] for change in event.data["changes"]] == ["delinquent", "value", "address"]
    assert event.handled_at is not None


def test_undoing_a_roll_takes_its_changes_back(rolls):
    newer = rolls((JEAN, ANNA, *REST), (JEAN.replace("12000", "20000"), *REST))
    assert len(changes(newer)) == 2

    assert request_undo(newer, by=UserFactory())
    run_undo(newer.pk)

    assert changes(newer) == []
    assert changes(rolls((JEAN, *REST)))[0][:2] == ("002", "vanished")

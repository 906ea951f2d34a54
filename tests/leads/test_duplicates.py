"""Duplicate owners: what is one owner, what is queued, what is merged unasked, what never comes back."""

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from leads import tasks
from leads.duplicates.addresses import address_words, house_number
from leads.duplicates.decisions import mark_different, reopen_pair
from leads.duplicates.matching import Shared, Side, compare, slip
from leads.duplicates.names import Person, read_name
from leads.duplicates.progress import search_state, tell
from leads.duplicates.search import find_duplicates
from leads.merging import merge_owners, undo_merge
from leads.models import DuplicatePair, Event, OwnerMerge
from leads.owner_names import classify_owner, mailing_key, name_key
from tests.factories import (
    LeadFactory,
    MarketFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    OwnershipFactory,
    ParcelFactory,
    PhoneNumberFactory,
    UserFactory,
)

db = pytest.mark.django_db


def side(name, street="100 MAIN ST", zip_code="70810"):
    return Side(name_key(name), classify_owner(name), street, zip_code)


def judged(one, other, **shared):
    one, other = (side(*s) if isinstance(s, tuple) else side(s) for s in (one, other))
    match = compare(one, other, Shared(**shared))
    return match and ("certain" if match.certain else "asked")


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("SMITH JOHN A", [Person("SMITH", "JOHN", "A")]),
        ("SMITH JOHN A JR", [Person("SMITH", "JOHN", "A", "JR")]),
        ("SMITH JR JOHN", [Person("SMITH", "JOHN", "", "JR")]),
        ("SMITH JOHN A & MARY B", [Person("SMITH", "JOHN", "A"), Person("SMITH", "MARY", "B")]),
        ("SMITH JOHN & SMITH MARY", [Person("SMITH", "JOHN"), Person("SMITH", "MARY")]),
        ("John & Mary Smith", [Person("SMITH", "JOHN"), Person("SMITH", "MARY")]),
        ("ESTATE OF SMITH JOHN", [Person("SMITH", "JOHN")]),
        ("SUCCESSION OF SMITH JOHN", [Person("SMITH", "JOHN")]),
        ("SMITH JOHN ET AL", [Person("SMITH", "JOHN")]),
        ("SMITH JOHN C/O JANE DOE", [Person("SMITH", "JOHN")]),
        ("HÉBERT RENÉ", [Person("HEBERT", "RENE")]),
    ],
)
def test_people_are_read_from_names(name, people):
    assert list(read_name(name_key(name), classify_owner(name)).people) == people


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("P.O. Box 12", "PO BOX 12"),
        ("12 North Main Street Unit 4", "12 N MAIN ST APT 4"),
        ("C/O ANN DOE 12 MAIN ST", "12 Main St."),
    ],
)
def test_addresses_compare_by_their_words(one, other):
    assert address_words(one) == address_words(other)


@pytest.mark.parametrize(
    ("street", "number"), [("12 MAIN ST", "12"), ("PO BOX 99", "99"), ("RURAL ROUTE", ""), ("", "")]
)
def test_the_house_number_is_the_first_number(street, number):
    assert house_number(street) == number


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("BOUDREAUX", "BOUDREUX", True), ("BOUDREAUX", "BOUDRAEUX", True), ("SMITH", "SMYTH", True),
        ("SMITH", "SMITHS", True), ("SMITH", "SMITH", False), ("SMITH", "SMYTHE", False), ("KIM", "KIN", False),
        ("1234", "1235", False), ("SMITH", "JONES", False), ("ABCD", "BADC", False),
    ],
)  # fmt: skip
def test_a_slip_is_one_letter(one, other, is_slip):
    assert slip(one, other) is is_slip
    assert slip(other, one) is is_slip


@pytest.mark.parametrize(
    ("one", "other", "shared", "verdict"),
    [
        ("SMITH JOHN A", "Smith, John A.", {}, "certain"),
        ("SMITH JOHN A", "JOHN A SMITH", {}, "certain"),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "9 OAK RD", "70726"), {"phone": True}, "certain"),
        ("SMITH JOHN A & MARY B", "SMITH MARY B & JOHN A", {}, "certain"),
        ("ACME LAND LLC", "ACME LAND, L.L.C.", {}, "certain"),
        ("BOUDREAUX JOHN A", "BOUDREUX JOHN A", {"phone": True}, "certain"),
        ("BOUDREAUX JOHN A", "BOUDREUX JOHN A", {}, "asked"),
        ("SMITH JOHN", "SMITH JOHN A", {}, "asked"),
        ("SMITH J", "SMITH JOHN", {}, "asked"),
        ("SMITH JOHN ALBERT", "SMITH JOHN A", {}, "asked"),
        ("SMITH BOB", "SMITH ROBERT", {}, "asked"),
        ("SMITH JOHN A & MARY B", "JOHN A SMITH", {}, "asked"),
        ("SMITH JOHN A", "JOHN SMITH", {}, "asked"),
        ("SMITH KELLY", "SMITH KLLY", {}, "asked"),
        ("SMITH JOHN A & MARY B", "SMITH JOHN A", {}, "asked"),
        ("SMITH JOHN A & MARY B", "SMITH JOHN", {}, "asked"),
        ("ESTATE OF SMITH JOHN", "SMITH JOHN", {}, "asked"),
        ("SMITH JOHN JR", "SMITH JOHN", {}, "asked"),
        ("ACME LAND LLC", "ACME LAND", {}, "asked"),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "9 OAK RD"), {"subdivision": True, "carriers": 3}, "asked"),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "9 OAK RD"), {"carriers": 2}, "asked"),
    ],
)
def test_one_owner(one, other, shared, verdict):
    assert judged(one, other, **shared) == verdict
    assert judged(other, one, **shared) == verdict


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("SMITH JOHN A", "SMITH MARY A", {"phone": True, "parcel": True}),
        ("SMITH JOHN", "SMITH JOAN", {"phone": True}),
        ("SMITH JOHN A", "SMITH JOHN B", {"phone": True}),
        ("SMITH JOHN JR", "SMITH JOHN SR", {"phone": True}),
        ("SMITH JOHN", "JONES JOHN", {"phone": True}),
        ("SMITH JOHN", "SMITH JOHN FAMILY TRUST", {"phone": True}),
        ("ACME LAND LLC", "ACME LAND INC", {"phone": True}),
        ("BAYOU HOLDINGS 2 LLC", "BAYOU HOLDINGS 3 LLC", {"phone": True}),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "9 OAK RD"), {"carriers": 40}),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "9 OAK RD", "70726"), {"carriers": 4, "subdivision": True}),
        (("SMITH JOHN A", "1 ELM ST"), ("SMITH JOHN A", "1 ELM ST", "77002"), {"carriers": 40}),
        (("SMITH JOHN A", ""), ("SMITH JOHN A", ""), {"carriers": 3}),
    ],
)
def test_different_people_or_too_little_to_ask(one, other, shared):
    assert judged(one, other, **shared) is None
    assert judged(other, one, **shared) is None


def test_the_evidence_is_in_words():
    match = compare(side("SMITH JOHN A JR"), side("SMITH J A"), Shared(phone=True))
    assert match.reasons == ("first name is an initial", "same mailing address", "same phone")
    assert match.against == ("only one is called JR: father and son?",)


def owner(name, street="100 MAIN ST", zip_code="70810", **more):
    return OwnerFactory(
        name=name, kind=classify_owner(name), mailing_street=street, mailing_zip=zip_code,
        mailing_key=mailing_key(street, "BATON ROUGE", "LA", zip_code), **more,
    )  # fmt: skip


def pairs():
    return {(p.first.name, p.second.name) for p in DuplicatePair.objects.queue().for_list()}


@db
def test_candidates_come_from_every_kind_of_block():
    owner("SMITH JOHN A", "100 MAIN ST"), owner("SMITH JOHN", "100 MAIN STREET")  # house
    owner("BOUDREAUX ANN B", "Rural Route", "70726"), owner("BOUDREUX ANN B", "RURAL ROUTE", "70726")  # no number
    owner("TRAHAN GUY H", "1 A ST", "70005"), owner("TRAHAN, GUY H", "2 A ST", "70005")  # name
    one, other = owner("GUIDRY PAUL C", "1 A ST", "70001"), owner("GUIDRY PAUL C", "2 B ST", "70002")  # phone
    phone = PhoneNumberFactory()
    OwnerPhoneFactory(owner=one, phone=phone), OwnerPhoneFactory(owner=other, phone=phone)
    parcel = ParcelFactory(subdivision="OAK PARK")
    OwnershipFactory(owner=owner("LANDRY EVE", "1 A ST", "70003"), parcel=parcel)  # parcel
    OwnershipFactory(owner=owner("LANDRY EVE D", "1 B ST", "70003"), parcel=parcel)
    near = ParcelFactory(parish=parcel.parish, subdivision="Oak Park")
    OwnershipFactory(owner=owner("HEBERT IDA F", "1 A ST", "70004"), parcel=parcel)  # subdivision
    OwnershipFactory(owner=owner("HEBERT IDA F", "", ""), parcel=near)

    found = find_duplicates()

    assert pairs() == {
        ("SMITH JOHN A", "SMITH JOHN"), ("BOUDREAUX ANN B", "BOUDREUX ANN B"), ("GUIDRY PAUL C", "GUIDRY PAUL C"),
        ("LANDRY EVE", "LANDRY EVE D"), ("TRAHAN GUY H", "TRAHAN, GUY H"), ("HEBERT IDA F", "HEBERT IDA F"),
    }  # fmt: skip
    assert (found.owners, found.queued, found.merged) == (12, 6, 0)


@db
def test_merged_and_never_contacted_owners_are_no_candidates():
    one, other = owner("SMITH JOHN A"), owner("SMITH JOHN A")
    merge_owners(one, other, by=None, reason="")
    owner("CITY OF BAKER"), owner("CITY OF BAKER")

    assert find_duplicates().owners == 1
    assert pairs() == set()


@db
def test_a_second_search_changes_nothing_but_what_changed():
    one, other = owner("SMITH JOHN A"), owner("SMITH JOHN A")
    find_duplicates()
    before = DuplicatePair.objects.get()

    find_duplicates()
    assert DuplicatePair.objects.get().created_at == before.created_at

    other.name_key = "JONES ANN"
    other.save()
    assert find_duplicates().withdrawn == 1
    assert pairs() == set()
    assert one.merged_into is None


@db
def test_pairs_decided_different_never_come_back_even_after_a_merge():
    one, other, third = owner("SMITH JOHN A"), owner("SMITH JOHN A"), owner("SMITH JOHN")
    find_duplicates()
    for pair in DuplicatePair.objects.queue():
        mark_different(pair, by=UserFactory())

    assert find_duplicates().queued == 0
    merge_owners(third, one, by=None, reason="")
    assert find_duplicates().queued == 0
    assert other.merged_into is None


@db
def test_blocks_over_the_limit_are_left_out_and_counted():
    for number in range(4):
        owner(f"SMITH JOHN {'ABCD'[number]}", "100 MAIN ST")

    found = find_duplicates(block_limit=3)

    assert found.skipped_blocks == {"house and ZIP": 1}
    assert found.compared == 0


@pytest.fixture
def switched():
    return MarketFactory(code="ON", auto_merge_owners=True)


def certain_pair(market):
    """The same man twice, with a lead each."""
    owners = owner("SMITH JOHN A"), owner("SMITH, JOHN A.", "100 Main Street")
    for one in owners:
        LeadFactory(owner=one, market=market)
    return owners


@db
def test_certain_pairs_are_merged_only_where_the_market_says_so(switched):
    asked = certain_pair(MarketFactory(auto_merge_owners=False))
    assert (find_duplicates().merged, len(pairs())) == (0, 1)

    for one in asked:
        one.leads.update(market=switched)
    found = find_duplicates()

    assert (found.merged, found.certain, found.queued) == (1, 1, 0)
    merge = OwnerMerge.objects.get()
    assert (merge.kept, merge.absorbed, merge.merged_by) == (*asked, None)
    assert merge.reason == "same name, same mailing address, nobody else has this name"
    assert Event.objects.of_kind("OwnersMerged").count() == 1


@db
def test_an_owner_in_two_markets_needs_the_word_of_both(switched):
    one, _ = certain_pair(switched)
    OwnershipFactory(owner=one)

    assert find_duplicates().merged == 0


@db
def test_what_is_not_certain_is_queued_even_where_merging_is_on(switched):
    for name in ("SMITH JOHN A", "SMITH JOHN"):
        LeadFactory(owner=owner(name), market=switched)

    assert (find_duplicates().merged, len(pairs())) == (0, 1)


@db
def test_an_undone_merge_is_not_made_again(switched):
    certain_pair(switched)
    find_duplicates()
    undo_merge(OwnerMerge.objects.get(), by=UserFactory())

    assert find_duplicates().merged == 0
    assert pairs() == set()


@db
def test_a_search_of_one_market_looks_at_its_owners_only(switched):
    certain_pair(MarketFactory())

    assert find_duplicates(switched).owners == 0


@db
def test_a_decision_is_made_once_and_can_be_taken_back():
    owner("SMITH JOHN A"), owner("SMITH JOHN")
    find_duplicates()
    pair, by = DuplicatePair.objects.get(), UserFactory()

    assert reopen_pair(pair, by=by).code == "decided"
    assert mark_different(pair, by=by)
    assert mark_different(pair, by=by).code == "decided"
    assert reopen_pair(pair, by=by)
    assert DuplicatePair.objects.queue().get().decided_by == by


@db
def test_progress_is_told_step_by_step():
    owner("SMITH JOHN A"), owner("SMITH JOHN")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_owner")  # how many there are is what PostgreSQL last found
    told = []

    find_duplicates(progress=lambda step, done, total: told.append((step, done, total)))

    assert told == [("reading owners", 2, 2), ("sorting into blocks", 0, 1), ("comparing", 1, 1)]


@db
def test_the_command_reports_as_json_and_refuses_an_unknown_market():
    owner("SMITH JOHN A"), owner("SMITH JOHN")
    out = StringIO()

    call_command("find_duplicates", "--json", stdout=out)

    report = json.loads(out.getvalue())
    assert (report["owners"], report["queued"]) == (2, 1)
    with pytest.raises(CommandError, match="no market"):
        call_command("find_duplicates", "--market", "XX")


@db
def test_the_task_leaves_its_progress_and_result_for_the_page():
    owner("SMITH JOHN A"), owner("SMITH JOHN")
    tell("comparing", 1, 4)
    assert (search_state().running, search_state().percent) == (True, 25)

    assert tasks.find_duplicates() == 1

    state = search_state()
    assert (state.running, state.found["queued"], state.found["owners"]) == (False, 1, 2)


@db
def test_a_search_that_fell_silent_is_not_running():
    with time_machine.travel("2026-03-02 10:00Z", tick=False):
        tell("comparing", 1, 4)
    with time_machine.travel("2026-03-02 10:11Z", tick=False):
        assert not search_state().running

"""What holds for any lists and any world they come into; `worlds` makes both, `acts` says what people do meanwhile.

Each example runs in a transaction of its own that is rolled back, which costs less than emptying the tables.
`make search` looks for new examples, for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Owner, Ownership, Parcel
from scoring.service import score_market
from scoring.waiting import score_waiting
from tests.factories import ParishFactory
from tests.leads.imports.acts import ALL_ACTS, FIELD_ACTS, LEAD_ACTS, LINK_ACTS, Act, acts
from tests.leads.imports.worlds import (
    ADDRESSES,
    COLUMNS,
    NUMBERS,
    AList,
    Records,
    bring_in,
    described,
    lists,
    records,
    sizes,
    steady,
    undo,
    unsound,
)

pytestmark = pytest.mark.django_db(transaction=True)
IS_SEARCH = settings().max_examples > 500


def examples(count: int) -> Callable[[Any], Any]:
    """So many in the suite."""
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    wanted = settings().max_examples if IS_SEARCH else count
    return settings(max_examples=wanted, suppress_health_check=health)


@pytest.fixture
def parish(tmp_path_factory, settings):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    return ParishFactory(market__code="LA")


@contextmanager
def a_world(parish: Any, *past: AList | Act) -> Iterator[None]:
    """These lists and acts, one after the other, and the leads scored; gone at the end."""
    with transaction.atomic():
        for step in past:
            step() if isinstance(step, Act) else bring_in(parish, step, chunks=(1000,))
        score_waiting()  # what people did
        yield
        transaction.set_rollback(True)


def pasts(most: int = 3, of: st.SearchStrategy[AList] = lists) -> st.SearchStrategy[list[AList | Act]]:
    return st.lists(st.one_of(of, acts(*ALL_ACTS).filter(bool).map(lambda some: some[0])), max_size=most)


def besides_marks(found: Records) -> Records:
    """Do-not-call marks outlive the list that brought them."""
    links = {key: {**row, "do_not_call": None} for key, row in found["leads_ownerphone"].items()}
    return found | {"leads_ownerphone": links}


def besides_stacks(found: Records) -> Records:
    """A parcel's stack says which list of a kind was the last."""
    return found | {"leads_parcellist": {key: {} for key in found["leads_parcellist"]}}


def marks(found: Records) -> set[Any]:
    return {key for key, row in found["leads_ownerphone"].items() if row["do_not_call"]}


def differences(before: Records, after: Records) -> dict[str, list[Any]]:
    """Table -> (key, was, is) for what differs; short enough to be read."""
    found = {}
    for table in before:
        keys = sorted(before[table].keys() | after[table].keys(), key=str)
        pairs = [(key, before[table].get(key), after[table].get(key)) for key in keys]
        if changed := [(key, *_only_changed(was, now)) for key, was, now in pairs if was != now]:
            found[table] = changed
    return found


def _only_changed(was: dict[str, Any] | None, now: dict[str, Any] | None) -> tuple[Any, Any]:
    if was is None or now is None:
        return was, now
    fields = [name for name in was if was[name] != now[name]]
    return {name: was[name] for name in fields}, {name: now[name] for name in fields}


# (a) import, then undo ------------------------------------------------------------------------------------------------
@examples(16)
@given(past=pasts(), last=lists, slices=sizes(4))
def test_importing_a_list_and_undoing_it_is_the_identity(parish, past, last, slices):
    """Into any world, with one exception: a do-not-call mark stays."""
    with a_world(parish, *past):
        before = records()

        kept = undo(bring_in(parish, last), slices=slices)

        after = records()
        assert differences(besides_marks(before), besides_marks(after)) == {}
        assert marks(after) >= marks(before)
        assert kept == []


@examples(8)
@given(brought=st.lists(lists, min_size=1, max_size=4))
def test_undoing_lists_from_the_last_to_the_first_leaves_nothing(parish, brought):
    with a_world(parish):
        before = records()
        for done in reversed([bring_in(parish, each) for each in brought]):
            assert undo(done) == []

        assert differences(before, records()) == {}


# (s) scores -----------------------------------------------------------------------------------------------------------
@examples(16)
@given(past=pasts(), last=lists, undone=st.booleans(), chunks=sizes(4), later=acts(*ALL_ACTS))
def test_after_lists_undoings_and_acts_of_people_scoring_everything_changes_nothing(
    parish, past, last, undone, chunks, later
):
    with a_world(parish, *past):
        done = bring_in(parish, last, chunks=chunks)
        if undone:
            undo(done)
        assert score_market(parish.market).value.changed == 0

        for act in later:
            act()
        score_waiting()
        assert score_market(parish.market).value.changed == 0


# (c) chunks and killed workers ----------------------------------------------------------------------------------------
@examples(10)
@given(past=pasts(2, lists.map(steady)), last=lists.map(steady), chunks=sizes(4))
def test_chunks_of_any_size_and_dying_workers_give_what_one_chunk_gives(parish, past, last, chunks):
    """Owners at one address each. Of one who moves and buys more land in one list two are made where the purchase comes
    in an earlier chunk than a parcel known as theirs: a chunk does not know what the next ones will tell. The search
    for duplicates finds them."""
    with a_world(parish, *past):
        with transaction.atomic():
            whole = outcome(bring_in(parish, last, chunks=(1000,)))
            transaction.set_rollback(True)

        assert outcome(bring_in(parish, last, chunks=chunks)) == whole


def outcome(done: Any) -> dict[str, Any]:
    counts = (done.rows_read, done.rows_created, done.rows_updated, done.rows_unchanged, done.rows_rejected)
    return described() | {"counts": counts}


# (e) the same list again ----------------------------------------------------------------------------------------------
@examples(8)
@given(past=pasts(2), last=lists)
def test_the_same_list_twice_changes_nothing_the_second_time(parish, past, last):
    with a_world(parish, *past, last):
        before = records()

        again = bring_in(parish, last)

        assert differences(besides_stacks(before), besides_stacks(records())) == {}
        assert (again.rows_created, again.rows_updated) == (0, 0)
        assert undo(again) == []
        assert differences(before, records()) == {}


# (b) people's work between import and undo ----------------------------------------------------------------------------
@examples(16)
@given(past=pasts(2), last=lists, since=acts(*FIELD_ACTS, *LINK_ACTS, *LEAD_ACTS, most=4))
def test_what_people_did_since_stays_and_all_else_goes_back(parish, past, last, since):
    """A field that a person wrote keeps its value, with the rest of its address or place, and is listed; what was
    there before is as it was; what the list made is gone, or listed as kept. Suppressions, consents, messages stay."""
    with a_world(parish, *past):
        before = records()
        done = bring_in(parish, last)
        imported = records()
        for act in since:
            act()
        worked = records()

        kept = undo(done)

        after = records()
        for table in before:
            for key in after[table].keys() | before[table].keys() | worked[table].keys():
                if table == "leads_leadsearch":  # follows from the others
                    continue
                versions = [found[table].get(key) for found in (before, imported, worked, after)]
                assert is_right(table, *versions, kept=bool(kept)), (table, key, kept, *versions)
        assert_listed(before, imported, worked, kept)
        assert unsound() == []


ADDRESS = ("mailing_street", "mailing_city", "mailing_state", "mailing_zip", "mailing_key")
PLACE = ("latitude", "longitude", "location_source")


def is_right(table: str, before: Any, imported: Any, worked: Any, after: Any, *, kept: bool) -> bool:
    if before is None and imported is None:  # people's own
        return bool(after == worked)
    if before is None:  # the list's own
        return after is None or (kept and (table != "leads_lead" or after["stage"] == worked["stage"]))
    if after is None or imported is None or worked is None:
        return before is None
    written = {name for name in before if imported[name] != worked[name]}
    for group in (ADDRESS, PLACE):
        if written & set(group):
            written |= set(group)
    allowed = {name: {str(worked[name] if name in written else before[name])} for name in before}
    for name in allowed:
        if name == "do_not_call" or (kept and name in ("until", "owner_id", "closed_by_list_id", "line_type")):
            allowed[name].add(str(worked[name]))
    return all(str(after[name]) in allowed[name] for name in before)


def assert_listed(before: Records, imported: Records, worked: Records, kept: list[str]) -> None:
    for key, was in before["leads_parcel"].items():
        wrote, now = imported["leads_parcel"][key], worked["leads_parcel"][key]
        for name in set(was) - set(PLACE):
            if len({str(was[name]), str(wrote[name]), str(now[name])}) == 3:
                assert any(f"{name.replace('_', ' ')} has been changed since" in reason for reason in kept)


# (d) the order of lists -----------------------------------------------------------------------------------------------
@examples(8)
@given(data=st.data())
def test_lists_that_agree_may_come_in_any_order(parish, data):
    """Lists of any kinds that overlap give the same parcels, owners, leads, numbers, marks and stacks in any order,
    where they agree on what both tell (one may leave blank, or spoil, what the other tells), where GIS lists alone
    disagree about the place (they know best), and where their do-not-call marks differ (one is enough).

    Order does matter, and is left to, where
    - two lists give one field different values: the later wins; of e-mail addresses and line types the first;
    - a list names an unknown parcel without creating it (GIS, skip trace; a list without its owner): it is rejected;
    - two lists give a parcel different owners: the later one's owns it;
    - owners are named with their address in one list and without it in another;
    - numbers are ranked: those of the earlier list are tried first; and a place's source is the later list's.
    """
    brought = data.draw(agreeing_lists())
    base = [AList("tax_roll", tuple(told(number, {"owner"}) for number in NUMBERS[:4]))]
    in_order = data.draw(st.permutations(brought))
    with a_world(parish, *base, *brought):
        expected = of_any_order(described())
    with a_world(parish, *base, *in_order):
        assert of_any_order(described()) == expected


TRUTH = {
    "001": ("BOUDREAUX JEAN", ADDRESSES[0], "225-344-1234", "1", "9000", "yes", "3", "(30.45, -91.18)"),
    "002": ("HEBERT ANNA", ADDRESSES[1], "225-344-9876", "2.5", "12000", "yes", "1", "(30.5, -91.0)"),
    "003": ("BOUDREAUX JEAN", ADDRESSES[0], "225-344-0001", "2.5", "9000", "no", "2", "(30.45, -91.18)"),
    "004": ("ACME LAND LLC", ADDRESSES[1], "225-344-1234", "1", "12000", "no", "1", "(30.5, -91.0)"),
}
LINE_TYPES = {"225-344-1234": "mobile", "225-344-9876": "landline", "225-344-0001": "mobile"}
SPOILT = {"acres": "-1", "land_value": "-5", "situs_address": "nan", "last_sale_on": "12/31/1899",
          "phone_1": "555-555-5555", "location": "(0, 0)", "years_delinquent": "2.5"}  # fmt: skip


def told(number: str, shown: set[str], spoilt: set[str] = frozenset(), source: str = "tax_roll") -> dict[str, str]:
    """What is true of a parcel, as far as it is shown."""
    name, address, phone, acres, value, adjudicated, years, place = TRUTH[number]
    facts = {
        "phone_1": phone, "phone_1_type": LINE_TYPES[phone], "acres": acres, "land_value": value,
        "adjudicated": adjudicated, "years_delinquent": years, "situs_address": f"{number} RIVER RD", "ward": "7",
        "zoning": "R1", "inside_city": "yes", "last_sale_on": "2019-03-04",
        "location": "(30.6, -91.1)" if source == "gis" else place, "phone_1_dnc": "yes",
        "email": f"{name[:4]}@example.com",
    }  # fmt: skip
    row = dict.fromkeys(COLUMNS[source], "") | {"number": number}
    row |= {column: SPOILT[column] for column in spoilt if column in row}
    row |= {column: cell for column, cell in facts.items() if column in row and column in shown}
    if "owner" in shown and "owner_name" in row:
        row["owner_name"] = name
        if "mailing_street" in row:
            row |= dict(zip(ADDRESS[:4], address, strict=True))
    return row


SHOWN = ("owner", "phone_1", "phone_1_type", "phone_1_dnc", "acres", "land_value", "adjudicated", "years_delinquent",
         "situs_address", "ward", "zoning", "inside_city", "last_sale_on", "location", "email")  # fmt: skip


@st.composite
def agreeing_lists(draw: st.DrawFn) -> list[AList]:
    made = []
    for source in draw(st.lists(st.sampled_from(sorted(set(COLUMNS) - {"sales"})), min_size=2, max_size=3)):
        parcels = [number for number in NUMBERS[:4] if source != "adjudicated" or TRUTH[number][5] == "yes"]
        of = draw(st.lists(st.sampled_from(parcels), min_size=1, max_size=4, unique=True))
        subsets = st.sets(st.sampled_from(SHOWN))
        told_rows = [told(n, draw(subsets), draw(st.sets(st.sampled_from(sorted(SPOILT)))), source) for n in of]
        made.append(AList(source, tuple(told_rows)))
    return made


def of_any_order(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: rows for name, rows in found.items() if name != "ranks"} | {
        "parcels": [{**row, "location_source": row["location_source"] == "gis"} for row in found["parcels"]]
    }


# (f) what no list takes away ------------------------------------------------------------------------------------------
@examples(12)
@given(past=pasts(4), last=lists)
def test_no_list_takes_away_what_owners_and_people_have_said(parish, past, last):
    """Opt-outs, consents, messages, merges, do-not-call marks, ended links, a lead's stage and rep, the owners and the
    values that people have entered: all as before, whatever is imported."""
    with a_world(parish, *past):
        before = records()
        written = written_by_people()

        bring_in(parish, last)

        after = records()
        for table in ("outreach_suppression", "outreach_consent", "outreach_message", "leads_ownermerge"):
            assert after[table] == before[table]
        assert marks(after) >= marks(before)
        for table, key, field in written:
            assert after[table][key][field] == before[table][key][field], (table, key, field)
        for key, was in before["leads_lead"].items():
            for field in ("stage", "assigned_to_id", "archived_at", "deleted_at", "market_id"):
                assert after["leads_lead"][key][field] == was[field]
        for key, was in before["leads_ownerphone"].items():
            assert (after["leads_ownerphone"][key]["until"], after["leads_ownerphone"][key]["rank"]) == (
                was["until"],
                was["rank"],
            )


def written_by_people() -> set[tuple[str, Any, str]]:
    """Table, record and field, from the history: told apart here by comparing the rows in Python."""
    found = set()
    for model in (Parcel, Owner, Ownership):
        last: dict[Any, dict[str, Any]] = {}
        for row in model.history.order_by("history_id").values():
            was = last.get(row["id"], {})
            fields = [name for name in row if not name.startswith("history_") and name not in ("id", "updated_at")]
            if row["history_user_id"]:
                changed = [name for name in fields if (row[name] or None) != (was.get(name) or None)]
                found |= {(model._meta.db_table, row["id"], name) for name in changed}
            last[row["id"]] = row
    return {(table, key, name) for table, key, name in found if name not in ("created_at", "since", "parcel_id")}

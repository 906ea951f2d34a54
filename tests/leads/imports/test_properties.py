"""Of any lists: importing and undoing changes nothing; where the order of two lists should not matter it does not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.imports.runner import run_import
from leads.imports.undo import request_undo, run_undo
from leads.models import ImportRow, ListImport
from tests.factories import ParishFactory
from tests.leads.imports.test_undo import records

pytestmark = pytest.mark.django_db
ROLL = ("parcel", "owner", "street", "city", "state", "zip", "email", "phone", "acres", "land_value")
FIELDS = ("number", "owner_name", "mailing_street", "mailing_city", "mailing_state", "mailing_zip", "email", "phone_1",
          "acres", "land_value")  # fmt: skip
# Few values, so that rows of different lists meet: the same parcels, owners, addresses and numbers.
numbers = st.sampled_from(["001", "002", "003", "004"])
roll_rows = st.tuples(
    numbers,
    st.sampled_from(["BOUDREAUX JEAN", "BOUDREAUX JEAN A", "HEBERT ANNA", "ACME LAND LLC", ""]),
    st.sampled_from(["1 OAK ST", "9 ELM ST", ""]),
    st.sampled_from(["HOUSTON", "BATON ROUGE"]),
    st.sampled_from(["TX", "LA"]),
    st.sampled_from(["77002", "70801"]),
    st.sampled_from(["", "jean@example.com"]),
    st.sampled_from(["", "225-344-1234", "225-344-9876", "504-555-0123"]),
    st.sampled_from(["", "1", "2.5"]),
    st.sampled_from(["", "9000", "12000"]),
)
trace_rows = st.tuples(
    numbers,
    st.sampled_from(["BOUDREAUX JEAN", "HEBERT ANNA", ""]),
    st.sampled_from(["225-344-1234", "225-344-0001", ""]),
    st.sampled_from(["mobile", "landline", ""]),
)
rolls = st.tuples(st.just("tax_roll"), st.lists(roll_rows, min_size=1, max_size=6))
delinquent = st.tuples(st.just("delinquent"), st.lists(roll_rows, min_size=1, max_size=4))
traces = st.tuples(st.just("skip_trace"), st.lists(trace_rows, min_size=1, max_size=4))
lists = st.one_of(rolls, delinquent, traces)
MAPPINGS = {
    "tax_roll": dict(zip(FIELDS, ROLL, strict=True)),
    "delinquent": dict(zip(FIELDS, ROLL, strict=True)),
    "skip_trace": {"number": "parcel", "owner_name": "owner", "phone_1": "phone", "phone_1_type": "type"},
}
HEADERS = {"tax_roll": ROLL, "delinquent": ROLL, "skip_trace": ("parcel", "owner", "phone", "type")}


@pytest.fixture
def parish(tmp_path_factory, settings):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    return ParishFactory(market__code="LA")


class _Written(list):  # type: ignore[type-arg]
    def write(self, text: str) -> None:
        self.append(text)


def bring_in(parish, source, rows, *, chunk_rows=3) -> ListImport:
    text = _Written()
    csv.writer(text).writerows([HEADERS[source], *rows])
    list_import = ListImport(market=parish.market, parish=parish, source=source, filename="list.csv", status="queued",
                             mapping=MAPPINGS[source])  # fmt: skip
    list_import.file.save("list.csv", ContentFile("".join(text).encode()))
    done = run_import(list_import.pk, chunk_rows=chunk_rows)
    assert done is not None
    assert (done.status, done.error) == ("done", "")
    Path(done.file.path).unlink()
    return done


def undo(list_import) -> None:
    if list_import.rows_read > list_import.rows_rejected:
        assert request_undo(list_import, by=None)
        undone = run_undo(list_import.pk, rows=2)
        assert undone is not None
        assert list(ImportRow.objects.of(undone).kept()) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=st.lists(lists, max_size=2), last=lists)
def test_importing_a_list_and_undoing_it_is_the_identity(parish, known, last):
    with transaction.atomic():
        for source, rows in known:
            bring_in(parish, source, rows)
        before = records()

        undo(bring_in(parish, *last))

        assert records() == before
        transaction.set_rollback(True)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(brought=st.lists(lists, min_size=1, max_size=4))
def test_undoing_lists_from_the_last_to_the_first_leaves_nothing(parish, brought):
    with transaction.atomic():
        for done in reversed([bring_in(parish, *each) for each in brought]):
            undo(done)

        assert not any(records().values())
        transaction.set_rollback(True)


def described() -> dict[str, set[tuple[object, ...]]]:
    """The records without their ids, times and sources."""
    questions = {
        "parcels": "SELECT number, acres, land_value, years_delinquent FROM leads_parcel",
        "owners": "SELECT p.number, o.name_key, o.mailing_key FROM leads_ownership w JOIN leads_owner o"
        " ON o.id = w.owner_id JOIN leads_parcel p ON p.id = w.parcel_id WHERE w.until IS NULL",
        "leads": "SELECT p.number, o.name_key FROM leads_lead l JOIN leads_owner o ON o.id = l.owner_id"
        " JOIN leads_parcel p ON p.id = l.parcel_id",
        "phones": "SELECT o.name_key, n.number_hash::text FROM leads_ownerphone k JOIN leads_owner o"
        " ON o.id = k.owner_id JOIN leads_phonenumber n ON n.id = k.phone_id WHERE k.until IS NULL",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, question in questions.items():
            cursor.execute(question)
            found[name] = set(cursor.fetchall())
    return found


def outcome(parish, *brought) -> dict[str, set[tuple[object, ...]]]:
    with transaction.atomic():
        for source, rows in brought:
            bring_in(parish, source, rows)
        found = described()
        transaction.set_rollback(True)
    return found


land = st.dictionaries(
    numbers, st.tuples(st.sampled_from(["1", "2.5"]), st.sampled_from(["9000", "12000"])), min_size=4
)
OWNERS = {"001": "BOUDREAUX JEAN", "002": "HEBERT ANNA", "003": "BOUDREAUX JEAN", "004": "ACME LAND LLC"}


def rows_of(parcels, land, phones):
    return [
        (number, OWNERS[number], "1 OAK ST", "HOUSTON", "TX", "77002", "", phones.get(number, ""), *land[number])
        for number in sorted(parcels)
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(land=land, first=st.sets(numbers, min_size=1), second=st.sets(numbers, min_size=1),
       phones=st.dictionaries(numbers, st.sampled_from(["225-344-1234", "225-344-9876"])))  # fmt: skip
def test_two_overlapping_lists_that_agree_may_come_in_any_order(parish, land, first, second, phones):
    roll = ("tax_roll", rows_of(first, land, phones))
    late = ("delinquent", rows_of(second, land, phones))

    assert outcome(parish, roll, late) == outcome(parish, late, roll)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(brought=lists)
def test_the_same_list_twice_changes_nothing_the_second_time(parish, brought):
    with transaction.atomic():
        bring_in(parish, *brought)
        before = described()

        again = bring_in(parish, *brought)

        assert described() == before
        assert (again.rows_created, again.rows_updated) == (0, 0)
        transaction.set_rollback(True)

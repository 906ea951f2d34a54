"""New texts of the search index are filed beside a long list, by a connection that is gone when the list is done."""

import time

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from leads.imports.intake import Target, receive_list
from leads.imports.runner import run_import
from leads.imports.search_filing import FILE, filing_beside
from leads.models import Lead, ListImport
from local.demo_data import write_demo_files
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS = (
    "SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'"
)


def asked(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@pytest.fixture
def nothing_waits():
    asked(FILE)


@pytest.fixture
def no_connection_stays():
    """Whoever is connected afterwards was before; a server takes its moment to see a connection closed."""
    before = set(asked(CONNECTIONS))
    yield
    for _ in range(100):
        if not (stayed := set(asked(CONNECTIONS)) - before):
            return
        time.sleep(0.05)
    raise AssertionError(f"still connected: {stayed}")


def test_what_waits_is_filed_by_another_connection(nothing_waits, no_connection_stays):
    LeadFactory.create_batch(3)
    with filing_beside() as file_waiting:
        file_waiting()

    assert asked(FILE) == 0


def test_without_it_new_texts_wait(nothing_waits):
    LeadFactory.create_batch(3)
    with filing_beside():
        pass

    assert asked(FILE) > 0


@pytest.mark.parametrize(("chunk_rows", "is_filed"), [(50, True), (1_000, False)])
def test_a_long_list_files_beside_itself_and_a_short_one_need_not(
    nothing_waits, no_connection_stays, market, parish, tmp_path, chunk_rows, is_filed
):
    roll = write_demo_files(tmp_path / "demo", 300, only=("roll",)).roll
    target = Target(market, parish, "tax_roll")
    list_import, _ = receive_list(target, ContentFile(roll.read_bytes()), "roll.csv", by=UserFactory())
    ListImport.objects.make_ready(list_import, list_import.mapping)

    done = run_import(list_import.pk, chunk_rows=chunk_rows)

    assert done.status == "done"
    word = Lead.objects.latest("pk").parcel.number
    assert Lead.objects.searched(word).count() == 1
    assert (asked(FILE) == 0) == is_filed


def test_whoever_holds_the_index_is_not_waited_for(nothing_waits, caplog):
    LeadFactory()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; REINDEX INDEX lead_search_text")
        with filing_beside() as file_waiting:
            file_waiting()
        cursor.execute("ROLLBACK")

    assert "is not kept up beside the list: canceling statement due to lock timeout" in caplog.text

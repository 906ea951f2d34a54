"""A list goes on after whatever stops it, and its rows go in once: killed, cancelled, taken over, cut in any chunks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from leads.imports.intake import Target, cancel_import, receive_list, retry_import
from leads.imports.runner import MAX_ATTEMPTS, claim, run_import
from leads.models import Event, ImportRow, Lead, ListImport, Owner, OwnerPhone, Ownership, Parcel
from leads.tasks import resume_list_imports, run_list_import
from local import environment
from local.demo_data import write_demo_files
from tests.factories import UserFactory

WORKER = """
import sys, django
django.setup()
from leads.imports.runner import run_import
def told(read, total):
    print(read, flush=True)
    sys.stdin.readline()
run_import(int(sys.argv[1]), progress=told, chunk_rows=50)
"""
BLOCKED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class WorkerDiedError(Exception):
    """As if the worker had died: nobody catches it."""


@pytest.fixture
def queued(market, parish, tmp_path):
    """A roll of 300 rows with its dirt, ready to run."""
    roll = write_demo_files(tmp_path / "demo", 300, only=("roll",)).roll
    target = Target(market, parish, "tax_roll")
    list_import, _ = receive_list(target, ContentFile(roll.read_bytes()), "roll.csv", by=UserFactory())
    ListImport.objects.make_ready(list_import, list_import.mapping)
    return list_import


def lose_the_worker(list_import):
    """Its last sign of life is long past."""
    ListImport.objects.filter(pk=list_import.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=10))


def went_in_whole_and_once(list_import):
    list_import.refresh_from_db()
    assert (list_import.status, list_import.rows_read) == ("done", 300)
    assert Parcel.objects.count() == list_import.rows_created > 250
    assert Parcel.history.count() == Parcel.objects.count() + list_import.rows_updated
    assert Lead.objects.count() == Event.objects.of_kind("LeadCreated").count()
    assert ImportRow.objects.of(list_import).rejected().count() == list_import.rows_rejected
    assert Event.objects.of_kind("ListImported").count() == 1
    return True


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_midst_of_writing_leaves_no_half_chunk(queued, settings):
    with worker(queued, settings) as process, psycopg.connect(database_url()) as other:
        assert process.stdout.readline() == "50\n"
        other.execute("LOCK TABLE leads_lead IN SHARE MODE")
        process.stdin.write("\n")
        process.stdin.flush()  # the next chunk writes its parcels and owners, and waits for the table of leads
        wait_until(lambda: other.execute(BLOCKED).fetchone())
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        other.rollback()
        wait_until(lambda: not other.execute(WRITING).fetchone())
    queued.refresh_from_db()
    assert (queued.status, queued.rows_read) == ("running", 50)
    assert Parcel.objects.count() == queued.rows_created <= 50

    assert resume_list_imports() == 0
    lose_the_worker(queued)
    assert resume_list_imports() == 1
    run_list_import(queued.pk)

    assert went_in_whole_and_once(queued)


WRITING = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'relation' AND relation = 'leads_parcel'::regclass"
    " AND mode = 'RowExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def worker(list_import, settings):
    environ = os.environ | {
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(list_import.pk)],
        cwd=environment.PROJECT_DIR, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def database_url():
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def wait_until(true):
    """`true` asks the server each time, which paces the loop."""
    until = timezone.now() + timedelta(seconds=20)
    while not true():
        assert timezone.now() < until


@pytest.mark.django_db(transaction=True)
def test_a_slow_worker_that_was_taken_over_writes_nothing_more(queued):
    def sleep_through_the_takeover(read, total):
        if read == 50:
            lose_the_worker(queued)
            assert run_import(queued.pk).status == "done"

    run_import(queued.pk, progress=sleep_through_the_takeover, chunk_rows=50)

    assert went_in_whole_and_once(queued)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_both_believe_to_be_the_one_write_nothing_twice(queued):
    def die(read, total):
        if read == 150:
            raise WorkerDiedError

    def be_overtaken(read, total):
        if read == 50:
            lose_the_worker(queued)
            with pytest.raises(WorkerDiedError):
                run_import(queued.pk, progress=die, chunk_rows=50)

    overtaken = run_import(queued.pk, progress=be_overtaken, chunk_rows=50)
    assert (overtaken.status, overtaken.rows_read) == ("running", 150)

    lose_the_worker(queued)
    run_import(queued.pk)
    assert went_in_whole_and_once(queued)


def test_a_cancelled_list_stops_at_its_next_chunk_and_goes_on_from_there(queued):
    person = UserFactory()

    def cancel(read, total):
        if read == 100:
            assert cancel_import(queued, by=person)

    stopped = run_import(queued.pk, progress=cancel, chunk_rows=50)
    assert (stopped.status, stopped.rows_read) == ("cancelled", 100)
    assert run_import(queued.pk) is None
    assert resume_list_imports() == 0

    assert retry_import(queued, by=person)
    run_import(queued.pk)
    assert went_in_whole_and_once(queued)


def test_a_list_that_ends_its_worker_each_time_is_given_up(queued):
    for _ in range(MAX_ATTEMPTS):
        assert claim(queued.pk).status == "running"
        lose_the_worker(queued)

    assert run_import(queued.pk) is None

    queued.refresh_from_db()
    assert (queued.status, queued.error) == ("failed", f"roll.csv: given up after {MAX_ATTEMPTS} starts")
    assert not Parcel.objects.exists()
    assert retry_import(queued, by=UserFactory())


def test_a_list_whose_stored_file_is_gone_fails_with_advice(queued):
    queued.file.storage.delete(queued.file.name)

    failed = run_import(queued.pk)

    assert (failed.status, failed.error) == ("failed", "roll.csv: the stored file is gone; upload it again")


@pytest.mark.parametrize("size", [13, 299])
def test_chunks_of_any_size_give_one_result(queued, size):
    assert stored_by(queued, size) == stored_by(queued, 10_000)


def stored_by(list_import, chunk_rows):
    """What a run leaves in the records, apart from numbers and moments of the database; taken back afterwards."""
    with transaction.atomic():
        done = run_import(list_import.pk, chunk_rows=chunk_rows)
        found = {
            "counters": (done.rows_created, done.rows_updated, done.rows_unchanged, done.rows_rejected),
            "rows": list(
                ImportRow.objects.values_list("line", "outcome", "reason", "before").order_by("line", "outcome")
            ),
            "parcels": [row[2:] for row in Parcel.objects.order_by("number").values_list("id", "created_at", *LAND)],
            "owners": sorted(Owner.objects.values_list("name", "kind", "mailing_street", "mailing_zip")),
            "ownerships": sorted(Ownership.objects.values_list("parcel__number", "owner__name", "source")),
            "leads": sorted(Lead.objects.values_list("parcel__number", "owner__name", "stage")),
            "phones": sorted((link.owner.name, link.phone.number, link.rank) for link in links()),
        }
        transaction.set_rollback(True)
    return found


LAND = ("number", "situs_address", "situs_zip", "acres", "land_value", "improvement_value", "subdivision", "ward")


def links():
    return OwnerPhone.objects.select_related("owner", "phone")

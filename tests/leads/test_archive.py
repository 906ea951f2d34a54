"""Archiving events: whatever happens midway, each event is in exactly one place and counted once."""

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.locks import advisory_lock
from leads.archive import ARCHIVE_LOCK, archive_events, due_events
from leads.merging import merge_owners
from leads.models import AnyEvent, ArchivedEvent, Event, EventDay, EventRestore
from leads.querysets_archive import Position
from leads.restoring import fulfil_restores, month_period, restore_lead, restore_period
from leads.tasks import archive_old_events, bring_events_back
from tests.factories import LeadFactory, MarketFactory, OwnerFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
OLD = datetime(2024, 3, 5, 18, tzinfo=UTC)
KIND = Event.Kind.NOTE_ADDED


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(NOW, tick=True)


def happened(at=OLD, *, lead=None, owner=None, kind=KIND, handled=True, **data):
    return Event.objects.create(
        kind=kind,
        lead=lead,
        owner=owner or (lead.owner if lead else None),
        data=data,
        created_at=at,
        handled_at=at if handled else None,
    )


def everything():
    """All that is known of each event, wherever it is kept."""
    fields = ("id", "kind", "lead", "owner", "actor", "data", "created_at", "handled_at")
    rows = [json.dumps(row, default=str) for row in AnyEvent.objects.values_list(*fields)]
    assert len(rows) == len(set(rows))
    return set(rows)


def counted():
    return {(day.market_id, day.day.isoformat(), day.kind): day.count for day in EventDay.objects.all() if day.count}


def recounted():
    rows = ArchivedEvent.objects.values_list("market_id", "day", "kind")
    return dict(Counter((market, day.isoformat(), kind) for market, day, kind in rows))


@pytest.fixture
def lead():
    return LeadFactory()


def spread(lead, count):
    """Events of three months, several a day."""
    return [happened(OLD + timedelta(hours=5 * n), lead=lead, text=str(n)) for n in range(count)]


def test_old_events_move_with_everything_they_say_and_recent_ones_stay(lead):
    old = happened(lead=lead, text="called about the fence")
    recent = happened(NOW - timedelta(days=729), lead=lead)
    before = everything()

    assert archive_events().moved == 1

    assert everything() == before
    assert ArchivedEvent.objects.get().pk == old.pk
    assert list(Event.objects.all()) == [recent]
    assert counted() == {(lead.market_id, "2024-03-05", "NoteAdded"): 1}


def test_an_event_that_waits_for_its_reactions_stays(lead):
    waiting = happened(lead=lead, handled=False)

    assert archive_events().moved == 0

    assert list(Event.objects.waiting_kinds(10)) == [waiting.pk]


def test_each_market_has_its_age_and_may_keep_its_events_for_ever(lead):
    short = LeadFactory(market=MarketFactory(events_archived_after_days=90))
    never = LeadFactory(market=MarketFactory(events_archived_after_days=None))
    at = NOW - timedelta(days=100)
    kept = [happened(at, lead=lead), happened(OLD, lead=never)]
    moved = happened(at, lead=short)

    archive_events()

    assert set(Event.objects.all()) == set(kept)
    assert ArchivedEvent.objects.get().pk == moved.pk


def test_events_of_no_lead_go_by_the_longest_age_of_all_markets():
    long, short = MarketFactory(events_archived_after_days=1000), MarketFactory(events_archived_after_days=90)
    owner = OwnerFactory()
    happened(NOW - timedelta(days=999), owner=owner)
    gone = happened(NOW - timedelta(days=1001), owner=owner)

    archive_events()

    assert ArchivedEvent.objects.get().pk == gone.pk
    assert EventDay.objects.get().market is None
    short.events_archived_after_days = None
    short.save()
    long.delete()
    assert archive_events().moved == 0


def test_batches_lose_nothing_and_a_second_run_moves_nothing(lead):
    spread(lead, 47)
    before = everything()

    assert archive_events(batch=10).moved == 47
    assert archive_events(batch=10).moved == 0

    assert everything() == before
    assert Event.objects.count() == 0
    assert counted() == recounted()
    assert sum(counted().values()) == 47


class KilledError(Exception):
    pass


def test_a_run_that_is_killed_between_batches_is_taken_up_by_the_next(lead):
    spread(lead, 30)
    before = everything()

    def kill(moved):
        if moved == 20:
            raise KilledError

    with pytest.raises(KilledError):
        archive_events(batch=10, progress=kill)

    assert (ArchivedEvent.objects.count(), everything()) == (20, before)
    assert archive_events(batch=10).moved == 10
    assert everything() == before
    assert counted() == recounted()


def test_a_batch_that_fails_midway_moves_and_counts_nothing(lead):
    spread(lead, 5)
    before = everything()
    with connection.cursor() as cursor:  # the last statement of the move fails, after the events were deleted
        cursor.execute("ALTER TABLE leads_eventday ADD CONSTRAINT disk_full CHECK (count = 0)")

    with pytest.raises(DatabaseError), transaction.atomic():
        archive_events()

    assert (everything(), Event.objects.count(), counted()) == (before, 5, {})


def test_the_time_given_is_kept_and_the_rest_waits(lead):
    spread(lead, 30)

    done = archive_events(batch=10, seconds=0)

    assert (done.moved, done.complete) == (10, False)


@pytest.mark.django_db(transaction=True)
def test_two_runs_do_no_harm_and_a_locked_event_is_left_out():
    lead = LeadFactory()
    first, *others = spread(lead, 12)
    before = everything()
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic(), advisory_lock("a reader"):
                Event.objects.select_for_update().get(pk=first.pk)
                held.set()
                done.wait(10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    moved = archive_events(batch=5).moved
    done.set()
    holder.join()

    assert moved == len(others)
    assert archive_events().moved == 1
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_while_one_run_is_at_work_another_leaves_at_once():
    spread(LeadFactory(), 3)
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with advisory_lock(ARCHIVE_LOCK):
                held.set()
                done.wait(10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        assert archive_events().complete is False
        assert archive_old_events() == 0
        with pytest.raises(CommandError, match="another run"):
            call_command("archive_events", "--json")
    finally:
        done.set()
        holder.join()
    assert Event.objects.count() == 3


def test_what_was_archived_comes_back_as_it_was_and_is_counted_no_longer(lead):
    spread(lead, 60)
    before, live = everything(), sorted(Event.objects.values_list("pk", "created_at", "data__text"))
    archive_events()

    restore_period(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), by=None)
    assert bring_events_back() == 60

    assert sorted(Event.objects.values_list("pk", "created_at", "data__text")) == live
    assert (everything(), counted(), ArchivedEvent.objects.count()) == (before, {}, 0)


def test_what_was_brought_back_stays_until_its_time_is_over(lead, time_machine):
    spread(lead, 6)
    archive_events()
    restore_lead(lead, by=None)
    fulfil_restores()

    assert archive_events().moved == 0
    time_machine.move_to(NOW + timedelta(days=31), tick=True)
    assert archive_events().moved == 6
    assert counted() == recounted()


def test_a_period_brings_back_its_events_alone(lead):
    march, april = happened(OLD, lead=lead), happened(OLD + timedelta(days=31), lead=lead)
    archive_events()

    restore_period(*month_period(OLD.date()), by=None)
    fulfil_restores(batch=1)

    assert list(Event.objects.values_list("pk", flat=True)) == [march.pk]
    assert ArchivedEvent.objects.get().pk == april.pk
    assert EventRestore.objects.get().events == 1
    assert not restore_period(OLD, OLD, by=None)
    assert counted() == recounted()


def test_a_lead_brings_back_its_timeline_also_from_before_its_owner_was_merged(lead):
    absorbed, other = OwnerFactory(), LeadFactory()
    mine = [happened(lead=lead), happened(owner=lead.owner), happened(owner=absorbed)]
    happened(lead=other)
    merge_owners(lead.owner, absorbed, by=None, reason="")
    Event.objects.filter(kind="OwnersMerged").update(handled_at=timezone.now())
    archive_events()

    restore_lead(lead, by=None)
    fulfil_restores()

    assert set(Event.objects.exclude(kind="OwnersMerged").values_list("pk", flat=True)) == {event.pk for event in mine}
    assert archive_events().moved == 0
    assert ArchivedEvent.objects.get().lead_id == other.pk


def test_the_archive_has_a_partition_for_each_month_and_a_period_reads_its_own_alone(lead):
    spread(lead, 400)  # March to May 2024
    archive_events(batch=150)

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM leads_eventarchive GROUP BY 1 ORDER BY 1")
        sizes = dict(cursor.fetchall())
    assert list(sizes) == [f"leads_eventarchive_2024_0{month}" for month in (3, 4, 5)]
    april = AnyEvent.objects.between(datetime(2024, 4, 2, tzinfo=UTC), datetime(2024, 4, 9, tzinfo=UTC))
    plan = april.explain()
    assert "leads_eventarchive_2024_04" in plan
    assert "leads_eventarchive_2024_03" not in plan
    assert "leads_eventarchive_2024_05" not in plan


def test_pages_of_the_timeline_show_each_event_once_whatever_their_times(lead):
    same = [happened(OLD, lead=lead, text=str(n)) for n in range(25)]
    recent = [happened(NOW - timedelta(days=1), lead=lead, text=str(n)) for n in range(25)]
    archive_events()
    seen, position = [], None
    while page := AnyEvent.objects.timeline(lead, 7, position):
        seen += [event.pk for event in page]
        position = Position(page[-1].created_at, page[-1].pk)

    assert seen == [event.pk for event in [*reversed(recent), *reversed(same)]]


def test_the_command_counts_moves_and_brings_back(lead):
    spread(lead, 10)

    def ran(*arguments):
        out = StringIO()
        call_command("archive_events", *arguments, stdout=out, stderr=StringIO())
        return out.getvalue()

    assert [(row.market, row.month, row.events) for row in due_events()] == [(lead.market.code, "2024-03", 10)]
    assert json.loads(ran("--dry-run", "--json"))["total"] == 10
    assert "10 events would be archived" in ran("--dry-run")
    assert Event.objects.count() == 10
    assert "10 events archived" in ran()
    assert "10 events brought back" in ran("--restore", "2024-03")
    assert "0 events brought back" in ran("--restore-lead", str(lead.pk))
    for wrong in (("--restore", "March"), ("--restore-lead", "987654")):
        with pytest.raises(CommandError):
            ran(*wrong)


def test_a_deleted_leads_archived_events_go_with_it(lead):
    happened(lead=lead)
    archive_events()

    lead.delete()

    assert not ArchivedEvent.objects.exists()

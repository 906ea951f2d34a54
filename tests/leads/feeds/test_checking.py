"""Looking at a feed: what is certain is imported once, what is not waits for a person, and trouble is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from config.outbox import deliver_events
from leads.feeds.checking import ask_for_check, check_feed
from leads.imports.intake import cancel_import
from leads.imports.runner import run_import
from leads.models import Event, ListFeed, ListFeedCheck, ListImport, Parcel
from leads.querysets_feeds import GIVEN_UP_AFTER
from leads.tasks import check_list_feeds
from ops.models import Alert
from tests.factories import UserFactory
from tests.leads.feeds.conftest import MAPPING, ROLL

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=5)


def look(feed, after=SOON):
    """A look some time from now; the feed as it is then."""
    with time_machine.travel(timezone.now() + after, tick=True):
        found = check_feed(feed.pk)
    assert found is not None
    return found


def log(feed):
    return list(ListFeedCheck.objects.filter(feed=feed).order_by("id").values_list("outcome", "detail", "times"))


@pytest.fixture
def roll(root):
    path = root / "ebr" / "roll.csv"
    path.write_text(ROLL)
    return path


def test_a_feed_is_off_until_somebody_switches_it_on(a_feed, roll):
    feed = a_feed(active=ListFeed._meta.get_field("active").default)

    assert check_feed(feed.pk) is None
    assert not ListImport.objects.exists()


def test_a_list_whose_columns_are_known_is_imported_by_itself(a_feed, roll, known_columns):
    feed = look(a_feed())

    queued = ListImport.objects.get()
    assert (queued.status, queued.feed, queued.mapping, queued.created_by) == ("queued", feed, MAPPING, None)
    assert (feed.state, feed.last_result) == ("fine", "roll.csv")
    assert log(feed) == [("imported", "roll.csv", 1)]
    run_import(queued.pk)
    assert Parcel.objects.count() == 2
    assert roll.read_text() == ROLL


def test_a_list_whose_columns_nobody_has_explained_waits_and_tells(a_feed, roll):
    feed = look(a_feed())

    draft = ListImport.objects.get()
    assert (draft.status, feed.state) == ("draft", "waiting")
    deliver_events()
    alert = Alert.objects.get()
    assert (alert.level, alert.title) == ("warning", "List feed waits for a person: EBR roll")
    assert alert.detail == "roll.csv: nobody has said yet which of its columns is what"

    feed = look(feed, timedelta(days=2))
    assert (feed.state, ListImport.objects.count()) == ("waiting", 1)
    cancel_import(draft, by=UserFactory())
    assert look(feed, timedelta(days=4)).state == "fine"
    assert Alert.objects.count() == 1


def test_columns_that_are_not_exactly_the_known_ones_wait(a_feed, roll, known_columns):
    roll.write_text(ROLL.replace("Deeded Acres", "Acres"))

    assert look(a_feed()).state == "waiting"
    assert ListImport.objects.get().status == "draft"


def test_a_file_is_imported_once_under_whatever_name(a_feed, roll, known_columns, root):
    feed = look(a_feed())
    (root / "ebr" / "copy.csv").write_text(ROLL)
    roll.touch()

    feed = look(feed, timedelta(days=2))

    assert ListImport.objects.count() == 1
    assert [outcome for outcome, _, _ in log(feed)] == ["imported", "same", "same"]


def test_the_database_too_refuses_one_file_twice(a_feed, parish):
    feed = a_feed()
    fields = {"market": parish.market, "parish": parish, "source": "tax_roll", "feed": feed, "sha256": "a" * 64}
    ListImport.objects.create(**fields)
    with pytest.raises(IntegrityError, match="import_of_feed_once"), transaction.atomic():
        ListImport.objects.create(**fields)


def test_a_half_written_file_is_taken_at_the_next_look(a_feed, roll, known_columns):
    feed = look(a_feed(), timedelta(0))
    assert not ListImport.objects.exists()
    assert log(feed) == [("growing", "roll.csv may still be growing; the next look takes it", 1)]

    look(feed, timedelta(days=2))
    assert ListImport.objects.get().status == "queued"


def test_looks_that_find_the_same_are_one_line(a_feed, root):
    feed = a_feed()
    for day in range(3):
        feed = look(feed, timedelta(days=2 * day))

    assert log(feed) == [("nothing", "", 3)]


def test_a_file_that_is_no_list_is_told_of_once(a_feed, roll):
    roll.write_bytes(b"%PDF-1.7 ...")
    feed = look(a_feed())
    assert (feed.state, feed.last_result) == ("failed", "roll.csv: is a PDF, not a list")
    deliver_events()
    assert Alert.objects.get().detail == "roll.csv: is a PDF, not a list"

    feed = look(feed, timedelta(days=2))
    deliver_events()
    assert (feed.state, feed.last_result, Alert.objects.count()) == ("failed", "roll.csv: is a PDF, not a list", 1)
    assert not ListImport.objects.exists()


def test_trouble_is_told_once_and_tried_again_after_longer_and_longer_waits(a_feed, root):
    feed = a_feed("nowhere", every_minutes=60)
    waits = []
    for day in range(8):
        feed = look(feed, timedelta(days=2 * day))
        waits.append(round((feed.next_check_at - feed.last_checked_at).total_seconds() / 3600))

    deliver_events()
    assert waits == [2, 4, 8, 16, 24, 24, 24, 24]
    assert (feed.state, feed.failures, feed.last_result) == ("failed", 8, "there is no folder nowhere")
    assert log(feed) == [("failed", "there is no folder nowhere", 8)]
    assert [alert.title for alert in Alert.objects.all()] == ["List feed failed: EBR roll"]

    (root / "nowhere").mkdir()
    feed = look(feed, timedelta(days=30))
    assert (feed.state, feed.failures, feed.last_result) == ("fine", 0, "Nothing new")


def test_a_list_comes_from_an_address_and_is_asked_for_only_if_changed(a_feed, site, known_columns):
    url = site.serve("/roll.csv", ROLL, ETag='"v1"')
    feed = look(a_feed(url, header_name="X-Key", header_value="geheim"))
    assert ListImport.objects.get().status == "queued"

    feed = look(feed, timedelta(days=2))
    assert [asked.get("If-None-Match") for _, asked in site.asked] == [None, '"v1"']
    assert site.asked[0][1]["X-Key"] == "geheim"
    assert [outcome for outcome, _, _ in log(feed)] == ["imported", "nothing"]

    site.serve("/roll.csv", ROLL + "003,DOE JANE,1\n", ETag='"v2"')
    look(feed, timedelta(days=4))
    assert ListImport.objects.count() == 2


def test_an_address_without_marks_of_change_brings_one_file_once(a_feed, site, known_columns):
    feed = look(a_feed(site.serve("/roll.csv", ROLL)))
    feed = look(feed, timedelta(days=2))

    assert ListImport.objects.count() == 1
    assert [outcome for outcome, _, _ in log(feed)] == ["imported", "same"]


def test_what_failed_at_an_address_is_said_without_the_key(a_feed, site):
    feed = look(a_feed(f"{site.url}/gone.csv?token=geheim", header_name="X-Key", header_value="geheim"))

    assert feed.last_result == "127.0.0.1 answered 404: there is no such file"
    assert "geheim" not in str(list(Event.objects.values_list("data", flat=True)))


def test_numbers_come_from_a_feed_without_a_parish(a_feed, root, parish):
    (root / "ebr" / "dnc.csv").write_text("phone\n225-344-1234\n")

    look(a_feed(source="litigator", parish=None))

    assert (ListImport.objects.get().source, ListImport.objects.get().parish) == ("litigator", None)


def test_a_list_of_a_feed_that_fails_later_is_told_of(a_feed, roll, known_columns):
    look(a_feed())
    queued = ListImport.objects.get()
    queued.file.storage.delete(queued.file.name)

    run_import(queued.pk)
    deliver_events()

    assert ListImport.objects.get().status == "failed"
    assert Alert.objects.get().detail == "roll.csv: the stored file is gone; upload it again"


# Who looks, and when ------------------------------------------------------------------------------------------------


def test_the_clock_looks_when_the_time_has_come(a_feed, roll, known_columns, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    from config.celery import app

    app.conf.task_always_eager = True
    try:
        feed = a_feed(every_minutes=60)
        assert check_list_feeds() == 1
        assert check_list_feeds() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            assert check_list_feeds() == 1
        ListFeed.objects.filter(pk=feed.pk).update(active=False)
        with time_machine.travel(timezone.now() + timedelta(days=1)):
            assert check_list_feeds() == 0
    finally:
        app.conf.task_always_eager = False
    assert ListImport.objects.count() == 1


def test_a_feed_that_is_off_is_looked_at_when_somebody_asks_and_then_not_again(a_feed, roll, known_columns):
    feed = a_feed(active=False)
    assert ask_for_check(feed, by=UserFactory())

    look(feed)

    assert ListImport.objects.count() == 1
    assert check_feed(feed.pk) is None


def test_nobody_asks_twice_while_somebody_looks(a_feed):
    feed = a_feed(checking_since=timezone.now())

    assert ask_for_check(feed, by=UserFactory()).code == "at_work"
    assert ListFeed.objects.get().asked_at is None


def test_a_look_whose_worker_was_killed_is_taken_up_by_another(a_feed, roll, known_columns):
    feed = a_feed(checking_since=timezone.now())
    assert check_feed(feed.pk) is None

    look(feed, GIVEN_UP_AFTER + timedelta(seconds=5))
    assert ListImport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_do_no_harm(a_feed, root, known_columns):
    (root / "ebr" / "roll.csv").write_text(ROLL)
    feed = a_feed(active=True, every_minutes=60)
    ListFeed.objects.filter(pk=feed.pk).update(seen={})
    start, found = threading.Barrier(4), []

    def work():
        start.wait(10)
        try:
            found.append(check_feed(feed.pk))
        finally:
            connection.close()

    with time_machine.travel(timezone.now() + SOON):
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)

    assert sorted(each is not None for each in found) == [False, False, False, True]
    assert ListImport.objects.count() == 1

from __future__ import annotations

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from core.waking import awake
from leads.archive import archive_events
from leads.duplicates.progress import search_shown
from leads.feeds.checking import check_feed
from leads.imports.runner import STALE, run_import
from leads.imports.undo import run_undo
from leads.models import ListFeed, ListImport
from leads.restoring import fulfil_restores
from markets.models import Market

ARCHIVE_FOR_SECONDS = 2 * 3600
_SWEEP_LOCK = 0x53574545


@shared_task
def run_list_import(list_import_id: int) -> None:
    run_import(list_import_id)


@shared_task
def undo_list_import(list_import_id: int) -> None:
    run_undo(list_import_id)


@shared_task
def resume_list_imports() -> int:
    """Hands queued and abandoned imports and undoings to workers; a worker claims before it runs, so one too many does
    no harm."""
    awake(resume_list_imports)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        due = list(ListImport.objects.due(timezone.now() - STALE))
        for list_import in due:
            undoing = list_import.status == ListImport.Status.UNDOING
            (undo_list_import if undoing else run_list_import).delay(list_import.pk)
    return len(due)


@shared_task
def check_list_feed(feed_id: int) -> None:
    check_feed(feed_id)


@shared_task
def check_list_feeds() -> int:
    """Hands feeds that are due to workers; each is claimed before it is looked at, so two clocks do no harm."""
    awake(check_list_feeds)
    due = ListFeed.objects.due_ids(timezone.now())
    for feed_id in due:
        check_list_feed.delay(feed_id)
    return len(due)


@shared_task
def find_duplicates(market_id: int | None = None) -> int:
    """Of one market or of all; returns how many pairs are to be decided."""
    awake(find_duplicates)
    return search_shown(Market.objects.get(pk=market_id) if market_id else None).queued


@shared_task
def archive_old_events() -> int:
    """Works a fifth of the time: on two cores pages took twice as long while it worked half of it, and no longer than
    else since. What is left waits for tomorrow."""
    return archive_events(rest=4.0, seconds=ARCHIVE_FOR_SECONDS).moved


@shared_task
def bring_events_back() -> int:
    awake(bring_events_back)
    return fulfil_restores()

"""Undoing a list: slice after slice of its rows, each committed with the mark how far it has got.

What the list created goes, what it changed becomes what it was. Values and records that people, or later lists, have
touched since stay and are listed; who was contacted stays. Do-not-call marks stay too: nothing makes a number callable
again but a person. Whoever runs it may be killed: the next runner goes on after the last committed slice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.events import record_event
from leads.imports import undo_sql
from leads.imports.followers import tell_undone
from leads.imports.roll_sql import FORGET
from leads.imports.runner import STALE, Progress, lock_parish
from leads.imports.scorer import the_scorer
from leads.imports.stacking_sql import UNSTACK
from leads.imports.staging import copy_into
from leads.models import Event, ImportRow, ListedNumber, ListedSale, ListImport

if TYPE_CHECKING:
    from core.models import User

logger = logging.getLogger(__name__)
SLICE_ROWS = 5_000
Status = ListImport.Status
KEPT = ImportRow.Outcome.KEPT.value
UNDOABLE = (Status.DONE, Status.FAILED, Status.CANCELLED)


def request_undo(list_import: ListImport, *, by: User | None, reason: str = "") -> Result[ListImport]:
    """Lets a worker undo it. Declines with `not_possible` while it runs, was undone, or has brought nothing in.

    A list that stopped numbers lifts those stops that it alone has brought, so that takes a person and a reason
    (`no_person`, `no_reason`).
    """
    from leads.tasks import resume_list_imports

    with transaction.atomic():
        current = ListImport.objects.locked(list_import.pk)
        if current.status not in UNDOABLE:
            return Result.declined("not_possible", f"The import is {current.get_status_display().lower()}.")
        if current.rows_read == current.rows_rejected:
            return Result.declined("nothing", "No row of the list went in, so there is nothing to undo.")
        if current.is_of_numbers and by is None:
            return Result.declined("no_person", "Its numbers could be texted again: say who answers for that.")
        if current.is_of_numbers and not reason.strip():
            return Result.declined("no_reason", "Say why its numbers may be texted again; the reason is kept.")
        current.status = Status.UNDOING
        current.undone_by = by
        current.undone_to = 0
        current.undo_reason = reason.strip()[:300]
        current.heartbeat_at = None
        current._history_user = by
        current.save(update_fields=["status", "undone_by", "undone_to", "undo_reason", "heartbeat_at"])
        wake_on_commit(resume_list_imports)
    return Result.ok(current)


def run_undo(list_import_id: int, *, progress: Progress | None = None, rows: int = SLICE_ROWS) -> ListImport | None:
    """Runs a requested or abandoned undo to its end; None when it is not to be run now."""
    if not _claim(list_import_id):
        return None
    total = ImportRow.objects.undoable(list_import_id).last_line()
    while (line := _take_back_slice(list_import_id, rows)) is not None:
        if progress:
            progress(line, total)
    _conclude(list_import_id)
    _finish(list_import_id)
    return ListImport.objects.get(pk=list_import_id)


def _claim(list_import_id: int) -> bool:
    """As the runner of an import does: of one parish one list is at work at a time."""
    now = timezone.now()
    with transaction.atomic():
        list_import = ListImport.objects.locked(list_import_id)
        lock_parish(list_import.parish_id)
        due = ListImport.objects.due(now - STALE).contains(list_import) and list_import.status == Status.UNDOING
        if not due or ListImport.objects.alive_in(list_import.parish_id, now - STALE).exists():
            return False
        ListImport.objects.begin_undo(list_import_id, now)
    return True


def _take_back_slice(list_import_id: int, rows: int) -> int | None:
    """The last line taken back; None when there is none left."""
    with transaction.atomic(), connection.cursor() as cursor:
        list_import = ListImport.objects.locked(list_import_id)
        lock_parish(list_import.parish_id)
        now = timezone.now()
        parameters = _parameters(list_import, now) | {"size": rows}
        cursor.execute(undo_sql.SLICE, parameters)
        cursor.execute(undo_sql.LAST_LINE)
        (line,) = cursor.fetchone()
        if line is not None:
            for statement in undo_sql.TAKE_BACK:
                cursor.execute(statement, parameters)
            ListImport.objects.undone_up_to(list_import_id, line, now)
            cursor.execute(f"DROP TABLE {undo_sql.TABLES}")
        else:
            cursor.execute("DROP TABLE undoing")
    return line


def _conclude(list_import_id: int) -> None:
    """What is done once, after the last row; it may be done again by the next runner."""
    list_import = ListImport.objects.get(pk=list_import_id)
    if list_import.status != Status.UNDOING:
        return
    _leave_stack(list_import)
    scorer = the_scorer()
    if scorer and list_import.parish_id:
        scorer.conclude(
            list_import.parish_id,
            lambda: ListImport.objects.undone_up_to(list_import_id, list_import.undone_to, timezone.now()),
        )


def _leave_stack(list_import: ListImport) -> None:
    """Also for the rows that changed nothing else."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_parish(list_import.parish_id)
        for statement in UNSTACK:
            cursor.execute(statement, {"list_import": list_import.pk, "list": str(list_import.pk)})
        cursor.execute(FORGET, {"list_import": list_import.pk})


def _give_back(list_import: ListImport) -> None:
    """What followers have made of the list; then nothing is left of what it told."""
    kept = tell_undone(list_import, timezone.now())
    with connection.cursor() as cursor:
        rows = ((str(list_import.pk), str(line), KEPT, " ".join(why.split())[:300]) for line, why in kept)
        copy_into(cursor, "leads_importrow", ("list_import_id", "line", "outcome", "reason"), rows)
    ListedSale.objects.forget(list_import)
    ListedNumber.objects.forget(list_import)


def _parameters(list_import: ListImport, now: datetime) -> dict[str, Any]:
    return {
        "list_import": list_import.pk,
        "after": list_import.undone_to,
        "wrote": f"list import {list_import.pk}",
        "reason": f"undo of list import {list_import.pk}",
        "started": list_import.started_at or list_import.created_at,
        "undone": [f"list import {pk}" for pk in ListImport.objects.undone_ids()],
        "now": now,
    }


def _finish(list_import_id: int) -> None:
    with transaction.atomic():
        done = ListImport.objects.locked(list_import_id)
        if done.status != Status.UNDOING:
            return
        done.status = Status.UNDONE
        done.undone_at = timezone.now()
        done._history_user = done.undone_by
        _give_back(done)
        done.save(update_fields=["status", "undone_at"])
        record_event(
            Event.Kind.LIST_UNDONE,
            actor=done.undone_by,
            market_id=done.market_id,
            list_import=done.pk,
            parish=done.place_name,
            source=done.source,
            kept=ImportRow.objects.of(done).kept().count(),
        )

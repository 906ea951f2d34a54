"""manage.py archive_events [--dry-run] [--restore 2024-03 | --restore-lead 12] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leads.archive import archive_events, due_events
from leads.models import EventDay, EventRestore, Lead
from leads.restoring import fulfil_restores, month_period, restore_lead, restore_period


class Command(BaseCommand):
    help = "Moves events past their market's age to the archive, or brings archived ones back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved, move nothing")
        parser.add_argument("--restore", default="", metavar="MONTH", help="bring a month back, such as 2024-03")
        parser.add_argument("--restore-lead", type=int, metavar="LEAD", help="bring the events of a lead back")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["restore"] or options["restore_lead"]:
            said, figures = self._restore(options["restore"], options["restore_lead"])
        elif options["dry_run"]:
            said, figures = self._count()
        else:
            said, figures = self._archive(None if options["json"] else self._show)
        self.stdout.write(json.dumps(figures) if options["json"] else said)

    def _archive(self, progress: Any) -> tuple[str, dict[str, Any]]:
        done = archive_events(progress=progress)
        if not done.complete:
            raise CommandError("another run is at work on the archive; try again when it is done")
        figures = asdict(done) | {"archived": EventDay.objects.total()}
        return f"\r{done.moved:,} events archived in {done.seconds:.1f} s; {figures['archived']:,} in all", figures

    def _count(self) -> tuple[str, dict[str, Any]]:
        due = due_events()
        lines = [f"{row.market or 'no market':<12} {row.month} {row.events:>12,}" for row in due]
        total = sum(row.events for row in due)
        return "\n".join([*lines, f"{total:,} events would be archived"]), {"due": [*map(asdict, due)], "total": total}

    def _restore(self, month: str, lead_id: int | None) -> tuple[str, dict[str, Any]]:
        asked = _restore_of_lead(lead_id) if lead_id else _restore_of_month(month)
        fulfil_restores()
        asked.refresh_from_db()
        if asked.state != EventRestore.State.DONE:
            raise CommandError("the archive is being written; the events are brought back within minutes of its end")
        until = f"{asked.kept_until:%Y-%m-%d}"
        return f"{asked.events:,} events brought back, until {until}", {"events": asked.events, "kept_until": until}

    def _show(self, moved: int) -> None:
        self.stderr.write(f"\rarchived: {moved:,}", ending="")


def _restore_of_lead(lead_id: int) -> EventRestore:
    lead = Lead.objects.by_id(str(lead_id))
    if lead is None:
        raise CommandError(f"no lead {lead_id}")
    return restore_lead(lead, by=None)


def _restore_of_month(month: str) -> EventRestore:
    try:
        period = month_period(datetime.strptime(month, "%Y-%m").date())
    except ValueError as error:
        raise CommandError(f"“{month}” is not a month such as 2024-03") from error
    restore = restore_period(*period, by=None)
    assert restore.value is not None
    return restore.value

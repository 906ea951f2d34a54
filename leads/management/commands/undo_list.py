"""manage.py undo_list ID [--by USERNAME --reason "why"] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.models import User
from leads.imports.undo import request_undo, run_undo
from leads.management.terminal import ProgressLine
from leads.models import ImportRow, ListImport


class Command(BaseCommand):
    help = "Takes back what a list import has created and changed; what people have changed since stays and is listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list_import", type=int, help="its number, as import_list prints it")
        parser.add_argument("--by", default="", help="who answers for it; needed for a do-not-call list")
        parser.add_argument("--reason", default="", help="why; needed for a do-not-call list, and kept")
        parser.add_argument("--json", action="store_true", help="one JSON document and nothing else on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        list_import = ListImport.objects.with_number(options["list_import"])
        if list_import is None:
            raise CommandError(f"there is no list import {options['list_import']}")
        if list_import.status != ListImport.Status.UNDOING:
            requested = request_undo(list_import, by=_person(options["by"]), reason=options["reason"])
            if not requested:
                raise CommandError(requested.message)
        line = ProgressLine(self.stderr, "lines")
        line.begin_at(list_import.undone_to)
        done = run_undo(list_import.pk, progress=None if options["json"] else line.done)
        line.end()
        if done is None:
            raise CommandError(f"another list of {list_import.place_name} is at work; the undo follows when it is done")
        kept = [{"line": row.line, "reason": row.reason} for row in ImportRow.objects.of(done).kept()]
        if options["json"]:
            self.stdout.write(json.dumps({"list_import": done.pk, "status": done.status, "kept": kept}))
            return
        self.stdout.write(f"{done.filename} is undone; {len(kept):,} rows could not be taken back entirely")
        for row in kept:
            self.stdout.write(f"  line {row['line']}: {row['reason']}")


def _person(username: str) -> User | None:
    if not username:
        return None
    person = User.objects.called(username)
    if person is None or not person.has_perm("leads.run_listimport"):
        raise CommandError(f"“{username}” is nobody who may undo lists")
    return person

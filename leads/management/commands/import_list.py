"""manage.py import_list FILE --market LA --parish "East Baton Rouge" --source tax_roll [--preview] [--json]
manage.py import_list --resume ID"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.imports.detection import check_mapping
from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.intake import Target, cancel_import, find_target, receive_list, refuse_oversize, retry_import
from leads.imports.preview import ListSample, mask_personal, sample_list
from leads.imports.rows import Rejected, StagedRow
from leads.imports.runner import STALE, run_import
from leads.imports.sources import PLANS
from leads.management.terminal import ProgressLine
from leads.models import ImportRow, ListedNumber, ListedSale, ListImport, MappingProfile

Status = ListImport.Status


class Command(BaseCommand):
    help = "Imports a county list: each of its rows ends as created, updated, unchanged or rejected with a reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--resume", type=int, metavar="ID", help="go on with a list that failed or was stopped")
        parser.add_argument("--market", default="", help="code of the market, such as LA")
        parser.add_argument("--parish", default="", help="name of its parish or county; not for lists of numbers")
        parser.add_argument("--source", default="", help=f"one of {', '.join(PLANS)}")
        parser.add_argument("--preview", action="store_true", help="show mapping and rows; write nothing")
        parser.add_argument("--mapping", default="", help="our field=column, comma-separated, or a JSON object")
        parser.add_argument("--json", action="store_true", help="one JSON document and nothing else on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self._resume(options) if options["resume"] else self._begin(options)
        except ListError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(result, indent=2))
        else:
            self._show(result)

    def _begin(self, options: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in ("file", "market", "source") if not options[name]]
        if missing:
            raise ListError(f"say {', '.join(missing)}; or --resume with the number of a list that was stopped")
        target = find_target(options["market"], options["parish"], options["source"])
        return _preview(target, options) if options["preview"] else self._import(target, options)

    def _resume(self, options: dict[str, Any]) -> dict[str, Any]:
        list_import = ListImport.objects.with_number(options["resume"])
        if list_import is None:
            raise CommandError(f"there is no list import {options['resume']}")
        if list_import.status in (Status.FAILED, Status.CANCELLED):
            retry_import(list_import, by=None, here=True)
        return self._result(self._run(list_import, quiet=options["json"]), list_import)

    def _import(self, target: Target, options: dict[str, Any]) -> dict[str, Any]:
        given = read_mapping(options["mapping"])
        path = _existing(options["file"])
        with path.open("rb") as stream:
            file = File(stream, name=path.name)
            refuse_oversize(path.name, file.size)
            sample = sample_list(ListFile.at(path))
            mapping = _fit_mapping(target, sample, given)
            list_import, _ = receive_list(target, file, path.name, by=None)
        ListImport.objects.make_ready(list_import, mapping)
        done = self._run(list_import, quiet=options["json"])
        if done is None:
            list_import.delete()
        return self._result(done, list_import)

    def _result(self, done: ListImport | None, list_import: ListImport) -> dict[str, Any]:
        if done is None:
            at_work = ListImport.objects.get(pk=list_import.pk) if list_import.pk else None
            if at_work and at_work.status == Status.RUNNING:
                raise CommandError(_at_work(at_work))
            if at_work and at_work.status != Status.QUEUED:
                raise CommandError(f"the import is {at_work.get_status_display().lower()}")
            raise CommandError(f"another list of {list_import.place_name} is being imported; try again when it is done")
        if done.status != Status.DONE:
            raise CommandError(done.error or f"the import is {done.get_status_display().lower()}")
        return _summary(done)

    def _run(self, list_import: ListImport, *, quiet: bool) -> ListImport | None:
        """Ctrl-C stops the list, as its page would; what was imported stays, and it can go on."""
        line = ProgressLine(self.stderr)
        try:
            if quiet:
                return run_import(list_import.pk)
            return run_import(list_import.pk, progress=line.done, counting=line.counting, counted=line.begin_at)
        except KeyboardInterrupt:
            line.end()
            raise CommandError(_stopped(list_import), returncode=130) from None
        finally:
            line.end()

    def _show(self, result: dict[str, Any]) -> None:
        if "mapping" in result:
            self._show_mapping(result)
        for name, value in result["summary"].items():
            self.stdout.write(f"{name:<16}{value:>14,}" if isinstance(value, int) else f"{name:<16}{value:>14}")
        for reason in result.get("reasons", []):
            self.stdout.write(f"  {reason['count']:>8,}  {reason['outcome']}: {reason['reason']}")

    def _show_mapping(self, result: dict[str, Any]) -> None:
        for found in result["mapping"]:
            shown = " | ".join(found["samples"])
            self.stdout.write(f"{found['field']:<24}{found['column']:<40}{found['confidence']:>5}  {shown}")
        unused = ", ".join(result["unused_columns"])
        self.stdout.write(f"unused: {unused}\n" if unused else "")
        for row in result["rows"]:
            self.stdout.write(json.dumps(row, ensure_ascii=False))


def _at_work(list_import: ListImport) -> str:
    """Whether its worker lives nobody can tell before it has been silent for a while."""
    alive = timezone.localtime(list_import.heartbeat_at)
    return (
        f"list {list_import.pk} was at work at {alive:%H:%M:%S}; if its worker was killed, it can be resumed from"
        f" {alive + STALE:%H:%M:%S} on, and goes on by itself where a worker runs"
    )


def _stopped(list_import: ListImport) -> str:
    cancel_import(list_import, by=None)
    stopped = ListImport.objects.get(pk=list_import.pk)
    total = f"{stopped.rows_total:,}" if stopped.rows_total is not None else "all"
    return (
        f"stopped after {stopped.rows_read:,} of {total} rows, which stay; go on with: import_list --resume"
        f" {stopped.pk}, or take them back with: undo_list {stopped.pk}"
    )


def read_mapping(given: str) -> dict[str, str]:
    """ "number=pid,owner_name=assessedName" or a JSON object; ListError when it is neither."""
    if not given.strip():
        return {}
    if given.lstrip().startswith("{"):
        try:
            mapping = json.loads(given)
        except ValueError:
            raise ListError("--mapping is not a JSON object") from None
        return {str(field): str(column) for field, column in mapping.items()}
    pairs = [pair.partition("=") for pair in given.split(",")]
    if any(not mark for _, mark, _ in pairs):
        raise ListError("--mapping takes field=column pairs, such as number=pid,owner_name=assessedName")
    return {field.strip(): column.strip() for field, _, column in pairs}


def _existing(path: Path) -> Path:
    if not path.exists():
        raise ListError("there is no such file", file=str(path))
    if not path.is_file():
        raise ListError("is not a file", file=str(path))
    return path


def _fit_mapping(target: Target, sample: ListSample, given: dict[str, str]) -> dict[str, str]:
    """What is given wins over what a person has saved for these columns, or else is detected, and takes its column."""
    plan = PLANS[target.source]
    profile = MappingProfile.objects.known(target.market, target.source, sample.header)
    detected = profile.mapping if profile else sample.guess(plan)
    free = {field: column for field, column in detected.items() if column not in given.values()}
    return check_mapping(plan, sample.header, free | given, file=sample.file)


def _preview(target: Target, options: dict[str, Any]) -> dict[str, Any]:
    path = _existing(options["file"])
    refuse_oversize(path.name, path.stat().st_size)
    sample = sample_list(ListFile.at(path))
    plan = PLANS[target.source]
    mapping = _fit_mapping(target, sample, read_mapping(options["mapping"]))
    confidence = {(found.field, found.column): found.confidence for found in sample.detect(plan)}
    shown = [
        {
            "field": field,
            "column": column,
            "confidence": confidence.get((field, column), 1.0),
            "samples": list(sample.shown(field, column)),
        }
        for field, column in mapping.items()
    ]
    return {
        "mapping": shown,
        "unused_columns": [column for column in sample.header if column not in mapping.values()],
        "rows": [_as_stored(row) for row in sample.preview(plan, mapping, target.place)],
        "summary": {"format": sample.layout.format, "encoding": sample.layout.encoding, "columns": len(sample.header)},
    }


def _as_stored(row: StagedRow | Rejected) -> dict[str, Any]:
    if isinstance(row, Rejected):
        return {"line": row.line, "rejected": row.reason}
    values = {name: value for name, value in row.values.items() if value is not None}
    if "email" in values:
        values["email"] = mask_personal(values["email"])
    sale = {name: value for name, value in row.sale._asdict().items() if value} if row.sale else {}
    return {"line": row.line, **values, **sale, "phones": len(row.phones), "without": row.notes}


def _summary(done: ListImport) -> dict[str, Any]:
    started = done.started_at or timezone.now()
    seconds = ((done.finished_at or timezone.now()) - started).total_seconds()
    rate = round(done.rows_read / max(seconds, 0.001))
    return {
        "list_import": done.pk,
        "status": done.status,
        "rows_read": done.rows_read,
        "rows_created": done.rows_created,
        "rows_updated": done.rows_updated,
        "rows_unchanged": done.rows_unchanged,
        "rows_rejected": done.rows_rejected,
        "seconds": round(seconds, 2),
        "rows_per_second": rate,
        "summary": {
            "rows": done.rows_read,
            "created": done.rows_created,
            "updated": done.rows_updated,
            "unchanged": done.rows_unchanged,
            "rejected": done.rows_rejected,
            **{name.replace("_", " "): count for kind in _told(done).values() for name, count in kind.items()},
            "seconds": round(seconds, 2),
            "rows/s": rate,
        },
        "reasons": ImportRow.objects.of(done).reasons(),
        **_told(done),
    }


def _told(done: ListImport) -> dict[str, dict[str, int]]:
    """What a list tells beside its rows: numbers to stop, or sales."""
    if done.is_of_numbers:
        return {"numbers": asdict(ListedNumber.objects.told_by(done))}
    if done.source == ListImport.Source.SALES:
        return {"sales": asdict(ListedSale.objects.told_by(done))}
    return {}

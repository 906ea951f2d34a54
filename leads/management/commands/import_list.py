"""manage.py import_list FILE --market LA --parish "East Baton Rouge" --source tax_roll [--preview] [--json]"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.imports.detection import check_mapping
from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.intake import Target, find_target, receive_list, refuse_oversize
from leads.imports.preview import ListSample, mask_personal, sample_list
from leads.imports.rows import Place, Rejected, StagedRow
from leads.imports.runner import run_import
from leads.imports.sources import PLANS
from leads.models import ImportRow, ListImport, MappingProfile


class Command(BaseCommand):
    help = "Imports a county list: each of its rows ends as created, updated, unchanged or rejected with a reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--market", required=True, help="code of the market, such as LA")
        parser.add_argument("--parish", required=True, help="name of its parish or county")
        parser.add_argument("--source", required=True, help=f"one of {', '.join(PLANS)}")
        parser.add_argument("--preview", action="store_true", help="show mapping and rows; write nothing")
        parser.add_argument("--mapping", default="", help="our field=column, comma-separated, or a JSON object")
        parser.add_argument("--json", action="store_true", help="one JSON document and nothing else on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = find_target(options["market"], options["parish"], options["source"])
            result = (_preview if options["preview"] else self._import)(target, options)
        except ListError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(result, indent=2))
        else:
            self._show(result)

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
        result = _summary(done)
        if done.status != ListImport.Status.DONE:
            raise CommandError(done.error or f"the import is {done.get_status_display().lower()}")
        return result

    def _run(self, list_import: ListImport, *, quiet: bool) -> ListImport:
        started = time.perf_counter()

        def progress(read: int, total: int) -> None:
            rate = read / max(time.perf_counter() - started, 1e-9)
            self.stderr.write(f"\r{read:,} of {total:,} rows, {rate:,.0f} rows/s", ending="")

        done = run_import(list_import.pk, progress=None if quiet else progress)
        if not quiet:
            self.stderr.write("")
        if done is None:
            list_import.delete()
            raise CommandError(f"another list of {list_import.parish} is being imported; try again when it is done")
        return done

    def _show(self, result: dict[str, Any]) -> None:
        if "mapping" in result:
            self._show_mapping(result)
        for name, value in result["summary"].items():
            self.stdout.write(f"{name:<12}{value:>14,}" if isinstance(value, int) else f"{name:<12}{value:>14}")
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
    place = Place(target.parish.pk, target.parish.name)
    return {
        "mapping": shown,
        "unused_columns": [column for column in sample.header if column not in mapping.values()],
        "rows": [_as_stored(row) for row in sample.preview(plan, mapping, place)],
        "summary": {"format": sample.layout.format, "encoding": sample.layout.encoding, "columns": len(sample.header)},
    }


def _as_stored(row: StagedRow | Rejected) -> dict[str, Any]:
    if isinstance(row, Rejected):
        return {"line": row.line, "rejected": row.reason}
    values = {name: value for name, value in row.values.items() if value is not None}
    if "email" in values:
        values["email"] = mask_personal(values["email"])
    return {"line": row.line, **values, "phones": len(row.phones), "without": row.notes}


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
            "seconds": round(seconds, 2),
            "rows/s": rate,
        },
        "reasons": ImportRow.objects.of(done).reasons(),
    }

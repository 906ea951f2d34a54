from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.crypto import current_key_id
from core.key_rotation import ColumnRotation, EncryptedColumn, count_outdated, encrypted_columns, rotate_column


class Command(BaseCommand):
    help = "Re-encrypts every encrypted value, in history tables too, that is not under the first key of FIELD_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; fails when there is something to rotate")
        parser.add_argument("--batch-size", type=int, default=1000)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def handle(self, *args: Any, check: bool, batch_size: int, **options: Any) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1")
        self.as_json = options["json"]
        rotations = [self._check(c) if check else self._rotate(c, batch_size) for c in encrypted_columns()]
        self._report(rotations)
        outdated = sum(rotation.outdated for rotation in rotations)
        if outdated:
            why = "run rotate_field_keys" if check else _why_left(rotations)
            raise CommandError(f"{outdated} values are not under key {current_key_id()}; {why}")

    def _check(self, column: EncryptedColumn) -> ColumnRotation:
        rotation = ColumnRotation(column, outdated=count_outdated(column))
        self._line(f"{column}: {rotation.outdated} to rotate")
        return rotation

    def _rotate(self, column: EncryptedColumn, batch_size: int) -> ColumnRotation:
        rotation = ColumnRotation(column)
        for rotation in rotate_column(column, batch_size):
            if rotation.rotated or rotation.failed:
                self._line(f"{column}: {rotation.rotated} rotated, {rotation.failed} unreadable")
        return rotation

    def _report(self, rotations: list[ColumnRotation]) -> None:
        if not self.as_json:
            rotated = sum(rotation.rotated for rotation in rotations)
            self.stdout.write(f"{rotated} values rotated to key {current_key_id()} in {len(rotations)} columns")
            return
        columns = {
            str(r.column): {"rotated": r.rotated, "outdated": r.outdated, "unreadable": r.failed} for r in rotations
        }
        self.stdout.write(json.dumps({"key": current_key_id(), "columns": columns}))

    def _line(self, text: str) -> None:
        if not self.as_json:
            self.stdout.write(text)


def _why_left(rotations: list[ColumnRotation]) -> str:
    found = [f"{r.column} {', '.join(r.unreadable)}" for r in rotations if r.unreadable]
    return f"no key opens {'; '.join(found)}" if found else "a writer still uses old settings; run it again"

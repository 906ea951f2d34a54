"""Excel workbooks become CSV before anything else looks at them; everything behind reads CSV."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from leads.imports.errors import ListError

_READER = Path(__file__).with_name("workbook_reader.py")
_TIMEOUT = 300
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""A stream of this name in an old-style container is a workbook locked with a password."""
_ENDS = 1 << 20
_DAMAGED = "the workbook is damaged; open it in Excel and save it again"
_TOO_LARGE = "is too large to be read as a workbook; save it as CSV"


@dataclass(frozen=True)
class ConvertedWorkbook:
    """The CSV made of it; whoever asked for it deletes it."""

    path: Path
    sheet: str
    others: int
    """How many sheets come after it; they are not read."""

    @property
    def told(self) -> str:
        more = f"; {self.others} more not read" if self.others else ""
        return f"sheet “{self.sheet[:60]}”{more}"


def convert_workbook(stream: IO[bytes], name: str) -> ConvertedWorkbook:
    """ListError for a workbook that is damaged, empty, locked or too large. The header is line 1 of the CSV, and each
    row of the sheet below it one line."""
    source, target = _temporary(".xlsx"), _temporary(".csv")
    try:
        with source.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        said = _read(source, target, name)
        if "refused" in said:
            raise ListError(said["refused"], file=name)
        return ConvertedWorkbook(target, said["sheet"], said["others"])
    except BaseException:
        target.unlink()
        raise
    finally:
        source.unlink()


def refuse_locked(stream: IO[bytes], name: str) -> None:
    """ListError for a workbook with a password; its directory stands near one end of the file."""
    start = stream.read(_ENDS)
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - _ENDS))
    if _LOCKED in start or _LOCKED in stream.read(_ENDS):
        raise ListError("the workbook is locked with a password; save it without one", file=name)
    stream.seek(0)


def _read(source: Path, target: Path, name: str) -> dict[str, Any]:
    limits = (str(settings.IMPORT_WORKBOOK_MEMORY), str(settings.IMPORT_MAX_BYTES))
    command = [sys.executable, "-I", str(_READER), str(source), str(target), *limits]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise ListError("took too long to be read as a workbook; save it as CSV", file=name) from None
    if done.returncode:
        raise ListError(_TOO_LARGE if done.returncode < 0 else _DAMAGED, file=name)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _temporary(suffix: str) -> Path:
    handle, path = tempfile.mkstemp(suffix=suffix)
    os.close(handle)
    return Path(path)

"""Bytes of a list as they were handed in: what they are, whether they can be read at all, and in which encoding."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from weakref import finalize

from django.conf import settings

from leads.imports.errors import ListError
from leads.imports.workbooks import ConvertedWorkbook, convert_workbook, refuse_locked

BLOCK = 1 << 20
MAX_LINE = 1 << 20
"""Bytes of a line of a delimited file; a cell may hold at most csv.field_size_limit() = 131,072 characters."""
_ZIPPED = b"PK\x03\x04"
_OLD_CONTAINER = b"\xd0\xcf\x11\xe0"
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (_OLD_CONTAINER, "an old Excel workbook; save it as XLSX or CSV"),
    (b"\x1f\x8b", "a gzip archive; unpack it or use zip"),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"[\r\n]")
_IN_NO_ENCODING = b"\x81\x8d\x8f\x90\x9d"
"""Bytes without a meaning in Windows-1252; in Latin-1 they are control characters that no list holds."""
_CONTROL = bytes(set(range(32)) - {0, 9, 10, 12, 13})


@dataclass(frozen=True)
class ListFile:
    """A list's name and how to open its bytes; opened once for each pass over it, unpacked if it is zipped. Of a
    workbook the bytes are those of the CSV that it is made into, once; it is deleted when the ListFile goes."""

    name: str
    opener: Callable[[], IO[bytes]]
    _converted: list[ConvertedWorkbook] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def at(cls, path: Path) -> ListFile:
        return cls(path.name, lambda: path.open("rb"))

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if self._converted:
            with self._converted[0].path.open("rb") as converted:
                yield converted
            return
        with self.opener() as raw:
            if raw.read(4) == _ZIPPED:
                yield from self._unzipped(raw)
                return
            raw.seek(0)
            if raw.read(4) == _OLD_CONTAINER:
                raw.seek(0)
                refuse_locked(raw, self.name)
            raw.seek(0)
            yield raw

    @property
    def workbook(self) -> ConvertedWorkbook | None:
        """What the list was made from, if it is a workbook; known once the list has been opened."""
        return self._converted[0] if self._converted else None

    def _unzipped(self, raw: IO[bytes]) -> Iterator[IO[bytes]]:
        raw.seek(0)
        with self._archive(raw) as archive:
            if _is_workbook(archive):
                raw.seek(0)
                yield from self._opened_workbook(raw)
            else:
                yield from self._unpacked(archive)

    def _unpacked(self, archive: zipfile.ZipFile) -> Iterator[IO[bytes]]:
        """Damage shows only while the member is being read, so it is caught for whoever reads."""
        member = self._only_member(archive)
        try:
            with archive.open(member) as start:
                is_workbook = start.read(4) == _ZIPPED
            with archive.open(member) as content:
                if is_workbook:
                    yield from self._opened_workbook(content)
                else:
                    yield content
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise ListError("the zip archive is damaged", file=self.name) from None

    def _opened_workbook(self, stream: IO[bytes]) -> Iterator[IO[bytes]]:
        made = convert_workbook(stream, self.name)
        self._converted.append(made)
        finalize(self, made.path.unlink, missing_ok=True)
        with made.path.open("rb") as converted:
            yield converted

    def _archive(self, raw: IO[bytes]) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(raw)
        except (zipfile.BadZipFile, NotImplementedError):
            raise ListError("the zip archive is damaged", file=self.name) from None

    def _only_member(self, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        if len(members) != 1:
            raise ListError(f"the zip archive holds {len(members)} files; it must hold one list", file=self.name)
        if members[0].file_size > settings.IMPORT_MAX_BYTES:
            raise ListError(f"unpacked it is larger than {size_text(settings.IMPORT_MAX_BYTES)}", file=self.name)
        if members[0].flag_bits & 1:
            raise ListError("the zip archive is locked with a password", file=self.name)
        if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ListError("the zip archive is packed in a way that is not read here; pack it anew", file=self.name)
        return members[0]


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return any(name.startswith("xl/") for name in archive.namelist())


def size_text(size: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


def find_encoding(file: ListFile, *, lines: bool) -> str:
    """Reads all bytes once. `lines`: the file is delimited text, so that an over-long line can be told.

    Latin-1 would accept any bytes, so it is only taken for a file that has no UTF-8 letter and no control bytes.
    """
    scan = _Scan(file.name, lines)
    with file.open() as stream:
        while block := stream.read(BLOCK):
            scan.take(block)
    return scan.result()


class _Scan:
    def __init__(self, name: str, lines: bool) -> None:
        self.name = name
        self.lines = lines
        self.size = 0
        self.row = 1
        self.line = b""
        """Beginning of the line that the next block continues."""
        self.header = b""
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.is_utf8 = True
        self.has_utf8_letters = False
        self.bad_row = 0
        self.windows = False

    def take(self, block: bytes) -> None:
        if not self.size:
            refuse_binary(self.name, block)
        self.size += len(block)
        self._refuse_nul(block)
        self._decode(block)
        if self.lines:
            self._measure(block)
        self.row += block.count(b"\n")

    def result(self) -> str:
        if not self.size:
            raise ListError("the file is empty", file=self.name)
        if self.is_utf8:
            return "utf-8-sig"
        if self.has_utf8_letters:
            message = "is not UTF-8 although rows before it are; save the whole list in one encoding"
            raise ListError(message, file=self.name, row=self.bad_row)
        return "cp1252" if self.windows else "latin-1"

    def _refuse_nul(self, block: bytes) -> None:
        position = block.find(0)
        if position >= 0:
            row = self.row + block.count(b"\n", 0, position)
            before = block[:position] if b"\n" in block[:position] else self.line + block[:position]
            column = self._column(before.rsplit(b"\n", 1)[-1], block)
            raise ListError("holds a NUL byte", file=self.name, row=row, column=column)

    def _decode(self, block: bytes) -> None:
        if self.is_utf8:
            try:
                self._note_letters(self.utf8.decode(block))
            except UnicodeDecodeError as error:
                self.is_utf8 = False
                self._note_letters(error.object[: error.start].decode("utf-8", "ignore"))
                self.bad_row = self.row + error.object.count(b"\n", 0, error.start)
        if not self.is_utf8 and not block.isascii():
            self._note_windows(block)

    def _note_windows(self, block: bytes) -> None:
        if len(block.translate(None, _IN_NO_ENCODING)) < len(block):
            position = min(at for byte in _IN_NO_ENCODING if (at := block.find(byte)) >= 0)
            row = self.row + block.count(b"\n", 0, position)
            raise ListError("is in an encoding that is not known here; save it as UTF-8", file=self.name, row=row)
        self.windows = self.windows or any(0x80 <= byte <= 0x9F for byte in set(block))

    def _note_letters(self, text: str) -> None:
        self.has_utf8_letters = self.has_utf8_letters or not text.removeprefix("\ufeff").isascii()

    def _measure(self, block: bytes) -> None:
        first, newline, rest = block.partition(b"\n")
        self._refuse_long(self.row, self.line + first)
        if not newline:
            self.line += first
            return
        if not self.header:
            self.header = self.line + first
        last = rest.rfind(b"\n") + 1
        self.line = rest[last:]
        if max(map(len, rest.split(b"\n"))) > MAX_LINE:
            for offset, line in enumerate(rest.split(b"\n")):
                self._refuse_long(self.row + 1 + offset, line)

    def _refuse_long(self, row: int, line: bytes) -> None:
        if len(line) > MAX_LINE:
            message = f"is longer than {size_text(MAX_LINE)}; a cell may hold 131,072 characters"
            raise ListError(message, file=self.name, row=row, column=self._column(line, b""))

    def _column(self, before: bytes, block: bytes) -> str:
        """Name of the column in which a line breaks off, as far as the header tells; for messages only."""
        header = _first_line((self.header or block).decode("utf-8-sig", "replace").replace("\0", ""))
        delimiter = likely_delimiter([header])
        limit = csv.field_size_limit(2 * BLOCK)
        try:
            cells = next(csv.reader([before.decode("latin-1").replace("\r", " ")], delimiter=delimiter), [""])
        finally:
            csv.field_size_limit(limit)
        names = next(csv.reader([header], delimiter=delimiter), [])
        return names[len(cells) - 1] if 0 < len(cells) <= len(names) else str(len(cells))


def refuse_binary(name: str, start: bytes) -> None:
    head = start[:8192]
    if head.startswith(_UTF16):
        raise ListError("is in UTF-16; save it as UTF-8", file=name, row=1)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise ListError(f"is {kind}, not a list", file=name)
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls > len(head) // 100 or head.count(0) > len(head) // 10:
        raise ListError("is a binary file, not a list", file=name)


def likely_delimiter(lines: list[str]) -> str:
    """The one of comma, tab, pipe and semicolon that cuts the header into most cells."""
    header = _first_line(next(iter(lines), ""))
    return max(",\t|;", key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _first_line(text: str) -> str:
    """Up to a line end of any system, and no more of it than csv reads as one cell."""
    return _LINE_END.split(text, maxsplit=1)[0][: csv.field_size_limit()]

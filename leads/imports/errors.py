"""A list that cannot be read, in one line that names the file and, where it applies, the row and the column."""

from __future__ import annotations


class ListError(Exception):
    def __init__(self, message: str, *, file: str = "", row: int | None = None, column: str = "") -> None:
        place = ", ".join(
            part
            for part in (file, f"row {row}" if row is not None else "", f"column “{column}”" if column else "")
            if part
        )
        super().__init__(f"{place}: {message}" if place else message)

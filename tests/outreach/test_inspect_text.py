"""manage.py inspect_text: one line in, one line of answer out, in order, whatever the bytes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from local import environment


def inspect(monkeypatch: pytest.MonkeyPatch, given_bytes: bytes, *options: str) -> list[str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given_bytes), encoding="utf-8"))
    out = io.StringIO()
    call_command("inspect_text", *options, stdout=out)
    return out.getvalue().splitlines()


def as_json(monkeypatch: pytest.MonkeyPatch, given_bytes: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in inspect(monkeypatch, given_bytes, "--json")]


def test_it_names_the_characters_that_cost_a_segment_and_how_to_write_them(monkeypatch):
    text = "Hi Ann, it’s Jo – it’s about your land" + "x" * 60

    (found,) = as_json(monkeypatch, text.encode())

    assert (found["encoding"], found["segments"], found["units"]) == ("UCS-2", 2, 98)
    assert (found["plain_encoding"], found["plain_segments"], found["plain_units"]) == ("GSM-7", 1, 98)
    assert found["plain"] == text.replace("’", "'").replace("–", "-")
    assert found["offending"] == [
        {
            "character": "’",
            "code": "U+2019",
            "name": "RIGHT SINGLE QUOTATION MARK",
            "position": 11,
            "positions": [11, 21],
            "plain": "'",
        },
        {"character": "–", "code": "U+2013", "name": "EN DASH", "position": 17, "positions": [17], "plain": "-"},
    ]


def test_in_words_each_text_has_one_line(monkeypatch):
    assert inspect(monkeypatch, "It’s 😀\nplain\n".encode()) == [
        "UCS-2, 1 segment, 7 units; ’ U+2019 RIGHT SINGLE QUOTATION MARK at 3: “'”; "
        "😀 U+1F600 GRINNING FACE at 6: no plain form; plain (UCS-2, 1 segment, 7 units): “It's 😀”",
        "GSM-7, 1 segment, 5 units",
    ]


def test_empty_long_broken_and_windows_lines_keep_their_place(monkeypatch):
    lines = as_json(monkeypatch, b"first\r\n\n" + b"a" * 2000 + b"\nadi\xf3s\nlast \xe2\x80")

    assert [line["units"] for line in lines] == [5, 0, 2000, 5, 6]
    assert [line["segments"] for line in lines] == [1, 0, 14, 1, 1]
    assert [line["readable"] for line in lines] == [True, True, True, False, False]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_unicode_calls_a_line_end_ends_no_line(monkeypatch, options):
    assert len(inspect(monkeypatch, "a\u2028b\x85c\x0bd\x1ce\n".encode(), *options)) == 1


def test_nothing_in_nothing_out(monkeypatch):
    assert inspect(monkeypatch, b"") == []


@given(st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b" ")), max_size=5))
def test_any_bytes_get_one_line_each(lines: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert len(inspect(patch, b"".join(line + b"\n" for line in lines))) == len(lines)
        assert len(inspect(patch, b"".join(line + b"\n" for line in lines), "--json")) == len(lines)


COMMANDS = [["inspect_text", "--json"], ["classify_replies", "--rules-only"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_it_needs_no_database_and_starts_none(tmp_path: Path, command: list[str]) -> None:
    """As on a machine on which nothing was started yet, and nothing is afterwards."""
    variables = {"PATH": os.environ["PATH"], "LOCAL_DIR": str(tmp_path / "local")}
    command = [sys.executable, str(environment.PROJECT_DIR / "manage.py"), *command]

    done = subprocess.run(command, input="50% off?\n", env=variables, capture_output=True, text=True)

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    assert json.loads(done.stdout)
    assert not (tmp_path / "local").exists()

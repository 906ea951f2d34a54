"""Commands in a pipe, as processes: what they read may end, break off or never come, and so may whoever reads them."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from select import select
from typing import IO, Any

import pytest

from local.environment import PROJECT_DIR

INSPECT = [sys.executable, str(PROJECT_DIR / "manage.py"), "inspect_text"]
CLASSIFY = [sys.executable, str(PROJECT_DIR / "manage.py"), "classify_replies", "--rules-only"]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LOCAL_DIR": str(tmp_path)}


def started(command: list[str], variables: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def answered(stream: IO[bytes]) -> bool:
    """Whether a line comes although the command's own input has not ended."""
    ready, _, _ = select([stream], [], [], 20)
    return bool(ready and stream.readline())


def after_one_answer(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    """Its input, output and errors, when it has answered a first line."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(b"first\n")
    process.stdin.flush()
    assert answered(process.stdout)
    return process.stdin, process.stdout, process.stderr


@pytest.mark.parametrize("command", [INSPECT, CLASSIFY], ids=["inspect_text", "classify_replies"])
def test_it_answers_at_once_and_ends_quietly_when_nobody_reads_on(
    command: list[str], variables: dict[str, str]
) -> None:
    with started(command, variables, stdin=subprocess.PIPE) as process:
        stdin, stdout, stderr = after_one_answer(process)
        stdout.close()
        stdin.write(b"second\n")
        stdin.close()
        assert (process.wait(20), stderr.read()) == (141, b"")


def test_ctrl_c_ends_it_quietly(variables: dict[str, str]) -> None:
    with started(INSPECT, variables, stdin=subprocess.PIPE) as process:
        _, _, stderr = after_one_answer(process)
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), stderr.read()) == (130, b"")


def test_a_closed_standard_input_holds_no_line(variables: dict[str, str]) -> None:
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *INSPECT]
    with started(closed, variables) as process:
        assert (*process.communicate(timeout=20), process.returncode) == (b"", b"", 0)


def test_a_database_out_of_reach_is_said_in_one_line(variables: dict[str, str]) -> None:
    nowhere = variables | {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing"}
    with started(CLASSIFY[:-1], nowhere, stdin=subprocess.PIPE) as process:
        answers, errors = process.communicate(b"STOP\n", timeout=20)
    assert (answers, process.returncode, errors.count(b"\n")) == (b"", 1, 1)
    assert errors.startswith(b"The database cannot be reached (see DATABASE_URL): connection failed")


def test_at_the_keyboard_it_says_what_it_waits_for(variables: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with started(INSPECT, variables, stdin=theirs) as process:
        os.write(ours, b"hello\n\x04")
        answer, hint = process.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert answer == b"GSM-7, 1 segment, 5 units\n"
    assert hint == b"Reading one item per line from the keyboard; Ctrl-D ends.\n"


def test_the_locale_changes_nothing_and_the_mark_that_begins_a_windows_file_is_no_text(
    variables: dict[str, str],
) -> None:
    ascii_only = variables | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with started(INSPECT, ascii_only, stdin=subprocess.PIPE) as process:
        answers, _ = process.communicate("\ufeffone\r\nit’s\r\n\ufefftwo\r\n".encode(), timeout=20)
    first, second, third = answers.decode().splitlines()
    assert first == "GSM-7, 1 segment, 3 units"
    assert second.endswith("“it's”")
    assert "U+FEFF" in third

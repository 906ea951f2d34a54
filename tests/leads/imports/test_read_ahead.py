import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from psycopg import OperationalError

from leads.imports.errors import ListError
from leads.imports.read_ahead import read_ahead, read_apart

FOR_EVER = """
import itertools, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from leads.imports.read_ahead import read_apart
for pid in read_apart(os.getpid() for _ in itertools.count()):
    print(pid, flush=True)
    sys.stdin.readline()
"""


def counting(made: list[int], until: int = 5) -> Iterator[int]:
    for number in range(until):
        made.append(number)
        yield number


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_same_items_come_in_the_same_order(count):
    assert list(read_ahead(iter(range(count)))) == list(range(count))


def test_one_item_at_most_is_made_ahead_and_in_another_thread():
    threads = set()

    def items():
        for number in range(5):
            threads.add(threading.current_thread())
            made.append(number)
            yield number

    made: list[int] = []
    for number in read_ahead(items()):
        assert len(made) <= number + 2

    assert threading.main_thread() not in threads


def test_what_an_item_raises_is_raised_in_its_place():
    def items():
        yield 1
        yield 2
        raise ValueError("the third")

    ahead = read_ahead(items())

    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(ahead)


def test_whoever_stops_early_leaves_no_thread_behind():
    made: list[int] = []
    before = threading.active_count()
    ahead = read_ahead(counting(made))

    assert next(ahead) == 0
    ahead.close()

    assert threading.active_count() == before
    assert len(made) <= 2


def test_another_process_hands_over_the_same_items_in_the_same_order():
    def items():
        for number in range(5):
            yield number, os.getpid()

    apart = list(read_apart(items()))

    assert [number for number, _ in apart] == list(range(5))
    assert {pid for _, pid in apart}.isdisjoint({os.getpid()})
    assert list(read_apart(iter([]))) == []


def test_what_an_item_raises_in_the_other_process_is_raised_in_its_place():
    def items():
        yield 1
        raise ListError("a quotation mark opens here and is not closed", file="roll.csv", row=7)

    apart = read_apart(items())

    assert next(apart) == 1
    with pytest.raises(ListError, match=r"^roll.csv, row 7: a quotation mark opens here and is not closed$"):
        next(apart)
    assert not multiprocessing.active_children()


def test_whoever_stops_early_leaves_no_process_behind():
    apart = read_apart(iter([b"x" * 1_000_000] * 5))

    assert len(next(apart)) == 1_000_000
    apart.close()

    assert not multiprocessing.active_children()


def test_a_reader_ended_from_outside_is_told_in_one_line():
    def items():
        yield os.getpid()
        yield b"x" * 10_000_000  # more than a pipe holds: it waits to be read

    apart = read_apart(items())
    os.kill(next(apart), signal.SIGKILL)

    with pytest.raises(ListError, match=r"^the process that read it was ended from outside"):
        list(apart)
    assert not multiprocessing.active_children()


@pytest.mark.django_db(transaction=True)
def test_the_other_process_cannot_reach_the_database_of_the_first():
    connection.ensure_connection()
    firsts = connection.connection

    def items():
        yield firsts.execute("SELECT 1").fetchone()

    assert firsts.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(OperationalError):
        list(read_apart(items()))

    with connection.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)


def test_the_process_ends_with_the_one_it_works_for():
    with subprocess.Popen(
        [sys.executable, "-c", FOR_EVER], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as worker:
        reader = int(worker.stdout.readline())
        worker.kill()
    patience = time.monotonic() + 10
    while _is_running(reader) and time.monotonic() < patience:
        time.sleep(0.02)
    assert not _is_running(reader)


def _is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"

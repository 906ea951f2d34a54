import threading
from collections.abc import Iterator

import pytest

from leads.imports.read_ahead import read_ahead


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

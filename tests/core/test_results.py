from dataclasses import FrozenInstanceError

import pytest

from core.results import Result


def test_success_is_true_whatever_its_value():
    for value in (7, 0, None, ""):
        result = Result.ok(value, "done")
        assert bool(result) is True
        assert (result.value, result.code, result.message) == (value, "", "done")


def test_a_declined_result_is_false_and_says_why():
    result = Result[int].declined("quiet_hours", "It is night there.")
    assert bool(result) is False
    assert (result.value, result.code, result.message) == (None, "quiet_hours", "It is night there.")


def test_a_declined_result_needs_a_code():
    with pytest.raises(ValueError, match="needs a code"):
        Result.declined("", "no")


def test_it_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Result.ok(1).value = 2

import contextlib

import pytest
from celery import Celery
from django.core.cache import cache
from django.db import transaction

from core import waking
from core.waking import awake, finish_waking, wake, wake_on_commit, wake_soon


@pytest.fixture
def app(settings):
    app = Celery("test", broker=settings.REDIS_URL, set_as_current=False)
    app.conf.task_default_queue = "tests-look"
    app.conf.broker_transport_options = {"max_retries": 0}  # a broker that is down is not waited for
    return app


@pytest.fixture
def task(app):
    @app.task(name="tests.look")
    def look() -> None: ...

    cache.delete("wake:tests.look")
    with app.connection_for_write() as connection:
        connection.default_channel.client.delete("tests-look")
    return look


def waiting(task) -> int:
    with task.app.connection_for_write() as connection:
        return connection.default_channel.client.llen("tests-look")


def test_many_wake_ups_become_one_task(task):
    for _ in range(5):
        wake(task)

    assert waiting(task) == 1


def test_what_commits_after_the_task_began_to_look_wakes_it_again(task):
    wake(task)
    awake(task)
    wake(task)

    assert waiting(task) == 2


@transaction.atomic
def wake_then_fail(task):
    wake_on_commit(task)
    raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_nothing_is_woken_by_a_transaction_that_rolls_back(task):
    with contextlib.suppress(RuntimeError):
        wake_then_fail(task)

    assert waiting(task) == 0


def test_a_broker_that_is_down_does_not_fail_the_caller(task, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}

    wake(task)
    awake(task)

    assert waiting(task) == 0


def test_a_wake_up_that_could_not_be_queued_does_not_silence_the_next_one(task, app):
    app.conf.broker_url = app.conf.broker_write_url = "redis://127.0.0.1:1/0"
    wake(task)
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url
    assert cache.get("wake:tests.look") is None


def test_whoever_has_no_time_wakes_as_well_and_many_become_one(task):
    for _ in range(5):
        wake_soon(task)
    finish_waking()

    assert waiting(task) == 1


def test_what_is_asked_for_after_the_task_began_to_look_wakes_it_again(task):
    wake_soon(task)
    finish_waking()
    awake(task)
    wake_soon(task)
    finish_waking()

    assert waiting(task) == 2


def test_a_wake_up_that_fails_stops_no_other(task, monkeypatch, caplog):
    def broken(task):
        monkeypatch.undo()
        raise RuntimeError("broken")

    monkeypatch.setattr(waking, "wake", broken)
    wake_soon(task)
    finish_waking()
    wake_soon(task)
    finish_waking()

    assert "could not wake tests.look" in caplog.text
    assert waiting(task) == 1

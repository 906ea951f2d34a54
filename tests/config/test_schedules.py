"""The clock against the real tables: settings make the rows, people change them."""

import pytest
from celery.schedules import schedule
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.celery import app
from config.schedules import KeptScheduler

pytestmark = pytest.mark.django_db(transaction=True)  # the clock closes its connection
SWEEP = "send due messages"


def start_clock():
    """What `celery beat` does when it starts, without its loop."""
    KeptScheduler(app=app, lazy=True).setup_schedule()


def test_the_first_start_writes_every_sweep_of_the_settings():
    start_clock()

    tasks = {task.name: task.task for task in PeriodicTask.objects.all()}
    wanted = {name: entry["task"] for name, entry in app.conf.beat_schedule.items()}
    assert tasks.items() >= wanted.items()
    assert PeriodicTask.objects.get(name=SWEEP).interval.every == 15


def test_a_restart_keeps_what_people_changed():
    start_clock()
    hourly, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    task = PeriodicTask.objects.get(name=SWEEP)
    task.interval, task.enabled = hourly, False
    task.save()

    start_clock()

    task.refresh_from_db()
    assert (task.interval, task.enabled) == (hourly, False)


def test_a_task_that_moved_in_the_code_is_taken_up_at_the_times_people_chose():
    start_clock()
    moved = {"task": "outreach.tasks.moved", "schedule": schedule(5.0)}

    KeptScheduler(app=app, lazy=True).update_from_dict({SWEEP: moved})

    task = PeriodicTask.objects.get(name=SWEEP)
    assert (task.task, task.interval.every) == ("outreach.tasks.moved", 15)


def test_beat_uses_this_clock(settings):
    assert app.conf.beat_scheduler == settings.CELERY_BEAT_SCHEDULER == "config.schedules:KeptScheduler"

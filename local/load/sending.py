"""Texts a second against the simulator, beside tasks that do nothing, by the same worker in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from redis import Redis

from local.load.stage import PROCESSES, LoadStage
from local.twilio_simulator import TwilioSimulator

GOAL = 0.35
WARMING = 20
"""Tasks before the clock runs: the worker starts, and opens its connections."""
MOST_SECONDS = 600.0


def measure_sending(stage: LoadStage, twilio: TwilioSimulator, tasks: int) -> dict[str, Any]:
    """No-op tasks, then the campaign, then no-op tasks again: what else the machine does touches both."""
    stage.start("worker-1")
    _drain_no_ops(WARMING)
    before = _drain_no_ops(tasks)
    texts = _send_everything(twilio)
    after = _drain_no_ops(tasks)
    stage.kill("worker-1")
    floor = (before + after) / 2
    return {
        "texts/s": round(texts, 1),
        "no-op tasks/s": round(floor, 1),
        "ratio": round(texts / floor, 3),
        "goal": GOAL,
    }


def _drain_no_ops(tasks: int) -> float:
    """Queued and worked off at the same time, as a flood would be."""
    from local.load.celery_app import app, no_op

    broker = Redis.from_url(settings.CELERY_BROKER_URL)
    with app.producer_pool.acquire(block=True) as producer:
        started = time.perf_counter()
        for _ in range(tasks):
            no_op.apply_async(producer=producer, ignore_result=True)
    _wait_until(lambda: broker.llen("default") == 0)
    return tasks / (time.perf_counter() - started)


def _send_everything(twilio: TwilioSimulator) -> float:
    """From the first to the last text that the network took."""
    from outreach.models import Message
    from outreach.tasks import send_due_messages

    for _ in range(PROCESSES):
        send_due_messages.apply_async(ignore_result=True)
    _wait_until(lambda: not Message.objects.filter(state__in=("queued", "sending")).exists(), pause=0.05)
    asked = sorted(datetime.fromisoformat(message["asked_at"]) for message in twilio.log()["messages"])
    if len(asked) < 2:
        raise RuntimeError("nothing was sent; the worker's log says why")
    return (len(asked) - 1) / (asked[-1] - asked[0]).total_seconds()


def _wait_until(is_so: Callable[[], bool], pause: float = 0.002) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done after {MOST_SECONDS:.0f} s")
        time.sleep(pause)

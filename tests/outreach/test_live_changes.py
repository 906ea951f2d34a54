"""What people change in the admin holds in every running process: two live workers, asked one after the other.

Nothing is kept in a process between two batches of texts (docs/adr/0018), so there is nothing to tell them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import time as clock_time
from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app
from core.circuit_breaker import shared_client
from leads.models import Lead
from local.twilio_simulator import TwilioSimulator
from markets.models import ContactRule, Holiday, Market
from markets.pausing import pause_market
from outreach.breakers import check_breakers
from outreach.campaigns import launch_campaign
from outreach.models import BreakerRule, Campaign, Message, SenderNumber, TemplateVariant
from outreach.suppressions import suppress_number
from outreach.tasks import send_due_messages
from tests.outreach.campaign_setting import draft_campaign, open_market, reachable_lead
from tests.outreach.test_reconciling import worker_environment

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 5.0
"""Seconds from the change to its effect."""
WORKERS = ("live-1", "live-2")
NEW_WORDS = "LA Land Wholesale again, about your land. Reply STOP to opt out."
LATER = timedelta(days=300)


@pytest.fixture
def workers(twilio_simulator: TwilioSimulator) -> Iterator[None]:
    """Each listens to a queue of its own, so that the test knows whom it asks."""
    variables = worker_environment() | {"REDIS_URL": os.environ["REDIS_URL"]}
    running = [subprocess.Popen(_command(queue), env=variables, stdout=subprocess.DEVNULL) for queue in WORKERS]
    yield
    for worker in running:
        worker.terminate()
    for worker in running:
        worker.wait(20)


def _command(queue: str) -> list[str]:
    celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "error"]
    return [*celery, "--without-gossip", "--without-mingle", "-Q", queue, "-n", f"{queue}@%h"]


@pytest.fixture
def market() -> Market:
    """Open at whatever hour the test runs, with texts that wait until they are asked for."""
    market = open_market(
        contact_start=clock_time(0), contact_end=clock_time(23, 59, 59), contacts_sunday=True, contacts_saturday=True
    )
    _open_always()
    leads: list[Lead] = [reachable_lead(market) for _ in range(20)]
    assert launch_campaign(draft_campaign(leads[0].market), by=None)
    Message.objects.update(due_at=timezone.now() + LATER)
    return market


def _open_always() -> None:
    Holiday.objects.all().delete()
    ContactRule.objects.update(
        start=clock_time(0), end=clock_time(23, 59, 59), saturday=True, sunday=True, sunday_start=None,
        closed_on_holidays=False,
    )  # fmt: skip


def both_send(expected: Callable[[Message], bool]) -> None:
    """Each worker is given a text and does with it what the settings of this moment say, within the time."""
    changed_at = time.monotonic()
    for queue in WORKERS:
        text = Message.objects.filter(state="queued", due_at__gt=timezone.now() + timedelta(days=200)).earliest("pk")
        Message.objects.filter(pk=text.pk).update(due_at=timezone.now())
        send_due_messages.apply_async(queue=queue)
        _wait(lambda pk=text.pk: expected(Message.objects.get(pk=pk)), changed_at + WITHIN * (1 + WORKERS.index(queue)))


def _wait(happened: Callable[[], bool], until: float) -> None:
    while not happened():
        assert time.monotonic() < until, Message.objects.order_by("-due_at").values("state", "error", "body")[:3]
        time.sleep(0.05)


def is_sent(text: Message) -> bool:
    return text.state == "sent" or text.state == "delivered"


def is_held(because: str) -> Callable[[Message], bool]:
    return lambda text: text.state == "queued" and because in text.error


def test_a_change_of_any_setting_holds_in_both_workers_at_once(market: Market, workers: None) -> None:
    _wait(_are_up, time.monotonic() + 60)
    both_send(is_sent)

    TemplateVariant.objects.update(body=NEW_WORDS)
    both_send(lambda text: is_sent(text) and text.body == NEW_WORDS)

    Market.objects.update(daily_text_cap=4)
    both_send(is_held("the market's texts a day"))
    Market.objects.update(daily_text_cap=1000)

    SenderNumber.objects.update(daily_cap=4)
    both_send(is_held("the sender's texts a day"))
    SenderNumber.objects.update(daily_cap=1000)
    both_send(is_sent)

    _close_louisiana(timezone.localtime().hour)
    both_send(is_held("Louisiana"))
    _open_always()

    _open_a_breaker()
    both_send(is_held("a breaker is open"))

    assert pause_market(market, by=None, reason="wrong wording")
    Message.objects.update(due_at=timezone.now())
    for queue in WORKERS:
        send_due_messages.apply_async(queue=queue)
    _wait(lambda: not _tasks_waiting(), time.monotonic() + WITHIN)
    assert not Message.objects.filter(state="sending").exists()


def _are_up() -> bool:
    return len(app.control.ping(timeout=1.0)) == len(WORKERS)


def _close_louisiana(hour: int) -> None:
    start, end = (1, 2) if hour > 2 else (12, 13)
    ContactRule.objects.filter(state="LA").update(start=clock_time(start), end=clock_time(end))


def _open_a_breaker() -> None:
    """By a stricter rule. The campaign that it pauses is let go on: that the breaker holds by itself is asked here."""
    BreakerRule.objects.filter(scope="campaign", signal="wrong_number").update(least=1, percent=1)
    text = Message.objects.filter(sent_at__isnull=False).earliest("pk")
    suppress_number(text.phone, "wrong_number", evidence="a reply")
    assert check_breakers() == 1
    Campaign.objects.update(status="running")


def _tasks_waiting() -> int:
    client = shared_client(os.environ["REDIS_URL"])
    return sum(int(client.llen(queue)) for queue in WORKERS)

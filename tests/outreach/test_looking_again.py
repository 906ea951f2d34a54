"""A setting that is changed while texts are held counts for them at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from local.twilio_simulator import TwilioSimulator
from markets.emergencies import end_hold
from markets.models import EmergencyHold, Market
from outreach.breakers import check_breakers, close_breaker
from outreach.campaigns import launch_campaign
from outreach.models import Breaker, BreakerRule, GateDecision, Message, SendAttempt
from outreach.tasks import send_due_messages
from tests.factories import UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead

State = Message.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def launched(market: Market, texts: int) -> None:
    for _ in range(texts):
        reachable_lead(market)
    assert launch_campaign(draft_campaign(market), by=None)


def left() -> int:
    send_due_messages()
    return SendAttempt.objects.count()


def test_a_cap_that_is_raised_lets_the_rest_go_today(twilio_simulator: TwilioSimulator) -> None:
    market = open_market(daily_text_cap=1)
    launched(market, 3)
    assert left() == 1
    assert Message.objects.filter(state=State.QUEUED, due_at__gt=MONDAY_MORNING + timedelta(hours=20)).count() == 2
    market.daily_text_cap = 2
    market.save()
    assert left() == 2


def test_an_emergency_that_ends_early_lets_them_go(twilio_simulator: TwilioSimulator) -> None:
    market, ends_at = open_market(), MONDAY_MORNING + timedelta(days=2)
    hold = EmergencyHold.objects.create(
        state="LA", starts_at=MONDAY_MORNING - timedelta(hours=1), ends_at=ends_at, reason="storm"
    )
    launched(market, 1)
    assert (left(), Message.objects.get().due_at) == (0, ends_at)
    assert end_hold(hold, by=None)
    assert left() == 1


def test_a_breaker_that_is_closed_lets_them_go(twilio_simulator: TwilioSimulator) -> None:
    launched(open_market(), 2)
    BreakerRule.objects.filter(scope="provider").update(least=1, percent=1)
    first = Message.objects.earliest("pk")
    SendAttempt.objects.create(message=first, number=9, started_at=MONDAY_MORNING, outcome="unknown")
    assert check_breakers() == 1
    assert left() == 1
    assert close_breaker(Breaker.objects.get(), by=UserFactory(), reason="the provider is back")
    assert left() == 3


def test_without_a_change_nothing_is_judged_twice(twilio_simulator: TwilioSimulator) -> None:
    launched(open_market(daily_text_cap=1), 3)
    assert left() == 1
    judged = GateDecision.objects.count()
    assert (left(), GateDecision.objects.count()) == (1, judged)

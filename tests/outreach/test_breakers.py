"""What goes wrong too often stops by itself, is tried again, and goes on or stops longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.exceptions import ValidationError

from leads.models import Event
from local.twilio_simulator import TwilioSimulator
from outreach.breakers import check_breakers, close_breaker
from outreach.campaigns import launch_campaign, pause_campaign, resume_campaign
from outreach.gatekeeper import gather_facts, judge
from outreach.models import Breaker, BreakerRule, Campaign, Message, SendAttempt
from outreach.opt_outs import opt_out
from outreach.sending import send_due
from tests.factories import UserFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
)

pytestmark = pytest.mark.django_db
State, Signal = Breaker.State, BreakerRule.Signal
FILTERED = 30007


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def campaign() -> Campaign:
    """Of one text, to ten people who may be texted."""
    market = open_market()
    leads = [reachable_lead(market) for _ in range(10)]
    campaign = draft_campaign(leads[0].market)
    assert launch_campaign(campaign, by=None)
    return campaign


def rule(scope: str, signal: str, **figures: int) -> BreakerRule:
    BreakerRule.objects.filter(scope=scope, signal=signal).update(**figures)
    return BreakerRule.objects.get(scope=scope, signal=signal)


def went(texts: list[Message], at: datetime, **fields: object) -> None:
    """These texts left at this moment and ended so."""
    for text in texts:
        Message.objects.filter(pk=text.pk).update(
            **{"state": "delivered", "claimed_at": at, "sent_at": at, "sid": f"SM{text.pk}", "attempts": 1} | fields
        )


def texts() -> list[Message]:
    return list(Message.objects.filter(direction="out").order_by("pk"))


def only_breaker() -> Breaker:
    return Breaker.objects.get()


def test_filtered_texts_open_the_templates_breaker_and_pause_its_campaign(campaign: Campaign) -> None:
    rule("template", "filtered", least=3, percent=50)
    went(texts()[:5], MONDAY_MORNING)
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    assert check_breakers() == 0

    went(texts()[:3], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    assert check_breakers() == 1

    breaker, kept = only_breaker(), Campaign.objects.get()
    assert (breaker.state, breaker.reason) == (State.OPEN, "3 of 5 texts filtered by carriers within 24 hours")
    assert (kept.status, kept.pause_reason) == ("paused", breaker.reason)
    assert Event.objects.filter(kind=Event.Kind.PROVIDER_ALARM).get().data["detail"] == breaker.reason
    assert check_breakers() == 0


def test_the_rate_counts_and_not_the_number_alone(campaign: Campaign) -> None:
    rule("template", "filtered", least=3, percent=40)
    went(texts(), MONDAY_MORNING)
    went(texts()[:3], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    assert check_breakers() == 0


def test_what_is_older_than_the_window_does_not_count(campaign: Campaign) -> None:
    rule("template", "filtered", least=3, percent=50)
    went(texts()[:3], MONDAY_MORNING - timedelta(hours=25), state="undelivered", error_code=FILTERED)
    assert check_breakers() == 0


def test_opt_outs_after_a_campaigns_texts_stop_it(campaign: Campaign) -> None:
    rule("campaign", "opted_out", least=2, percent=20)
    went(texts()[:4], MONDAY_MORNING)
    for text in texts()[:2]:
        opt_out(text.phone, evidence="STOP")
    opt_out(texts()[9].phone, evidence="STOP")  # was never texted

    check_breakers(signals=[Signal.OPTED_OUT])

    assert only_breaker().reason == "2 of 4 texts answered with an opt-out within 24 hours"
    assert Campaign.objects.get().status == "paused"


def test_an_open_breaker_holds_campaign_texts_and_lets_a_persons_answer_go(campaign: Campaign) -> None:
    rule("sender", "filtered", least=1, percent=1, cool_down_minutes=60)
    went(texts()[:1], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers(signals=[Signal.FILTERED])
    waiting = texts()[5]

    decision = judge(waiting, MONDAY_MORNING)
    assert (decision.outcome, decision.until) == ("held", MONDAY_MORNING + timedelta(hours=1))
    assert "a breaker is open: 1 of 1 texts filtered by carriers" in decision.reason

    waiting.step, waiting.origin = None, Message.Origin.REPLY
    assert gather_facts(waiting, MONDAY_MORNING).switches.breaker_open == ""


def test_nothing_is_handed_over_while_the_provider_does_not_answer(
    campaign: Campaign, twilio_simulator: TwilioSimulator
) -> None:
    rule("provider", "unanswered", least=2, percent=50)
    for number, text in enumerate(texts()[:2], start=1):
        SendAttempt.objects.create(message=text, number=number, started_at=MONDAY_MORNING, outcome="unknown")
    check_breakers()

    send_due()

    assert twilio_simulator.counts()["accepted"] == 0
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}


def test_a_provider_that_is_out_of_reach_opens_it_and_is_tried_with_a_few_texts(
    campaign: Campaign, twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates, settings: LazySettings
) -> None:
    """Texts that never got there go back into the queue: they are tried all the same."""
    rule("provider", "unanswered", least=2, percent=50, cool_down_minutes=2, probes=2)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert send_due(limit=3).counts == {"retried": 3}
    assert check_breakers() == 1
    assert send_due().counts == {"held": 7}

    clock.shift(timedelta(minutes=3))
    assert check_breakers() == 1
    found = [send_due(limit=1).counts for _ in range(4)]
    assert found == [{"retried": 1}, {"retried": 1}, {"held": 1}, {"held": 1}]
    assert check_breakers() == 1
    assert (only_breaker().state, only_breaker().times_opened) == (State.OPEN, 2)


def test_after_the_cool_down_a_few_texts_are_tried_and_close_it(
    campaign: Campaign, twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    rule("template", "filtered", least=2, percent=10, cool_down_minutes=60, probes=2)
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers()
    clock.shift(timedelta(minutes=61))

    assert check_breakers() == 1
    assert (only_breaker().state, Campaign.objects.get().status) == (State.HALF_OPEN, "running")
    send_due()
    assert twilio_simulator.counts()["accepted"] == 2
    assert check_breakers() == 0  # their fate is awaited

    clock.shift(timedelta(minutes=16))
    assert check_breakers() == 1
    assert only_breaker().state == State.CLOSED
    Message.objects.filter(state="queued").update(due_at=MONDAY_MORNING)
    send_due()
    assert twilio_simulator.counts()["accepted"] == 8
    assert check_breakers() == 0  # what was filtered before does not count again


def test_a_text_that_is_tried_and_goes_wrong_opens_it_for_twice_as_long(
    campaign: Campaign, clock: time_machine.Coordinates
) -> None:
    rule("template", "filtered", least=2, percent=10, cool_down_minutes=60)
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers()
    clock.shift(timedelta(minutes=61))
    check_breakers()
    again = MONDAY_MORNING + timedelta(minutes=62)
    went(texts()[2:3], again, state="undelivered", error_code=FILTERED)

    check_breakers(again)

    breaker = only_breaker()
    assert (breaker.state, breaker.times_opened) == (State.OPEN, 2)
    assert breaker.retry_at == again + timedelta(minutes=120)
    assert Campaign.objects.get().status == "paused"


def test_without_texts_to_try_only_a_person_closes_it(campaign: Campaign, clock: time_machine.Coordinates) -> None:
    rule("template", "filtered", least=2, percent=10, probes=0)
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers()
    clock.shift(timedelta(days=3))
    assert check_breakers() == 0
    manager = UserFactory()
    assert close_breaker(only_breaker(), by=manager, reason=" ").code == "no_reason"
    assert resume_campaign(campaign, by=manager).code == "breaker_open"

    assert close_breaker(only_breaker(), by=manager, reason="new wording")

    breaker = only_breaker()
    assert (breaker.state, breaker.closed_by, breaker.close_reason) == (State.CLOSED, manager, "new wording")
    assert close_breaker(breaker, by=manager, reason="again").code == "closed"
    assert resume_campaign(campaign, by=manager)
    assert check_breakers() == 0


def test_a_campaign_that_a_person_paused_stays_paused(campaign: Campaign, clock: time_machine.Coordinates) -> None:
    rule("template", "filtered", least=2, percent=10, cool_down_minutes=60)
    assert pause_campaign(campaign, by=UserFactory(), reason="holiday")
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers()
    clock.shift(timedelta(minutes=61))
    check_breakers()
    assert Campaign.objects.get().status == "paused"


def test_a_rule_that_is_switched_off_stops_nothing(campaign: Campaign) -> None:
    BreakerRule.objects.update(active=False)
    went(texts(), MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    assert check_breakers() == 0


def test_a_rule_of_nonsense_is_refused() -> None:
    with pytest.raises(ValidationError, match="did not answer"):
        BreakerRule(scope="template", signal="unanswered").full_clean()


def test_a_text_of_another_template_is_not_held(campaign: Campaign) -> None:
    rule("template", "filtered", least=2, percent=10)
    rule("sender", "filtered", least=90)
    other = draft_campaign(campaign.market)
    lead = reachable_lead(campaign.market)
    assert launch_campaign(other, by=None)
    went(texts()[:2], MONDAY_MORNING, state="undelivered", error_code=FILTERED)
    check_breakers()
    assert Breaker.objects.count() == 1
    assert gather_facts(text_of(lead), MONDAY_MORNING).switches.breaker_open == ""
    assert phone_of(lead)

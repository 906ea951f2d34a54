"""Several texts at once: what the database is asked, what a crash leaves, and what holds the rest back."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from config.reactions import is_heard
from leads.models import Event, Lead
from leads.stages import Stage
from local.twilio_simulator import TwilioSimulator
from markets.models import EmergencyHold, Market
from markets.pausing import pause_market
from outreach import handing_over, sending
from outreach.campaigns import launch_campaign, pause_campaign
from outreach.handing_over import AT_ONCE, Answer, as_text, begin_attempts, hand_over, record_answers
from outreach.models import CampaignOwner, GateDecision, Message, SendAttempt, WebhookEvent
from outreach.provider import HttpAnswer, ProviderText, SmsProvider, sms_provider
from outreach.reconciling import GIVE_UP_AFTER, STUCK_AFTER, reconcile
from outreach.sending import SendReport, queue_reply, send_due
from outreach.suppressions import suppress_number, suppress_owner
from tests.factories import MessageFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
    texts_at,
)
from tests.outreach.test_reconciling import WORKER, wait_for, worker_environment
from tests.outreach.twilio_requests import stored_text

State = Message.State
pytestmark = pytest.mark.django_db
FINE, BUSY, DOWN, SILENT = "1234", "0003", "0004", "0005"
"""How numbers end that the provider takes, refuses with 429, fails with 500, and takes without ever answering."""

QUERIES = 73
"""Of a batch in two groups: one text, then the others together."""


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def launched(*endings: str) -> list[Lead]:
    """Leads in the order in which their texts leave, which is that of their scores."""
    market = open_market()
    leads = [reachable_lead(market, number=f"+1225{555 + n}{ending}", score=99 - n) for n, ending in enumerate(endings)]
    assert launch_campaign(draft_campaign(market), by=None)
    return leads


def claimed() -> list[Message]:
    return sending._claim(100, MONDAY_MORNING, SendReport())


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was written down together."""
    rounds: list[list[str]] = []
    record = handing_over.record_answers

    def note(*arguments: Any) -> list[str]:
        rounds.append(record(*arguments))
        return rounds[-1]

    monkeypatch.setattr(handing_over, "record_answers", note)
    return rounds


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts were handed over together."""
    sizes: list[int] = []
    begin = handing_over.begin_attempts

    def note(group: list[Message], *arguments: Any) -> dict[int, str]:
        sizes.append(len(group))
        return begin(group, *arguments)

    monkeypatch.setattr(handing_over, "begin_attempts", note)
    return sizes


@pytest.mark.parametrize("size", [3, AT_ONCE + 1])
def test_a_larger_batch_asks_the_database_no_more_often(
    twilio_simulator: TwilioSimulator, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leads that move on to the next stage included. On a busy machine the answers of a group may come in two parts,
    which are written down apart: here they are waited for."""
    monkeypatch.setattr(handing_over, "LINGER", 30.0)
    launched(*[FINE] * size)
    with CaptureQueriesContext(connection) as queries:
        assert send_due().sent == size
    assert len(queries) == QUERIES, [query["sql"][:120] for query in queries]
    assert set(Lead.objects.values_list("stage", flat=True)) == {Stage.CONTACTED}


def test_every_text_of_a_batch_has_its_records(twilio_simulator: TwilioSimulator) -> None:
    leads = launched(*[FINE] * 20)
    assert send_due().counts == {"sent": 20}
    assert SendAttempt.objects.filter(outcome="accepted", http_status=201).exclude(sid="").count() == 20
    assert GateDecision.objects.filter(outcome="allowed", verdicts__0__rule="live_switch").count() == 20
    assert Event.objects.filter(kind="MessageSent").values("owner").distinct().count() == 20
    assert Event.objects.filter(kind="StageChanged", data__to="contacted").values("lead").distinct().count() == 20
    assert set(CampaignOwner.objects.values_list("position", flat=True)) == {2}
    texts = {text["to"]: (text["sid"], text["body"]) for text in texts_at(twilio_simulator)}
    assert texts == {phone_of(lead).number: (text_of(lead).sid, text_of(lead).body) for lead in leads}


def test_nothing_reacts_to_what_is_written_handled() -> None:
    assert not is_heard(Event.Kind.MESSAGE_SENT)


def test_a_call_that_hangs_holds_up_nobodys_record(
    twilio_simulator: TwilioSimulator, recorded: list[list[str]]
) -> None:
    launched(FINE, SILENT, FINE, FINE, FINE)
    assert send_due().counts == {"sent": 4, "uncertain": 1}
    assert recorded[-1] == ["uncertain"]
    assert {outcome for outcomes in recorded[:-1] for outcome in outcomes} == {"sent"}


def test_the_first_text_tries_the_provider_and_trouble_makes_the_rest_go_one_by_one(
    twilio_simulator: TwilioSimulator, groups: list[int]
) -> None:
    launched(DOWN, DOWN, FINE, FINE, FINE)
    assert send_due().counts == {"uncertain": 2, "sent": 3}
    assert groups == [1, 1, 1, 2]


def test_nobody_calls_before_the_time_is_over_that_the_provider_asked_for(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    """The simulator asks for a second."""
    launched(BUSY, FINE, FINE)
    report = send_due()
    assert (report.counts, report.pause) == ({"retried": 1, "released": 2}, timedelta(seconds=1))
    assert send_due() == SendReport()
    monday_morning.shift(timedelta(seconds=1.5))
    assert send_due().counts == {"sent": 2}
    assert Message.objects.get(state=State.QUEUED).due_at > MONDAY_MORNING + timedelta(seconds=1.5)


def test_one_text_at_a_time_is_on_its_way_to_a_number(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), number=f"+1225555{FINE}")
    words = [f"Sam: part {part} of what I have to say." for part in (1, 2, 3)]
    for body in words:
        assert queue_reply(lead.owner, phone_of(lead), body, lead=lead, by=None)
    first = claimed()
    assert [text.body[: len(words[0])] for text in first] == words[:1]
    assert send_due() == SendReport()
    assert hand_over(first, MONDAY_MORNING) == {"sent": 1}
    assert [send_due().sent for _ in words] == [1, 1, 0]
    assert [text["body"][: len(words[0])] for text in texts_at(twilio_simulator)] == words


def test_a_worker_lost_with_a_group_in_its_hands_sends_nobody_a_second_text(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    launched(*[FINE] * 5)
    texts = claimed()
    assert begin_attempts(texts[:4], MONDAY_MORNING) == {}
    for text in texts[:2]:
        sms_provider().send(as_text(text))  # and here the worker dies: two had left, two had not, one was only claimed
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))

    done = reconcile()

    assert (done["released"], done["uncertain"], done["found"]) == (1, 4, 2)
    assert send_due().sent == 1
    monday_morning.shift(GIVE_UP_AFTER)
    assert reconcile()["no trace"] == 2
    assert send_due() == SendReport()
    numbers = [text["to"] for text in texts_at(twilio_simulator)]
    assert len(numbers) == len(set(numbers)) == 3


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_with_a_group_in_its_hands_sends_nobody_a_second_text(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    launched(FINE, SILENT, SILENT, SILENT)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, MONDAY_MORNING.isoformat()], env=worker_environment())
    try:
        wait_for(lambda: len(texts_at(twilio_simulator)) == 4)
    finally:
        worker.kill()
        worker.wait()
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))

    assert send_due() == SendReport()
    done = reconcile()

    assert done["found"] >= 3
    assert set(Message.objects.values_list("state", flat=True)) <= {State.SENT, State.DELIVERED}
    assert len(texts_at(twilio_simulator)) == 4


def test_what_comes_in_after_the_claim_stops_its_text_alone(twilio_simulator: TwilioSimulator) -> None:
    leads = launched(*[FINE] * 4)
    texts = claimed()
    stored_text(phone_of(leads[1]).number, "STOP", 1)
    sending.cancel_queued(phone=phone_of(leads[2]), reason="stop")

    assert hand_over(texts, MONDAY_MORNING) == {"sent": 2, "held": 1, "cancelled": 1}

    assert [text["to"] for text in texts_at(twilio_simulator)] == [phone_of(lead).number for lead in leads[::3]]
    assert [text_of(lead).state for lead in leads] == [State.SENT, State.QUEUED, State.CANCELLED, State.SENT]
    assert not SendAttempt.objects.filter(message__lead__in=leads[1:3]).exists()


def _suppress(text: Message) -> None:
    suppress_number(text.phone, "litigator", evidence="a letter of counsel")


def _suppress_owner(text: Message) -> None:
    assert text.owner is not None
    suppress_owner(text.owner, "manual", evidence="a call")


def _pause_market(text: Message) -> None:
    assert text.market is not None
    assert pause_market(text.market, by=None, reason="wrong wording")


def _switch_market_off(text: Message) -> None:
    Market.objects.update(active=False)


def _pause_campaign(text: Message) -> None:
    assert text.step is not None
    assert pause_campaign(text.step.campaign, by=None, reason="wrong wording")


def _declare_emergency(text: Message) -> None:
    EmergencyHold.objects.create(state="LA", starts_at=MONDAY_MORNING, reason="hurricane")


def _answer_from_another_number(text: Message) -> None:
    MessageFactory(owner=text.owner)


@pytest.mark.parametrize(
    "forbid",
    [
        _suppress,
        _suppress_owner,
        _pause_market,
        _switch_market_off,
        _pause_campaign,
        _declare_emergency,
        _answer_from_another_number,
    ],
)
def test_what_is_forbidden_after_the_claim_does_not_leave(
    twilio_simulator: TwilioSimulator, forbid: Callable[[Message], None]
) -> None:
    launched(FINE)
    texts = claimed()
    forbid(texts[0])
    assert hand_over(texts, MONDAY_MORNING) == {"held": 1}
    assert send_due().sent == 0
    assert not SendAttempt.objects.exists()
    assert texts_at(twilio_simulator) == []


def test_an_emergency_elsewhere_stops_nobody_in_louisiana(twilio_simulator: TwilioSimulator) -> None:
    launched(FINE)
    texts = claimed()
    EmergencyHold.objects.create(state="FL", starts_at=MONDAY_MORNING, reason="hurricane")
    assert hand_over(texts, MONDAY_MORNING) == {"sent": 1}


def test_what_comes_in_while_a_batch_leaves_stops_the_rest_of_it(
    twilio_simulator: TwilioSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = launched(*[FINE] * 3)
    record = handing_over.record_answers

    def record_and_hear(*arguments: Any) -> list[str]:
        if not WebhookEvent.objects.exists():
            stored_text(phone_of(leads[2]).number, "STOP", 1)
        return record(*arguments)

    monkeypatch.setattr(handing_over, "record_answers", record_and_hear)
    assert send_due().counts == {"sent": 2, "held": 1}
    assert len(texts_at(twilio_simulator)) == 2


def test_a_claim_that_has_grown_old_goes_back(
    twilio_simulator: TwilioSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched(*[FINE] * 3)
    texts = claimed()
    monkeypatch.setattr(handing_over, "STALE_CLAIM", 0.0)
    assert hand_over(texts, MONDAY_MORNING) == {"released": 3}
    assert {(text.state, text.attempts) for text in Message.objects.all()} == {(State.QUEUED, 0)}
    assert texts_at(twilio_simulator) == []


def test_a_text_that_was_taken_for_another_is_given_its_id_back(twilio_simulator: TwilioSimulator) -> None:
    launched(FINE, FINE)
    first, second = claimed()
    begin_attempts([first, second], MONDAY_MORNING)
    Message.objects.filter(pk=first.pk).update(state=State.SENT, sid="SM" + "2" * 32, sent_at=MONDAY_MORNING)

    assert record_answers([(second, accepted("SM" + "2" * 32))], MONDAY_MORNING) == ["sent"]

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {first.pk: State.UNCERTAIN, second.pk: State.SENT}


def test_an_answer_that_cannot_be_written_down_takes_no_other_with_it(twilio_simulator: TwilioSimulator) -> None:
    launched(FINE, FINE)
    first, second = claimed()
    begin_attempts([first, second], MONDAY_MORNING)
    answers = [(first, accepted("too long: " + "2" * 32)), (second, accepted("SM" + "3" * 32))]

    assert sorted(record_answers(answers, MONDAY_MORNING)) == ["sent", "unrecorded"]

    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {first.pk: State.SENDING, second.pk: State.SENT}


def accepted(sid: str) -> Answer:
    text = ProviderText(sid, "queued", "out", "", "", "", MONDAY_MORNING, http=HttpAnswer(201, "RQ1"))
    return Answer(text, 5)


def test_calls_that_were_made_are_written_down_when_the_database_fails_the_next_group(
    twilio_simulator: TwilioSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched(FINE, SILENT, *[FINE] * AT_ONCE)
    begin = handing_over.begin_attempts

    def fail_later(group: list[Message], *arguments: Any) -> dict[int, str]:
        if SendAttempt.objects.count() > AT_ONCE:
            raise OperationalError("the server went away")
        return begin(group, *arguments)

    monkeypatch.setattr(handing_over, "begin_attempts", fail_later)
    with pytest.raises(OperationalError):
        send_due()

    counts = Counter(Message.objects.values_list("state", flat=True))
    assert counts == {State.SENT: AT_ONCE, State.UNCERTAIN: 1, State.SENDING: 1}
    assert SendAttempt.objects.count() == AT_ONCE + 1


def test_each_thread_has_a_connection_to_the_provider_of_its_own(settings: LazySettings) -> None:
    found: list[SmsProvider] = [sms_provider(), sms_provider()]
    thread = threading.Thread(target=lambda: found.append(sms_provider()))
    thread.start()
    thread.join()
    assert found[0] is found[1] is not found[2]

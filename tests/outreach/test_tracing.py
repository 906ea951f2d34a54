"""The whole history of a text: what is written down while it is sent, and what `trace_message` says of it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import launch_campaign
from outreach.inbound import process_waiting
from outreach.models import Message, SendAttempt
from outreach.reconciling import fetch_prices, reconcile
from outreach.sending import send_due
from outreach.tracing import trace
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead
from tests.outreach.conversations import contact, texted
from tests.outreach.twilio_requests import sid, stored_status, stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as coordinates:
        yield coordinates


def launched(ending: str = "1234") -> Message:
    lead = reachable_lead(open_market(), number=f"+1225578{ending}")
    assert launch_campaign(draft_campaign(lead.market), by=None)
    message: Message = Message.objects.get()
    return message


def traced(key: object) -> Any:
    found = Message.objects.traced(str(key))
    assert found is not None
    return trace(found)


def told(*options: str) -> str:
    out = io.StringIO()
    call_command("trace_message", *options, stdout=out)
    return out.getvalue()


def test_from_decision_to_delivery(twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates) -> None:
    message = launched()
    send_due()
    message.refresh_from_db()
    clock.shift(timedelta(seconds=2))
    stored_status(message.token, str(message.sid), "sent")
    clock.shift(timedelta(seconds=3))
    stored_status(message.token, str(message.sid), "delivered", RawDlrDoneDate="2609141105")
    process_waiting()

    found = traced(message.sid)

    assert [decision.outcome for decision in found.decisions] == ["allowed"]
    (attempt,) = found.attempts
    assert (attempt.outcome, attempt.http_status, attempt.sid) == ("accepted", 201, message.sid)
    assert attempt.request_id.startswith("RQ")
    assert attempt.started_at - MONDAY_MORNING < timedelta(seconds=1)
    assert attempt.answered_at - attempt.started_at == timedelta(milliseconds=attempt.latency_ms)
    assert [(one.status, one.rank, one.late) for one in found.callbacks] == [
        ("sent", 3, False),
        ("delivered", 4, False),
    ]
    assert [one.latency_ms for one in found.callbacks] == pytest.approx([2000, 5000], abs=900)
    assert [one.waited_ms for one in found.callbacks] == [3000, 0]
    assert found.callbacks[-1].happened_at == "2609141105"
    assert found.delivered_in_ms == found.callbacks[-1].latency_ms


def test_callbacks_that_come_late_say_that_they_changed_nothing(
    twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    message = launched()
    send_due()
    message.refresh_from_db()
    for status in ("delivered", "sent", "queued"):
        clock.shift(timedelta(seconds=1))
        stored_status(message.token, str(message.sid), status)
        process_waiting()

    callbacks = traced(message.pk).callbacks

    assert [(one.status, one.late) for one in callbacks] == [("delivered", False), ("sent", True), ("queued", True)]


def test_a_refusal_keeps_code_status_and_request(twilio_simulator: TwilioSimulator) -> None:
    message = launched("0001")
    send_due()

    found = traced(message.pk)

    (attempt,) = found.attempts
    assert (attempt.outcome, attempt.error_code, attempt.http_status) == ("refused", 21211, 400)
    assert attempt.request_id.startswith("RQ")
    assert found.meaning == "not a valid phone number"
    assert found.cost.amount is None


def test_an_answer_that_never_came_has_no_status(twilio_simulator: TwilioSimulator) -> None:
    message = launched("0005")
    send_due()

    (attempt,) = traced(message.pk).attempts

    assert (attempt.outcome, attempt.http_status, attempt.answered_at, attempt.request_id) == (
        "unknown",
        None,
        None,
        "",
    )


def test_a_text_whose_outcome_is_unknown_neither_cost_nothing_nor_met_the_error_of_an_earlier_attempt(
    twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    message = launched("0005")
    Message.objects.filter(pk=message.pk).update(error_code=20429)
    send_due()

    words, as_json = told(str(message.pk)), json.loads(told(str(message.pk), "--json"))

    assert (as_json["state"], as_json["error_code"]) == ("uncertain", None)
    assert (as_json["cost"]["amount"], as_json["cost"]["open"]) == (None, True)
    assert "cost      not known: the provider may have taken the text" in words


def test_a_text_tried_twice_is_found_by_either_id_with_what_came_for_both(
    twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    message = launched()
    send_due()
    message.refresh_from_db()
    first = str(message.sid)
    stored_status(message.token, first, "undelivered", ErrorCode="30008")
    process_waiting()
    clock.shift(timedelta(hours=1))
    send_due()
    message.refresh_from_db()
    stored_status(message.token, first, "sent", ErrorCode="")
    process_waiting()

    found = traced(first)

    assert found.message == message == traced(message.sid).message
    assert first != message.sid
    assert [attempt.sid for attempt in found.attempts] == [first, message.sid]
    assert [(one.status, one.attempt, one.error_code, one.late) for one in found.callbacks] == [
        ("undelivered", 1, 30008, False),
        ("sent", 1, None, True),
    ]
    assert found.callbacks[0].meaning == "unknown delivery error"


def test_the_cost_is_our_count_until_the_provider_names_its_price(
    twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    message = launched()
    send_due()
    before = traced(message.pk).cost
    assert (before.amount, before.unit, before.exact) == (Decimal("0.0108"), "USD", False)
    assert fetch_prices() == 0  # too early: the provider does not know yet

    twilio_simulator.wait_until_quiet()
    clock.shift(timedelta(minutes=20))

    assert fetch_prices() == 1
    after = traced(message.pk).cost
    assert (after.exact, after.unit, after.segments) == (True, "USD", 1)
    assert after.amount == SendAttempt.objects.get().price > 0
    assert fetch_prices() == 0


def test_a_text_settled_by_the_reconciler_has_its_price_and_says_that_nothing_was_posted(
    twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates
) -> None:
    message = launched("0005")
    send_due()
    twilio_simulator.wait_until_quiet()
    clock.shift(timedelta(minutes=1))
    reconcile()

    found = traced(message.pk)

    assert found.cost.exact
    assert [(one.status, one.posted) for one in found.callbacks] == [("delivered", False)]


def test_without_the_live_switch_no_price_is_asked_for(twilio_simulator: TwilioSimulator, clock, settings) -> None:
    launched()
    send_due()
    clock.shift(timedelta(hours=1))
    settings.LIVE_SENDING = False
    assert fetch_prices() == 0


def test_a_reply_says_when_it_came(clock: time_machine.Coordinates) -> None:
    someone = contact()
    stored_text(someone.phone.number, "please send me an offer", 1)
    clock.shift(timedelta(seconds=4))
    process_waiting()

    found = json.loads(told(sid(1), "--json"))

    assert (found["direction"], found["state"]) == ("in", "received")
    assert found["arrived_at"] == "2026-09-14T11:00:00.000-05:00"
    assert found["processed_at"] == "2026-09-14T11:00:04.000-05:00"
    assert [label["label"] for label in found["labels"]] == ["send_offer"]


# the command


def test_the_command_tells_it_in_words_and_json_with_the_number_masked(twilio_simulator: TwilioSimulator) -> None:
    message = launched("0001")
    send_due()

    words, (as_json,) = told(str(message.pk)), [json.loads(told(str(message.pk), "--json"))]

    assert "attempt 1" in words
    assert "21211 (not a valid phone number)" in words
    assert "hours: allowed" in words
    assert as_json["attempts"][0]["http_status"] == 400
    assert {row["rule"] for row in as_json["decisions"][0]["verdicts"]} >= {"consent", "hours", "text"}
    assert (as_json["state"], as_json["error_code"]) == ("failed", 21211)
    for text in (words, json.dumps(as_json)):
        assert message.phone.number[-6:] not in text
    assert as_json["phone"] == "(225) •••-••01"


def test_ids_on_standard_input_are_answered_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = texted(contact()), texted(contact())
    lines = f"{second.pk}\n\n{first.sid}\r\nSMnothing\n{'9' * 400}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), encoding="utf-8"))

    rows = [json.loads(line) for line in told("--json").splitlines()]

    assert [row.get("id") for row in rows] == [second.pk, None, first.pk, None, None]
    assert rows[1]["error"].startswith("the line is empty")
    assert rows[3]["error"].startswith("there is no text SMnothing")


def test_a_line_that_no_database_can_look_up_does_not_stop_the_next(monkeypatch) -> None:
    message = texted(contact())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"SM\0a\n{message.pk}\n".encode())))

    refused, found = (json.loads(line) for line in told("--json").splitlines())

    assert refused["error"].startswith("there is no text SM?a")
    assert found["id"] == message.pk


def test_small_letters_and_capitals_name_the_same_text() -> None:
    message = texted(contact())
    message.sid = "SM" + "0a" * 16
    message.save()

    for spelling in (message.sid, message.sid.lower(), message.sid.upper()):
        assert traced(spelling).message == message


def test_an_unknown_id_is_one_line_and_exit_code_2() -> None:
    with pytest.raises(CommandError, match="there is no text SMnothing: give our id") as refusal:
        told("SMnothing")
    assert refusal.value.returncode == 2


def test_a_bad_price_is_no_price() -> None:
    from outreach.twilio_provider import _charge

    class Told:
        price, price_unit, num_segments = "a lot", "usd", "1"

    assert _charge(Told()) is None

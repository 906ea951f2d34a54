"""One seed: `python -m local.chaos.play SEED MESSAGES` plays it and prints what came of it as JSON."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

from local.chaos.havoc import Havoc
from local.chaos.stage import KEPT, Stage, chaos_dir, only_one
from local.engines import EngineError
from local.twilio_simulator import TwilioSimulator
from local.twilio_simulator.scenario import Scenario
from local.twilio_simulator.scenario_files import load_scenario

ACCOUNT_SID, AUTH_TOKEN = "AC" + "0" * 32, "simulated-auth-token"
ANSWERS = 20
"""One person's answer for so many texts of the campaign."""
MOST_SECONDS = 300.0


def main(seed: int, messages: int) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with only_one():
            result = play(seed, messages)
    except EngineError as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result))
    return 1 if result["violations"] else 0


def play(seed: int, messages: int) -> dict[str, Any]:
    started, stage = time.monotonic(), Stage()
    with TwilioSimulator(
        ACCOUNT_SID, AUTH_TOKEN, inbound_url=f"{stage.web_url}/twilio/inbound/", **_scenario(seed).as_options()
    ) as twilio:
        try:
            answers = messages // ANSWERS
            stage.prepare(messages - answers, twilio.base_url)
            django.setup()
            stage.start_services()
            havoc = _make_havoc(stage, seed, messages, answers)
            return _judge(twilio, havoc, stage) | {"seed": seed, "seconds": round(time.monotonic() - started, 1)}
        finally:
            stage.stop()


def _scenario(seed: int) -> Scenario:
    return replace(load_scenario(Path(__file__).parent / "scenario.yaml"), seed=seed)


def _make_havoc(stage: Stage, seed: int, messages: int, answers: int) -> Havoc:
    """Until every answer is written, everything that was due has been tried and everything that was to die has died."""
    acts = 4 + messages // 200
    havoc = Havoc(stage, seed, acts, pause=(0.5, 1.5) if messages < 200 else (1.5, 5.0))
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until and not (havoc.is_over and not answers and _nothing_due()):
        answers -= _answer_somebody() if answers else 0
        havoc.strike_if_due()
        time.sleep(0.1)
    return havoc


def _answer_somebody() -> int:
    """A person writes to somebody who has a number, while the database may be down."""
    from django.db import Error, connection

    try:
        return _queue_answer()
    except Error:
        with suppress(Error):
            connection.close()
        return 0


def _queue_answer() -> int:
    from django.contrib.auth import get_user_model

    from leads.models import Lead
    from outreach.models import Message
    from outreach.sending import queue_reply

    texted = Message.objects.filter(direction="out", state="delivered").order_by("?").first()
    if texted is None:
        return 0
    lead = Lead.objects.get(pk=texted.lead_id)
    number = Message.objects.filter(origin="reply").count()
    person = get_user_model().objects.get()
    queue_reply(lead.owner, texted.phone, f"Sam again, answer {number}: may I call you?", lead=lead, by=person)
    return 1


def _nothing_due() -> bool:
    from django.db import Error, connection
    from django.utils import timezone

    from outreach.models import Message, WebhookEvent

    try:
        waiting = WebhookEvent.objects.waiting_ids(1)
        return not (waiting or Message.objects.due(timezone.now()).exists())
    except Error:
        with suppress(Error):
            connection.close()
        return False


def _judge(twilio: TwilioSimulator, havoc: Havoc, stage: Stage) -> dict[str, Any]:
    from local.chaos.checks import PhoneLog, violations
    from local.chaos.settling import read_records, settle

    fought = time.monotonic()
    for name in ("worker-1", "worker-2", "beat"):
        stage.kill(name)
    settle(twilio)
    raw = twilio.log()
    records, log = read_records(), PhoneLog.read(raw)
    found = violations(records, log)
    if found:
        _keep(raw, stage)
    return {
        "messages": len(records.texts),
        "accepted": sum(map(len, log.accepted.values())),
        "replies": len(log.replies),
        "stops": len(records.stop_sids),
        "kills": dict(havoc.done),
        "outcomes": dict(Counter(text.state for text in records.texts)),
        "network": {name: count for name, count in twilio.counts().items() if name != "pending"},
        "settling": round(time.monotonic() - fought, 1),
        "violations": found,
    }


def _keep(log: dict[str, Any], stage: Stage) -> None:
    """What a violated seed can be explained with, until the next is violated: the phone network's log and a copy of
    the database."""
    (chaos_dir() / "violated.json").write_text(json.dumps(log, indent=1, default=str), encoding="utf-8")
    stage.keep_database()
    print(f"chaos: kept database {KEPT} and {chaos_dir() / 'violated.json'}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

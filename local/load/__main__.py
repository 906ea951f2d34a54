"""`make load`: a table of what was measured beside its goal, or everything as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import django

from local.chaos.stage import only_one
from local.engines import EngineError
from local.load.stage import LoadStage
from local.openai_simulator import OpenAISimulator
from local.twilio_simulator import TwilioSimulator
from local.twilio_simulator.faults import Faults, WebhookFaults
from local.twilio_simulator.scenario import Scenario

SID, TOKEN = "AC" + "0" * 32, "simulated-auth-token"


def main() -> int:
    options = _parse()
    try:
        with only_one():
            result = flood(options.replies) if options.only == "replies" else measure(options.messages, options.seconds)
    except EngineError as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, indent=1) if options.json or options.only else _table(result))
    return 1 if result.get("violations") else 0


def measure(messages: int, seconds: float) -> dict[str, Any]:
    """Sending without callbacks, which are the webhooks' own figure."""
    stage = LoadStage()
    mute = Scenario(name="mute", faults=Faults(callbacks=WebhookFaults(dropped=1)))
    with TwilioSimulator(SID, TOKEN, scenario=mute) as twilio:
        try:
            stage.prepare(messages, twilio.base_url)
            django.setup()
            from local.load.inbound import measure_inbound, measure_overload
            from local.load.sending import measure_sending

            sending = measure_sending(stage, twilio, tasks=max(messages, 50))
            stage.start_web()
            inbound, overload = measure_inbound(stage, seconds), measure_overload(stage, seconds)
        finally:
            stage.stop()
    load = round(os.getloadavg()[0], 1)
    return {"sending": sending, "inbound": inbound, "overload": overload, "load of the machine": load}


def flood(replies: int) -> dict[str, Any]:
    stage = LoadStage()
    with TwilioSimulator(SID, TOKEN) as twilio, OpenAISimulator("sk-load") as openai:
        try:
            stage.prepare(replies, twilio.base_url)
            os.environ |= {"OPENAI_API_KEY": "sk-load", "OPENAI_BASE_URL": openai.base_url}
            django.setup()
            from local.load.replies import measure_replies

            result = measure_replies(stage, openai, replies)
        finally:
            stage.stop()
    return result | {"load of the machine": round(os.getloadavg()[0], 1)}


def _table(result: dict[str, Any]) -> str:
    sending, inbound, over = result["sending"], result["inbound"], result["overload"]
    rows = [
        ("texts/s (no-op tasks/s)", f"{sending['texts/s']:,} ({sending['no-op tasks/s']:,})"),
        ("  ratio, goal at least", f"{sending['ratio']} of {sending['goal']}{_mark(sending)}"),
        ("webhooks/s (signature only/s)", f"{inbound['webhooks/s']:,} ({inbound['signature only/s']:,})"),
        ("  ratio, goal at least", f"{inbound['ratio']} of {inbound['goal']}{_mark(inbound)}"),
        ("  p99, goal below", f"{inbound['p99 ms']} of {inbound['p99 goal ms']:.0f} ms"),
        (f"overload, {over['clients']} clients", f"{over['taken']:,} taken, {over['lost']} lost, {over['statuses']}"),
        ("  p99", f"{over['p99 ms']} ms"),
        ("load of the machine", f"{result['load of the machine']}"),
    ]
    return "\n".join(f"{name:<32}{value}" for name, value in rows)


def _mark(figures: dict[str, Any]) -> str:
    return "" if figures["ratio"] >= figures["goal"] else "  (missed)"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description="Throughput of sending and of the webhooks.")
    parser.add_argument("--messages", type=int, default=1000, help="texts to send, and as many no-op tasks (1000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round of webhooks (5)")
    parser.add_argument("--only", choices=["replies"], help="a flood of replies instead: labels, calls, what is lost")
    parser.add_argument("--replies", type=int, default=10_000, help="of the flood (10,000)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.messages < 2 or options.seconds <= 0:
        parser.error("--messages must be 2 or more, --seconds more than 0")
    return options


if __name__ == "__main__":
    sys.exit(main())

"""Webhooks a second beside a view on the same server that only checks the signature, and ten times too many at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median
from typing import Any

from local.load.stage import LoadStage

GOAL, P99_GOAL = 0.45, 0.060
CLIENTS = 4
"""As many as the server has threads: enough to keep it busy, too few to queue."""
ROUNDS = 3


def measure_inbound(stage: LoadStage, seconds: float) -> dict[str, Any]:
    """Round about, so that what else the machine does touches both."""
    rounds: dict[str, list[dict[str, Any]]] = {"load/signed": [], "twilio/inbound": []}
    for number in range(ROUNDS):
        for path, found in rounds.items():
            found.append(_post(stage, path, CLIENTS, seconds, prefix=f"a{number}"))
    rates = {path: median(one["taken"] / one["seconds"] for one in found) for path, found in rounds.items()}
    webhook, floor = rates["twilio/inbound"], rates["load/signed"]
    return {
        "webhooks/s": round(webhook, 1),
        "signature only/s": round(floor, 1),
        "ratio": round(webhook / floor, 3),
        "goal": GOAL,
        "p99 ms": round(1000 * median(one["p99"] for one in rounds["twilio/inbound"]), 1),
        "p99 goal ms": P99_GOAL * 1000,
    }


def measure_overload(stage: LoadStage, seconds: float) -> dict[str, Any]:
    """Ten times the clients. Everything that was taken must be stored, and what was not taken must have been told so in
    a way that lets the provider come again."""
    from outreach.models import WebhookEvent

    found = _post(stage, "twilio/inbound", CLIENTS * 10, seconds, prefix="b0")
    stored = set(WebhookEvent.objects.filter(kind="inbound").values_list("key", flat=True))
    return {
        "clients": CLIENTS * 10,
        "taken": found["taken"],
        "taken/s": round(found["taken"] / found["seconds"], 1),
        "statuses": found["statuses"],
        "p99 ms": round(1000 * found["p99"], 1),
        "lost": sum(f"inbound:{sid}" not in stored for sid in found["sids"]),
        "answers of 500": sum(count for status, count in found["statuses"].items() if status == "500"),
    }


def _post(stage: LoadStage, path: str, clients: int, seconds: float, *, prefix: str) -> dict[str, Any]:
    """By a process of its own. More requests are made beforehand than any of the clients can post in the time."""
    url, token = f"{stage.web_url}/{path}/", os.environ["TWILIO_AUTH_TOKEN"]
    requests = max(50, int(seconds * 6000 / clients))
    arguments = [url, token, str(clients), str(seconds), str(requests), prefix]
    command = [sys.executable, "-m", "local.load.posting", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found

"""A flood of replies through the real webhook, read by real workers with the language model's simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from local.load.flood import BURST, Reply, make_bursts, make_replies
from local.load.reply_checks import Facts, Label, calls_per_reply, precision, share_asked, violations
from local.load.stage import LoadStage
from local.openai_simulator import OpenAISimulator

CLIENTS, PAUSE = 8, 0.1
MOST_SECONDS = 3600.0
LOOK_EVERY = 0.25


@dataclass
class Backlog:
    """How many webhooks and replies wait, looked at until none does."""

    most: int = 0
    left: int = 0

    def watch(self, posted: threading.Event) -> None:
        deadline = time.monotonic() + MOST_SECONDS
        while time.monotonic() < deadline:
            is_over = posted.is_set()
            self.left = _waiting()
            self.most = max(self.most, self.left)
            if is_over and not self.left:
                return
            time.sleep(LOOK_EVERY)


def measure_replies(stage: LoadStage, openai: OpenAISimulator, count: int) -> dict[str, Any]:
    """The stage is prepared, with owners enough; `openai` is the one that its settings name."""
    replies = make_replies(count)
    openai.teach({reply.body: reply.truth for reply in replies})
    _hold_campaigns()
    stage.start_web()
    stage.start("worker-1")
    started, posted, backlog = time.perf_counter(), threading.Event(), Backlog()
    poster = _Poster(f"{stage.web_url}/twilio/inbound/", replies, posted)
    poster.start()
    backlog.watch(posted)
    seconds = time.perf_counter() - started
    poster.join()
    stage.kill("worker-1")
    facts = _facts(replies, poster.found["taken"], backlog.left)
    return _figures(facts, poster.found, seconds) | {"most waiting": backlog.most} | _waits()


class _Poster(threading.Thread):
    """The bursts are posted by a process of its own."""

    def __init__(self, url: str, replies: Sequence[Reply], posted: threading.Event) -> None:
        super().__init__(daemon=True)
        size = min(BURST, max(len(replies) // 4, 1))
        bursts = make_bursts(list(replies), size=size)
        self._input = json.dumps([[[reply.sid, reply.number, reply.body] for reply in burst] for burst in bursts])
        arguments = [url, os.environ["TWILIO_AUTH_TOKEN"], str(CLIENTS), str(PAUSE)]
        self._command = [sys.executable, "-m", "local.load.bursts", *arguments]
        self._posted = posted
        self.found: dict[str, Any] = {"taken": [], "seconds": 0, "posts": 0, "statuses": {}, "p50": 0, "p99": 0}

    def run(self) -> None:
        try:
            done = subprocess.run(self._command, input=self._input, stdout=subprocess.PIPE, text=True, check=True)
            self.found = json.loads(done.stdout)
        finally:
            self._posted.set()


def _figures(facts: Facts, posted: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    tiers = Counter(label.tier for labels in facts.labels.values() for label in labels)
    return {
        "replies": len(facts.replies),
        "posts": posted["posts"],
        "statuses": posted["statuses"],
        "seconds to post": round(posted["seconds"], 1),
        "seconds to the last label": round(seconds, 1),
        "replies/s": round(len(facts.replies) / seconds, 1),
        "webhook p50 ms": round(1000 * posted["p50"], 1),
        "webhook p99 ms": round(1000 * posted["p99"], 1),
        "labels": sum(map(len, facts.labels.values())),
        "labels by tier": dict(tiers),
        "calls of the model": facts.calls,
        "replies asked about": _asked_about(),
        "calls per reply": round(calls_per_reply(facts), 4),
        "new phrases left to the model": round(share_asked(facts), 3),
        "precision of the rules": round(precision(facts), 4),
        "violations": violations(facts),
    }


def _hold_campaigns() -> None:
    from django.utils import timezone

    from markets.models import Market

    Market.objects.update(paused_at=timezone.now())


def _waiting() -> int:
    from outreach.models import Message, WebhookEvent

    webhooks = WebhookEvent.objects.filter(processed_at__isnull=True).count()
    return webhooks + Message.objects.replies().filter(processed_at__isnull=True).count()


def _facts(replies: Sequence[Reply], taken: Sequence[str], waiting: int) -> Facts:
    from leads.models import Event
    from outreach.models import Message, ModelCall, ReplyLabel

    sids = dict(Message.objects.replies().values_list("pk", "sid"))
    labels: dict[str, list[Label]] = {}
    for message, label, tier in ReplyLabel.objects.values_list("message_id", "label", "tier"):
        labels.setdefault(sids[message], []).append(Label(label, tier))
    return Facts(
        replies=replies,
        taken=frozenset(taken),
        messages=list(sids.values()),
        labels=labels,
        received=_noted(Event.Kind.REPLY_RECEIVED, sids),
        labelled=_noted(Event.Kind.REPLY_LABELLED, sids),
        stopped=_stopped(replies),
        waiting=waiting,
        calls=ModelCall.objects.count(),
    )


def _noted(kind: str, sids: Mapping[int, str]) -> Counter[str]:
    from leads.models import Event

    return Counter(sids[event.data["message"]] for event in Event.objects.of_kind(kind))


def _stopped(replies: Sequence[Reply]) -> frozenset[str]:
    from core.crypto import blind_index
    from outreach.models import Suppression

    rows = Suppression.objects.filter(reason="opt_out", lifted_at__isnull=True)
    stopped = {bytes(found) for found in rows.values_list("number_hash", flat=True) if found is not None}
    return frozenset(reply.number for reply in replies if blind_index(reply.number) in stopped)


def _asked_about() -> int:
    from django.db.models import Sum

    from outreach.models import ModelCall

    return int(ModelCall.objects.aggregate(asked=Sum("replies"))["asked"] or 0)


def _waits() -> dict[str, float]:
    """Seconds from the webhook to the label."""
    from outreach.models import ReplyLabel

    rows = ReplyLabel.objects.values_list("created_at", "message__due_at")
    waits = sorted((labelled - came).total_seconds() for labelled, came in rows)
    if len(waits) < 2:
        return {}
    cuts = quantiles(waits, n=100)
    return {"webhook to label p50 s": round(cuts[49], 2), "webhook to label p99 s": round(cuts[98], 2)}

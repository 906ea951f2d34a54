"""`make load ARGS="--only replies"` in small, and the proof that each of its checks can fail: doctored facts for every
one of them. How fast is for a quiet machine to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from local.load.flood import Reply, make_bursts, make_replies
from local.load.reply_checks import Facts, Label, calls_per_reply, precision, share_asked, violations

REPLIES = [
    Reply("SM1", "+12255550001", "Make me an offer", "send_offer", True),
    Reply("SM2", "+12255550002", "Not interested", "not_interested", True),
    Reply("SM3", "+12255550003", "Take me off", "opt_out", False),
    Reply("SM4", "+12255550004", "Everything has its price", "interested", False),
]
ONCE = {reply.sid: 1 for reply in REPLIES}
LABELS = {
    "SM1": [Label("send_offer", "rules")],
    "SM2": [Label("not_interested", "rules")],
    "SM3": [Label("opt_out", "rules")],
    "SM4": [Label("interested", "small")],
}
FACTS = Facts(
    replies=REPLIES,
    taken=frozenset(ONCE),
    messages=list(ONCE),
    labels=LABELS,
    received=ONCE,
    labelled=ONCE,
    stopped=frozenset({"+12255550003"}),
    waiting=0,
    calls=0,
)


def test_replies_in_bursts_are_labelled_once_each() -> None:
    theirs = ("DATABASE_URL", "REDIS_URL", "TEST_TEMPLATE", "PUBLIC_BASE_URL", "TWILIO_BASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in theirs}
    command = [sys.executable, "-m", "local.load", "--only", "replies", "--replies", "120"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert (result["labels"], result["violations"]) == (120, [])
    assert result["posts"] > 130
    assert 0 < result["calls of the model"] < result["replies asked about"]


def test_facts_as_they_should_be_violate_nothing() -> None:
    assert violations(FACTS) == []
    assert (precision(FACTS), share_asked(FACTS), calls_per_reply(FACTS)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"taken": frozenset({"SM1", "SM2", "SM3"})}, "not taken by the webhook"),
        ({"messages": ["SM1", "SM2", "SM4"]}, "kept as a message"),
        ({"messages": [*ONCE, "SM4"]}, "kept as a message"),
        ({"messages": [*ONCE, "SM9"]}, "nobody sent"),
        ({"labels": {**LABELS, "SM4": []}}, "labels"),
        ({"labels": {**LABELS, "SM4": LABELS["SM4"] * 2}}, "labels"),
        ({"labels": {**LABELS, "SM4": [Label("hostile", "small")]}}, "another's label"),
        ({"labels": {**LABELS, "SM4": [Label("hostile", "cache")]}}, "another's label"),
        ({"labels": {**LABELS, "SM1": [Label("hostile", "rules")]}}, "right in 50.0% only"),
        ({"labels": {**LABELS, "SM3": [Label("interested", "small")]}}, "opt-outs do not hold"),
        ({"labels": {**LABELS, "SM1": [Label("send_offer", "small")]}}, "of new phrases go to the model"),
        ({"stopped": frozenset()}, "opt-outs do not hold"),
        ({"received": {**ONCE, "SM2": 2}}, "noted as received"),
        ({"labelled": {**ONCE, "SM2": 0}}, "noted as labelled"),
        ({"waiting": 3}, "3 still wait"),
        ({"calls": 1}, "calls per reply"),
    ],
)
def test_every_check_can_fail(change: dict[str, Any], said: str) -> None:
    found = violations(replace(FACTS, **change))
    assert any(said in line for line in found), found


def test_every_reply_has_a_number_of_its_own() -> None:
    replies = make_replies(2_500)
    assert len({reply.number for reply in replies}) == len({reply.sid for reply in replies}) == 2_500
    assert 0.08 < Counter(reply.truth for reply in replies)["opt_out"] / 2_500 < 0.2


def test_bursts_bring_each_reply_with_doubles_at_once_and_repetitions_later() -> None:
    replies = make_replies(2_500)
    bursts = make_bursts(replies, size=200)
    first, *later = [Counter(reply.sid for reply in burst) for burst in bursts]
    assert {sid for burst in (first, *later) for sid in burst} == {reply.sid for reply in replies}
    assert (len(first), first.total()) == (200, 220)
    assert sum(sid in first for sid in later[0]) == 20

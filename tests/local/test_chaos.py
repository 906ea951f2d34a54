"""The chaos test in small, and the proof that each of its checks can fail: a doctored log for every one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.chaos.checks import CHECKS, PhoneLog, Records, Text, token_of, violations
from local.chaos.numbers import number_of
from local.twilio_simulator.faults import BUILT_IN

NOON = datetime(2026, 9, 14, 17, tzinfo=UTC)
ADA, BEN, EVE = "+12255550711", "+12255550722", "+12255550733"


def accepted(token: str, to: str, status: str = "delivered", **more: object) -> dict[str, Any]:
    url = f"http://127.0.0.1:9/twilio/status/{token}/#rc=5&rp=all"
    asked = {"asked_at": NOON.isoformat(), "error_code": None}
    return {"direction": "outbound-api", "to": to, "status": status, "callback_url": url} | asked | more


def reply(sid: str, number: str, body: str) -> dict[str, Any]:
    return {"direction": "inbound", "sid": sid, "from": number, "body": body}


RECORDS = Records(
    texts=(
        Text(1, "a", ADA, "delivered", 1),
        Text(2, "b", BEN, "failed", 0),
        Text(3, "c", EVE, "delivered", 2),
        Text(4, "d", ADA, "cancelled", 0),
    ),
    reply_sids=frozenset({"SM1", "SM2"}),
    stop_sids=frozenset({"SM1"}),
    suppressed={ADA: NOON + timedelta(seconds=7)},
)
LOG: Mapping[str, Any] = {
    "messages": [
        accepted("a", ADA),
        accepted("c", EVE, "undelivered", error_code=30008),
        accepted("c", EVE),
        reply("SM1", ADA, "STOP"),
        reply("SM2", EVE, "How much?"),
    ],
    "inbound_posts": [
        {"sid": "SM1", "response": 503, "at": (NOON + timedelta(seconds=1)).isoformat()},
        {"sid": "SM1", "response": 204, "at": (NOON + timedelta(seconds=5)).isoformat()},
        {"sid": "SM1", "response": 204, "at": (NOON + timedelta(seconds=6)).isoformat()},
    ],
}


def found(records: Records = RECORDS, *more: dict[str, Any], without: str = "") -> list[str]:
    messages = [message for message in LOG["messages"] if message.get("sid") != without or not without]
    return violations(records, PhoneLog.read({**LOG, "messages": [*messages, *more]}))


def with_text(text: Text) -> Records:
    return replace(RECORDS, texts=[text if text.pk == old.pk else old for old in RECORDS.texts])


class TestChecks:
    def test_a_true_log_violates_nothing(self) -> None:
        assert found() == []

    def test_a_message_without_an_outcome(self) -> None:
        assert found(with_text(Text(2, "b", BEN, "uncertain"))) == ["one_outcome: message 2 is still uncertain"]

    def test_an_outcome_that_is_not_true(self) -> None:
        assert found(with_text(Text(2, "b", BEN, "delivered"))) == [
            "true_outcome: message 2 is delivered, but the network says never accepted"
        ]
        assert found(with_text(Text(1, "a", ADA, "failed", 1))) == [
            "true_outcome: message 1 is failed, but the network says delivered"
        ]

    def test_a_recipient_texted_twice(self) -> None:
        twice = with_text(Text(1, "a", ADA, "delivered", 2))
        assert found(twice, accepted("a", ADA)) == [f"nobody_twice: {ADA} was texted 2 times for message a"]

    def test_a_second_text_after_an_error_that_allows_none(self) -> None:
        records = replace(RECORDS, texts=[*RECORDS.texts, Text(5, "e", BEN, "delivered", 2)])
        filtered = accepted("e", BEN, "undelivered", error_code=30007)
        assert found(records, filtered, accepted("e", BEN)) == [f"nobody_twice: {BEN} was texted 2 times for message e"]

    def test_a_text_that_no_message_explains(self) -> None:
        (problem,) = found(RECORDS, accepted("z", BEN))
        assert problem == f"known_texts: the network took a text to {BEN} that no message of ours explains"

    def test_a_timeline_that_tells_it_twice(self) -> None:
        (problem,) = found(with_text(Text(1, "a", ADA, "delivered", 2)))
        assert problem == "told_once: message 1: 2 times sent on the timeline, 1 times in the network"

    def test_a_reply_that_is_missing_and_one_that_nobody_sent(self) -> None:
        assert found(replace(RECORDS, reply_sids=frozenset({"SM1"}))) == [
            f"every_reply: 'How much?' of {EVE} is missing (SM2)"
        ]
        assert found(without="SM2") == ["every_reply: nobody sent SM2"]

    def test_what_nobody_has_looked_at(self) -> None:
        assert found(replace(RECORDS, waiting_webhooks=2, undecided_replies=1)) == [
            "all_processed: 2 webhooks are not processed",
            "all_processed: 1 replies are not decided",
        ]

    def test_a_stop_that_was_not_heeded(self) -> None:
        assert found(replace(RECORDS, suppressed={})) == [f"stop_means_stop: {ADA} said stop and is not suppressed"]
        late = with_text(Text(4, "d", ADA, "delivered", 1))
        asked = (NOON + timedelta(seconds=9)).isoformat()
        assert found(late, accepted("d", ADA, asked_at=asked)) == [
            f"stop_means_stop: {ADA} was texted 4.0 s after its stop was stored"
        ]

    def test_a_stop_that_was_found_in_the_providers_list_counts_from_its_suppression(self) -> None:
        asked = (NOON + timedelta(seconds=9)).isoformat()
        messages = [*LOG["messages"], accepted("d", ADA, asked_at=asked)]
        log = PhoneLog.read({"messages": messages, "inbound_posts": []})
        assert violations(with_text(Text(4, "d", ADA, "delivered", 1)), log) == [
            f"stop_means_stop: {ADA} was texted 2.0 s after its stop was stored"
        ]

    def test_every_check_is_shown_to_fail_here(self) -> None:
        source = Path(__file__).read_text(encoding="utf-8")
        assert [check.__name__ for check in CHECKS if f"{check.__name__}: " not in source] == []

    def test_the_token_is_read_from_the_callbacks_address(self) -> None:
        assert token_of(accepted("abc", ADA)["callback_url"]) == "abc"

    def test_the_worlds_numbers_are_valid_and_provoke_nothing_by_themselves(self) -> None:
        numbers = {number_of(place) for place in range(20_000)}
        assert len(numbers) == 20_000
        assert not {number for number in numbers if number[-4:] in BUILT_IN or len(number) != 12}


def test_sixty_messages_survive_the_death_of_everything() -> None:
    command = [sys.executable, "-m", "local.chaos", "--seeds", "1", "--messages", "60", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_plain_environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = json.loads(done.stdout)
    assert result["violations"] == []
    assert result["messages"] == 60
    assert result["kills"] == {"worker": 1, "worker child": 1, "broker": 1, "postgres": 1}
    assert sum(result["outcomes"].values()) == 60
    assert result["outcomes"]["delivered"] > 40
    assert result["replies"] > 5


def test_a_bad_number_of_seeds_is_refused_in_one_line() -> None:
    command = [sys.executable, "-m", "local.chaos", "--seeds", "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "make chaos: error: argument --seeds: 'none' is no number of 1 or more"


def _plain_environment() -> dict[str, str]:
    """Without the addresses of the suite's own engines."""
    theirs = ("DATABASE_URL", "REDIS_URL", "TEST_TEMPLATE", "PUBLIC_BASE_URL", "TWILIO_BASE_URL")
    return {name: value for name, value in os.environ.items() if name not in theirs}

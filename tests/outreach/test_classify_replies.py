from __future__ import annotations

import io
import json
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import call_command

from local.openai_simulator import OpenAISimulator


def classify(monkeypatch: pytest.MonkeyPatch, words: bytes, *options: str) -> list[dict[str, object]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(words), encoding="utf-8"))
    out = io.StringIO()
    call_command("classify_replies", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_line_in_is_one_object_out_in_order_without_network_or_database(monkeypatch, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    replies = "STOP\nPlease send me an offer\nI can stop by at 5\nthis is spam\n\nquítame de la lista\nWrong number\n"

    read = classify(monkeypatch, replies.encode(), "--rules-only")

    assert [row["opt_out"] for row in read] == [True, False, False, False, False, True, False]
    assert [row["held"] for row in read] == [False, False, False, True, False, False, False]
    assert [row["label"] for row in read] == ["opt_out", "send_offer", None, None, None, "opt_out", "wrong_number"]
    assert [row["tier"] for row in read] == ["rules", "rules", None, None, None, "rules", "rules"]
    for line, row in zip(replies.splitlines(), read, strict=True):
        assert row["evidence"] in line


@pytest.mark.django_db
def test_the_undecided_are_asked_of_the_model(monkeypatch, settings):
    with OpenAISimulator("sk-test") as openai:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", openai.base_url
        openai.provoke("500")
        read = classify(monkeypatch, b"ok\nEverything has its price I reckon\nSTOP\n")
        asked = [entry["reply"] for entry in openai.log()]

    assert [row["label"] for row in read] == [None, "interested", "opt_out"]
    assert [row["tier"] for row in read] == [None, "small", "rules"]
    assert "out of reach" in str(read[0]["why_person"])
    assert asked == ["ok", "Everything has its price I reckon"]


def test_a_line_that_is_not_utf8_is_read_all_the_same(monkeypatch):
    assert classify(monkeypatch, b"STOP\r\nadi\xf3s \xff\n", "--rules-only")[0]["opt_out"] is True


def test_nothing_in_nothing_out(monkeypatch):
    assert classify(monkeypatch, b"", "--rules-only") == []


def test_a_line_is_answered_before_the_next_one_is_read():
    """Whoever pipes replies in one by one gets each answer at once."""
    command = [sys.executable, "manage.py", "classify_replies", "--rules-only"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for line, label in ((b"STOP\n", "opt_out"), (b"how much?\n", "send_offer"), (b"ok\n", None)):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["label"] == label
        process.stdin.close()
        assert process.wait(10) == 0


def test_ten_thousand_lines_take_seconds(monkeypatch):
    phrases = [b"Not interested thanks", b"stop texting me", b"how much", b"I have to ask my wife about that first"]
    began = time.process_time()

    read = classify(monkeypatch, b"\n".join(phrases * 2500), "--rules-only")

    assert len(read) == 10_000
    assert time.process_time() - began < 10

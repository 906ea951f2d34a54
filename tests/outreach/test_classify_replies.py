from __future__ import annotations

import io
import json
import sys

import pytest
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


def test_the_undecided_are_asked_of_the_model(monkeypatch, settings):
    with OpenAISimulator("sk-test") as openai:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", openai.base_url
        openai.provoke("500")
        read = classify(monkeypatch, b"ok\nEverything has its price I reckon\nSTOP\n")
        asked = [entry["reply"] for entry in openai.log()]

    assert [row["label"] for row in read] == [None, "interested", "opt_out"]
    assert [row["tier"] for row in read] == [None, "llm", "rules"]
    assert "out of reach" in str(read[0]["why_person"])
    assert asked == ["ok", "Everything has its price I reckon"]


def test_a_line_that_is_not_utf8_is_read_all_the_same(monkeypatch):
    assert classify(monkeypatch, b"STOP\r\nadi\xf3s \xff\n", "--rules-only")[0]["opt_out"] is True


def test_nothing_in_nothing_out(monkeypatch):
    assert classify(monkeypatch, b"", "--rules-only") == []

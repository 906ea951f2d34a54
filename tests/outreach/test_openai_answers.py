"""What is taken from an answer, whoever sends it: another shape is no answer, and never a failure of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from outreach.language_model import ModelError
from outreach.openai_answers import hear, read_group, read_one

WORDS = json.dumps({"label": "interested", "confidence": 0.9, "evidence": "ok"})


def completion(usage: object = None, **message: object) -> dict[str, Any]:
    choice = {"message": {"content": WORDS} | message, "finish_reason": "stop"}
    return {"id": "1", "choices": [choice], "usage": usage}


def test_what_a_later_version_adds_is_left_alone():
    answer = completion({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 99}, audio={"id": 1})
    answer |= {"object": "chat.completion.v2", "service_tier": "turbo", "created": "today"}
    answer["choices"][0]["finish_reason"] = "stopped_by_itself"

    said = hear(answer)

    assert (read_one(said, "m").label, said.tokens, said.tokens_out) == ("interested", 12, 2)
    assert hear(json.dumps(answer).encode()) == said


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None, "completion_tokens": None}, {"total_tokens": 7}])
def test_an_answer_that_does_not_say_what_it_cost_is_read(usage):
    said = hear(completion(usage))
    assert (read_one(said, "m").label, said.tokens) == ("interested", 0)


@pytest.mark.parametrize(
    "answer",
    [
        completion("many"),
        completion({"prompt_tokens": -1}),
        completion({"prompt_tokens": 10**12}),
        completion(content=[{"type": "text", "text": WORDS}]),
        completion(content=7),
        {"choices": {"0": {}}},
        {"choices": ["ok"]},
        [],
        None,
        b"<html>gateway</html>",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_another_shape_is_no_completion(answer):
    with pytest.raises(ModelError, match="is no completion") as raised:
        hear(answer)
    assert raised.value.permanent


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (completion(content="[" * 100_000), "is no JSON"),
        (completion(content=None), "is no JSON"),
        (completion(content=None, refusal="No."), "declined"),
        ({"choices": None}, "is empty"),
        ({"choices": [{"message": None}]}, "is empty"),
    ],
)
def test_an_answer_without_use_says_why_and_what_it_cost(answer, why):
    said = hear(answer | {"usage": {"prompt_tokens": 10, "completion_tokens": 2}})

    with pytest.raises(ModelError, match=why) as raised:
        read_one(said, "m")

    assert (raised.value.permanent, raised.value.tokens, raised.value.tokens_out) == (True, 12, 2)
    assert [reading.label for reading in read_group(said, "m", ["a", "b"]).values()] == ["", ""]

"""What an answer of OpenAI's has to look like, about one reply or about several, and what it says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from outreach.language_model import ModelError, ModelReading
from outreach.models import ReplyLabel

Schema = dict[str, Any]
UNDECIDED = "undecided"
LABELS = [*ReplyLabel.Label.values, UNDECIDED]
FIELDS: dict[str, Any] = {
    "label": {"type": "string", "enum": LABELS},
    "confidence": {"type": "number"},
    "evidence": {"type": "string"},
}


def _closed(properties: dict[str, Any]) -> dict[str, object]:
    """An object as strict mode wants it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


ANSWER: Schema = {"name": "reply_label", "strict": True, "schema": _closed(FIELDS)}
ENTRY = _closed({"id": {"type": "string"}, **FIELDS})
ANSWERS: Schema = {
    "name": "reply_labels",
    "strict": True,
    "schema": _closed({"answers": {"type": "array", "items": ENTRY}}),
}


Tokens = Annotated[int, Field(ge=0, lt=10**9)]


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None


class _Completion(BaseModel):
    """What is taken from a chat completion. The rest of it may be as it likes, now and in later versions."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None


@dataclass(frozen=True)
class Said:
    """The words of an answer, or what is wrong with it; tokens in all, and those the model wrote."""

    words: str
    fault: str
    tokens: int
    tokens_out: int

    def without_use(self, fault: str) -> ModelError:
        return ModelError(fault, permanent=True, tokens=self.tokens, tokens_out=self.tokens_out)


def hear(completion: object) -> Said:
    """From the bytes of a chat completion, or from one that was parsed. Raises ModelError when it is none."""
    try:
        if isinstance(completion, bytes):
            heard = _Completion.model_validate_json(completion)
        else:
            heard = _Completion.model_validate(completion)
    except ValidationError:
        raise ModelError("the language model's answer is no completion", permanent=True) from None
    usage, choice = heard.usage or _Usage(), heard.choices[0] if heard.choices else _Choice()
    written = usage.completion_tokens or 0
    words = choice.message.content if choice.message else None
    return Said(words or "", _fault(choice), (usage.prompt_tokens or 0) + written, written)


def read_one(said: Said, model: str) -> ModelReading:
    """Raises ModelError when the answer is none."""
    answer = _parsed(said)
    if not _fits(answer):
        raise said.without_use("the language model's answer does not fit the schema")
    return _of_entry(answer, model, said.tokens, said.tokens_out)


def read_group(said: Said, model: str, ids: Sequence[str]) -> dict[str, ModelReading]:
    """A reading for each id. An answer without use is one that nothing is taken from: it may be so because of one of
    the replies, and each can still be asked about alone."""
    try:
        entries = _entries(_parsed(said))
    except ModelError:
        entries = {}
    tokens, written = _shares(said.tokens, len(ids)), _shares(said.tokens_out, len(ids))
    return {name: _of_entry(entries.get(name), model, tokens[place], written[place]) for place, name in enumerate(ids)}


def unanswered(model: str, ids: Iterable[str]) -> dict[str, ModelReading]:
    return {name: _of_entry(None, model, 0, 0) for name in ids}


def _of_entry(entry: dict[str, Any] | None, model: str, tokens: int, written: int) -> ModelReading:
    entry = entry or {"label": "", "confidence": 0, "evidence": ""}
    return ModelReading(
        entry["label"], float(entry["confidence"]), entry["evidence"], model, tokens, 0, tokens_out=written
    )


def _entries(answer: Any) -> dict[str, dict[str, Any]]:
    """By id; of two with one id neither counts."""
    if not isinstance(answer, dict) or set(answer) != {"answers"} or not isinstance(answer["answers"], list):
        return {}
    named = [entry for entry in answer["answers"] if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    times = Counter(entry["id"] for entry in named)
    bare = {entry["id"]: {name: value for name, value in entry.items() if name != "id"} for entry in named}
    return {name: entry for name, entry in bare.items() if times[name] == 1 and _fits(entry)}


def _shares(count: int, parts: int) -> list[int]:
    """Even, and all of it."""
    return [count // parts + (place < count % parts) for place in range(parts)]


def _parsed(said: Said) -> Any:
    if said.fault:
        raise said.without_use(said.fault)
    try:
        return json.loads(said.words)
    except (ValueError, RecursionError):
        raise said.without_use("the language model's answer is no JSON") from None


def _fault(choice: _Choice) -> str:
    if choice.message is None:
        return "the language model's answer is empty"
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return "the language model declined to read this reply"
    return "the language model's answer was cut off" if choice.finish_reason == "length" else ""


def _fits(answer: Any) -> bool:
    if not isinstance(answer, dict) or set(answer) != set(FIELDS):
        return False
    confidence = answer["confidence"]
    is_number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    return answer["label"] in LABELS and is_number and 0 <= confidence <= 1 and isinstance(answer["evidence"], str)

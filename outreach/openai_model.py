"""Reading a reply with OpenAI, or with anything that speaks its chat completions."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from openai import APIConnectionError, InternalServerError, OpenAI, OpenAIError, RateLimitError
from openai.types.chat import ChatCompletion
from openai.types.shared_params.response_format_json_schema import JSONSchema
from pydantic import ValidationError

from outreach.language_model import ModelError, ModelReading
from outreach.models import ReplyLabel
from outreach.reading_prompt import INSTRUCTIONS

OPENAI = "https://api.openai.com/v1"
LONGEST_REPLY = 1600
UNDECIDED = "undecided"
LABELS = [*ReplyLabel.Label.values, UNDECIDED]
TEMPORARY = (APIConnectionError, RateLimitError, InternalServerError)

ANSWER: JSONSchema = {
    "name": "reply_label",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": LABELS},
            "confidence": {"type": "number"},
            "evidence": {"type": "string"},
        },
        "required": ["label", "confidence", "evidence"],
        "additionalProperties": False,
    },
}


RUNNING = frozenset({"validating", "in_progress", "finalizing"})


class OpenAIModel:
    """One call per reply, no retries of its own: who asks decides when to ask again."""

    def __init__(self, name: str = "", prompt: str = "") -> None:
        self.name = name or settings.OPENAI_MODEL
        self._prompt = prompt or INSTRUCTIONS

    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""
        started = time.monotonic()
        try:
            completion = self.client().chat.completions.create(**self.question(text))
        except (OpenAIError, ValueError) as error:
            raise out_of_reach(error) from error
        if not isinstance(completion, ChatCompletion):
            raise ModelError("the language model's answer is no completion", permanent=True)
        return replace(read_completion(completion, self.name), latency_ms=int((time.monotonic() - started) * 1000))

    def question(self, text: str) -> dict[str, Any]:
        """What is asked about one reply: the parameters of a chat completion."""
        return {
            "model": self.name,
            "messages": [
                {"role": "system", "content": self._prompt},
                {"role": "user", "content": json.dumps({"reply": text[:LONGEST_REPLY]}, ensure_ascii=False)},
            ],
            "response_format": {"type": "json_schema", "json_schema": ANSWER},
            "max_completion_tokens": 300,
        }

    @staticmethod
    def client() -> OpenAI:
        return _client(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or OPENAI, settings.OPENAI_TIMEOUT)


def read_completion(completion: ChatCompletion, model: str) -> ModelReading:
    """Raises ModelError when the answer is none."""
    label, confidence, evidence = _answer(completion)
    usage = completion.usage
    return ModelReading(
        label=label,
        confidence=confidence,
        evidence=evidence,
        model=model,
        tokens=usage.total_tokens if usage else 0,
        latency_ms=0,
        tokens_out=usage.completion_tokens if usage else 0,
    )


def out_of_reach(error: Exception) -> ModelError:
    if isinstance(error, TEMPORARY):
        return ModelError(f"the language model is out of reach: {type(error).__name__}", permanent=False)
    return ModelError(f"the language model refused the call: {type(error).__name__}", permanent=True)


def _answer(completion: ChatCompletion) -> tuple[str, float, str]:
    choice = completion.choices[0] if completion.choices else None
    if choice is None or choice.message is None:
        raise ModelError("the language model's answer is empty", permanent=True)
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ModelError("the language model declined to read this reply", permanent=True)
    if choice.finish_reason == "length":
        raise ModelError("the language model's answer was cut off", permanent=True)
    return _parsed(choice.message.content or "")


def _parsed(content: str) -> tuple[str, float, str]:
    try:
        answer = json.loads(content)
    except ValueError:
        raise ModelError("the language model's answer is no JSON", permanent=True) from None
    if not _fits(answer):
        raise ModelError("the language model's answer does not fit the schema", permanent=True)
    return answer["label"], float(answer["confidence"]), answer["evidence"]


def _fits(answer: Any) -> bool:
    if not isinstance(answer, dict) or set(answer) != {"label", "confidence", "evidence"}:
        return False
    confidence = answer["confidence"]
    is_number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    return answer["label"] in LABELS and is_number and 0 <= confidence <= 1 and isinstance(answer["evidence"], str)


class OpenAIBatch:
    """Many replies at once and at half the price, answered within a day: for back-fills.

    Every fault of one reply is that reply's own: the others are read all the same.
    """

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model

    def start(self, replies: Mapping[str, str]) -> str:
        """The batch's id; `replies` are texts by an id of ours. Raises ModelError."""
        lines = (
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._model.question(text)}
            for key, text in replies.items()
        )
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        client = self._model.client()
        try:
            file = client.files.create(file=("replies.jsonl", content), purpose="batch")
            batch = client.batches.create(
                input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
            )
        except OpenAIError as error:
            raise out_of_reach(error) from error
        return batch.id

    def fetch(self, batch_id: str) -> dict[str, ModelReading | ModelError] | None:
        """The readings by our ids, or why one has none; None while the batch is being worked on. Raises ModelError."""
        client = self._model.client()
        try:
            batch = client.batches.retrieve(batch_id)
            if batch.status in RUNNING:
                return None
            files = [name for name in (batch.output_file_id, batch.error_file_id) if name]
            lines = [line for name in files for line in client.files.content(name).text.splitlines() if line.strip()]
        except OpenAIError as error:
            raise out_of_reach(error) from error
        return dict(self._row(line) for line in lines)

    def _row(self, line: str) -> tuple[str, ModelReading | ModelError]:
        row: dict[str, Any] = json.loads(line)
        response = row.get("response") or {}
        if response.get("status_code") != 200:
            return row["custom_id"], ModelError("the language model did not answer in the batch", permanent=False)
        try:
            return row["custom_id"], read_completion(ChatCompletion.model_validate(response["body"]), self._model.name)
        except ModelError as fault:
            return row["custom_id"], fault
        except ValidationError:
            return row["custom_id"], ModelError("the language model's answer is no completion", permanent=True)


@lru_cache(maxsize=4)
def _client(key: str, address: str, timeout: float) -> OpenAI:
    """One per process and settings, for its connection pool; the library's own time-out would be 600 s."""
    return OpenAI(api_key=key, base_url=address, timeout=timeout, max_retries=0)

"""Reading a reply with OpenAI, or with anything that speaks its chat completions."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from openai import (
    APIConnectionError,
    BadRequestError,
    InternalServerError,
    OpenAI,
    OpenAIError,
    RateLimitError,
    UnprocessableEntityError,
)
from openai.types import Batch
from openai.types.chat import ChatCompletion
from openai.types.chat.chat_completion import Choice
from pydantic import ValidationError

from outreach.language_model import ModelError, ModelReading
from outreach.openai_answers import ANSWER, ANSWERS, Said, Schema, read_group, read_one, unanswered
from outreach.reading_prompt import INSTRUCTIONS, TOGETHER

OPENAI = "https://api.openai.com/v1"
LONGEST_REPLY = 1600
TEMPORARY = (APIConnectionError, RateLimitError, InternalServerError)
ABOUT_THE_WORDS = (BadRequestError, UnprocessableEntityError)

RUNNING = frozenset({"validating", "in_progress", "finalizing"})


class OpenAIModel:
    """One call per question, no retries of its own: who asks decides when to ask again."""

    def __init__(self, name: str = "", prompt: str = "") -> None:
        self.name = name or settings.OPENAI_MODEL
        self._prompt = prompt or INSTRUCTIONS

    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""
        started = time.monotonic()
        try:
            completion = self._complete(self.question(text))
        except (OpenAIError, ValueError) as error:
            raise out_of_reach(error) from error
        return replace(read_one(_said(completion), self.name), latency_ms=_since(started))

    def read_replies(self, texts: Mapping[int, str]) -> dict[int, ModelReading]:
        """The ids in the request are of the moment, so that no reply can name another. What is refused as a whole may
        be so for one reply: then all are unanswered, and not faulty. Raises ModelError."""
        started, ids = time.monotonic(), {key: secrets.token_hex(4) for key in texts}
        try:
            completion = self._complete(self._group_question({ids[key]: text for key, text in texts.items()}))
            found = read_group(_said(completion), self.name, list(ids.values()))
        except ABOUT_THE_WORDS:
            found = unanswered(self.name, ids.values())
        except (OpenAIError, ValueError) as error:
            raise out_of_reach(error) from error
        latency_ms = _since(started)
        return {key: replace(found[ids[key]], latency_ms=latency_ms) for key in texts}

    def question(self, text: str) -> dict[str, Any]:
        """What is asked about one reply: the parameters of a chat completion."""
        return self._question(self._prompt, {"reply": text[:LONGEST_REPLY]}, ANSWER, 1)

    def _group_question(self, texts: Mapping[str, str]) -> dict[str, Any]:
        replies = [{"id": name, "reply": text[:LONGEST_REPLY]} for name, text in texts.items()]
        return self._question(f"{self._prompt}\n{TOGETHER}", {"replies": replies}, ANSWERS, len(replies))

    def _question(self, told: str, data: dict[str, Any], schema: Schema, answers: int) -> dict[str, Any]:
        return {
            "model": self.name,
            "messages": [
                {"role": "system", "content": told},
                {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
            ],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "max_completion_tokens": 300 * answers,
        }

    def _complete(self, question: dict[str, Any]) -> ChatCompletion:
        completion = self.client().chat.completions.create(**question)
        if not isinstance(completion, ChatCompletion):
            raise ModelError("the language model's answer is no completion", permanent=True)
        return completion

    @staticmethod
    def client() -> OpenAI:
        return _client(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or OPENAI, settings.OPENAI_TIMEOUT)


def _said(completion: ChatCompletion) -> Said:
    usage = completion.usage
    tokens, written = (usage.total_tokens, usage.completion_tokens) if usage else (0, 0)
    choice = completion.choices[0] if completion.choices else None
    words = choice.message.content if choice and choice.message else None
    return Said(words or "", _fault(choice), tokens, written)


def _fault(choice: Choice | None) -> str:
    if choice is None or choice.message is None:
        return "the language model's answer is empty"
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return "the language model declined to read this reply"
    return "the language model's answer was cut off" if choice.finish_reason == "length" else ""


def out_of_reach(error: Exception) -> ModelError:
    if isinstance(error, TEMPORARY):
        return ModelError(f"the language model is out of reach: {type(error).__name__}", permanent=False)
    return ModelError(f"the language model refused the call: {type(error).__name__}", permanent=True)


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
            if batch.status == "failed":
                raise ModelError(f"the language model refused the batch: {_why_refused(batch)}", permanent=True)
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
            said = _said(ChatCompletion.model_validate(response["body"]))
            return row["custom_id"], read_one(said, self._model.name)
        except ModelError as fault:
            return row["custom_id"], fault
        except ValidationError:
            return row["custom_id"], ModelError("the language model's answer is no completion", permanent=True)


@lru_cache(maxsize=4)
def _client(key: str, address: str, timeout: float) -> OpenAI:
    """One per process and settings, for its connection pool; the library's own time-out would be 600 s."""
    return OpenAI(api_key=key, base_url=address, timeout=timeout, max_retries=0)


def _why_refused(batch: Batch) -> str:
    told = batch.errors.data if batch.errors else None
    return next((error.message for error in told or [] if error.message), "it does not say why")


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)

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
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    OpenAI,
    OpenAIError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)

from outreach.language_model import ModelError, ModelReading, ModelRefusesUsError
from outreach.openai_answers import ANSWER, ANSWERS, Said, Schema, hear, read_group, read_one, unanswered
from outreach.reading_prompt import INSTRUCTIONS, TOGETHER

OPENAI = "https://api.openai.com/v1"
LONGEST_REPLY = 1600
TEMPORARY = (APIConnectionError, RateLimitError, InternalServerError, ConflictError)
TIMED_OUT, UNPAID = 408, "insufficient_quota"
ABOUT_THE_WORDS = (BadRequestError, UnprocessableEntityError)
ABOUT_US = (AuthenticationError, PermissionDeniedError, NotFoundError)


class OpenAIModel:
    """One call per question, no retries of its own: who asks decides when to ask again."""

    def __init__(self, name: str = "", prompt: str = "") -> None:
        self.name = name or settings.OPENAI_MODEL
        self._prompt = prompt or INSTRUCTIONS

    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""
        started = time.monotonic()
        try:
            said = self._ask(self.question(text))
        except (OpenAIError, ValueError) as error:
            raise out_of_reach(error) from error
        return replace(read_one(said, self.name), latency_ms=_since(started))

    def read_replies(self, texts: Mapping[int, str]) -> dict[int, ModelReading]:
        """The ids in the request are of the moment, so that no reply can name another. What is refused as a whole may
        be so for one reply: then all are unanswered, and not faulty. Raises ModelError."""
        started, ids = time.monotonic(), {key: secrets.token_hex(4) for key in texts}
        try:
            said = self._ask(self._group_question({ids[key]: text for key, text in texts.items()}))
            found = read_group(said, self.name, list(ids.values()))
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

    def _ask(self, question: dict[str, Any]) -> Said:
        """Read by ourselves: the library hands on whatever shape an answer has."""
        return hear(self.client().chat.completions.with_raw_response.create(**question).content)

    @staticmethod
    def client() -> OpenAI:
        return _client(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL or OPENAI, settings.OPENAI_TIMEOUT)


def out_of_reach(error: Exception) -> ModelError:
    if isinstance(error, APIStatusError) and (isinstance(error, ABOUT_US) or error.code == UNPAID):
        return ModelRefusesUsError(error.status_code)
    if isinstance(error, TEMPORARY) or getattr(error, "status_code", None) == TIMED_OUT:
        return ModelError(f"the language model is out of reach: {type(error).__name__}", permanent=False)
    return ModelError(f"the language model refused the call: {type(error).__name__}", permanent=True)


@lru_cache(maxsize=4)
def _client(key: str, address: str, timeout: float) -> OpenAI:
    """One per process and settings, for its connection pool; the library's own time-out would be 600 s."""
    return OpenAI(api_key=key, base_url=address, timeout=timeout, max_retries=0)


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)

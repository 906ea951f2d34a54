"""The two answer shapes, and OpenAI's error object."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.http import Response, json_response
from local.openai_simulator.classifier import Reading, read_reply
from local.openai_simulator.groups import misled, spoil
from local.openai_simulator.requests import Asked
from local.openai_simulator.schema import fill, fill_list

REFUSAL = "I'm sorry, I can't assist with that."
_ERRORS = {
    "401": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "429": (429, "requests", "rate_limit_exceeded", "Rate limit reached for requests. Please try again in 1s."),
    "500": (500, "server_error", None, "The server had an error while processing your request."),
}


@dataclass(frozen=True)
class Answer:
    """What the model said, before it is put into one of the two shapes."""

    id: str
    model: str
    text: str
    refused: bool
    truncated: bool
    prompt_tokens: int
    answer_tokens: int


def answer_to(asked: Asked, number: int, fault: str | None, taught: Mapping[str, str]) -> Answer:
    """`taught`: labels of whole replies, where key words are not to be trusted."""
    text = _group_text(asked, fault, taught) if asked.replies else _answer_text(asked, taught)
    if fault == "wrong_schema":
        text = json.dumps({"label": "maybe", "confidence": "very"})
    if fault == "truncated":
        text = text[: len(text) // 2]
    if fault == "refusal":
        text = REFUSAL
    name = hashlib.sha256(f"{number}:{asked.prompt}".encode()).hexdigest()[:29]
    prompt = asked.prompt + json.dumps(asked.schema or "")
    return Answer(name, asked.model, text, fault == "refusal", fault == "truncated", _tokens(prompt), _tokens(text))


def as_chat(answer: Answer) -> Response:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if answer.refused else answer.text,
        "refusal": answer.text if answer.refused else None,
        "annotations": [],
    }
    finish = "length" if answer.truncated else "stop"
    body: dict[str, Any] = {
        "id": f"chatcmpl-{answer.id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.answer_tokens,
            "total_tokens": answer.prompt_tokens + answer.answer_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": None,
    }
    return json_response(body, headers=_headers(answer.id))


def as_response(answer: Answer) -> Response:
    status = "incomplete" if answer.truncated else "completed"
    body = {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if answer.truncated else None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": [
            {
                "type": "message",
                "id": f"msg_{answer.id}",
                "status": status,
                "role": "assistant",
                "content": [_content(answer)],
            }
        ],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": answer.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": answer.answer_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.prompt_tokens + answer.answer_tokens,
        },
    }
    return json_response(body, headers=_headers(answer.id))


def error_response(fault: str) -> Response:
    status, kind, code, message = _ERRORS[fault]
    headers = {"retry-after": "1"} if status == 429 else {}
    return json_response(error_body(message, kind, None, code), status, headers | _headers(fault))


def error_body(message: str, kind: str, param: str | None, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _answer_text(asked: Asked, taught: Mapping[str, str]) -> str:
    reading = _read(asked.reply, taught)
    if asked.schema is not None:
        return json.dumps(fill(asked.schema, reading), ensure_ascii=False)
    fields = {"label": reading.label, "confidence": reading.confidence, "evidence": reading.evidence}
    return json.dumps(fields, ensure_ascii=False) if asked.wants_json else reading.label


def _group_text(asked: Asked, fault: str | None, taught: Mapping[str, str]) -> str:
    readings = misled({key: _read(reply, taught) for key, reply in asked.replies.items()}, asked.replies)
    filled = fill_list(asked.schema or {}, readings)
    for entries in filled.values():
        if isinstance(entries, list):
            spoil(entries, fault, asked.replies)
    return json.dumps(filled, ensure_ascii=False)


def _read(reply: str, taught: Mapping[str, str]) -> Reading:
    label = taught.get(reply)
    return Reading(label, 0.95, reply.strip()[:60], None) if label else read_reply(reply)


def _content(answer: Answer) -> dict[str, Any]:
    if answer.refused:
        return {"type": "refusal", "refusal": answer.text}
    return {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}


def _headers(name: str) -> dict[str, str]:
    return {"x-request-id": f"req_{name}", "openai-processing-ms": "1", "openai-version": "2020-10-01"}


def _tokens(text: str) -> int:
    """Four letters a token: near enough to account for."""
    return len(text) // 4 + 1

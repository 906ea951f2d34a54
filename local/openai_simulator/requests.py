"""The two request shapes, read into one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.openai_simulator.schema import NAME, Schema, SchemaError, check_strict


class InvalidRequestError(Exception):
    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.param, self.code = message, param, code


@dataclass(frozen=True)
class Asked:
    """`reply` is the text to classify, or all of `replies` where several are asked about, by id. `schema` is None where
    plain text or any JSON will do."""

    model: str
    reply: str
    prompt: str
    schema: Schema | None
    wants_json: bool
    replies: Mapping[str, str] = field(default_factory=dict)


def read_chat(body: Mapping[str, Any]) -> Asked:
    messages = _required_list(body, "messages")
    form = _form(body.get("response_format"), "response_format")
    return _read(body, messages, form, form.get("json_schema", {}), "response_format")


def read_response(body: Mapping[str, Any]) -> Asked:
    given = body.get("input")
    messages = [{"role": "user", "content": given}] if isinstance(given, str) else _required_list(body, "input")
    if body.get("instructions"):
        messages = [{"role": "system", "content": body["instructions"]}, *messages]
    form = _form((body.get("text") or {}).get("format"), "text.format")
    return _read(body, messages, form, form, "text.format")


def _form(given: object, param: str) -> Mapping[str, Any]:
    form = given or {"type": "text"}
    if not isinstance(form, dict) or not isinstance(form.get("type"), str):
        raise InvalidRequestError(f"Invalid type for '{param}': expected an object with a type.", param, "invalid_type")
    return form


def _read(
    body: Mapping[str, Any], messages: list[Any], form: Mapping[str, Any], holder: Mapping[str, Any], param: str
) -> Asked:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise InvalidRequestError("you must provide a model parameter")
    prompt = "\n".join(_text(message.get("content")) for message in messages)
    schema = _schema(form, holder, param)
    if form["type"] == "json_object" and "json" not in prompt.lower():
        raise InvalidRequestError(
            f"'messages' must contain the word 'json' to use '{param}' of type 'json_object'.", param
        )
    said = _last_user_text(messages)
    replies = _replies(said)
    reply = "\n".join(replies.values()) or _reply(said)
    return Asked(model, reply, prompt, schema, form["type"] != "text", replies)


def _required_list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise InvalidRequestError(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    return value


def _schema(form: Mapping[str, Any], holder: Mapping[str, Any], param: str) -> Schema | None:
    if form.get("type") not in {"text", "json_object", "json_schema"}:
        raise InvalidRequestError(f"Invalid value: '{form.get('type')}'.", f"{param}.type", "invalid_value")
    if form["type"] != "json_schema":
        return None
    name, schema = holder.get("name"), holder.get("schema")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InvalidRequestError(f"Invalid '{param}.name': {name!r}.", f"{param}.name", "invalid_value")
    if not isinstance(schema, dict):
        raise InvalidRequestError(f"Missing required parameter: '{param}.schema'.", f"{param}.schema")
    if holder.get("strict"):
        _check_strict(name, schema, param)
    return schema


def _check_strict(name: str, schema: Schema, param: str) -> None:
    try:
        check_strict(schema)
    except SchemaError as error:
        raise InvalidRequestError(f"Invalid schema for {param} '{name}': {error}", param) from error


def _last_user_text(messages: list[Any]) -> str:
    for message in reversed(messages):
        if message.get("role") == "user":
            return _text(message.get("content"))
    raise InvalidRequestError("there is no user message", "messages")


def _text(content: object) -> str:
    """A string, or a list of parts of type text or input_text."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _reply(text: str) -> str:
    """The product wraps what a stranger wrote in {"reply": ...}, so that it cannot pass for instructions."""
    try:
        wrapped = json.loads(text)
    except ValueError:
        return text
    return str(wrapped["reply"]) if isinstance(wrapped, dict) and "reply" in wrapped else text


def _replies(text: str) -> dict[str, str]:
    """Several come as {"replies": [{"id": ..., "reply": ...}]}."""
    try:
        wrapped = json.loads(text)
        return {entry["id"]: entry["reply"] for entry in wrapped["replies"]}
    except (ValueError, TypeError, KeyError):
        return {}

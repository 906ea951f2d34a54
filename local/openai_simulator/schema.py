"""A strict JSON schema: whether OpenAI would take it, and the object that answers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local.openai_simulator.classifier import Reading

Schema = Mapping[str, Any]
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNSUPPORTED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else", "oneOf")
_CLOSEST = {"opt_out": "not_interested", "hostile": "not_interested", "send_offer": "interested"}


class SchemaError(Exception):
    """Why OpenAI would refuse the schema in strict mode."""


def check_strict(schema: Schema) -> None:
    """OpenAI's own rules: an object at the root, every object closed, every property required."""
    if schema.get("type") != "object" or "anyOf" in schema:
        raise SchemaError('In context=(), schema must have type "object" and not have "anyOf" at the top level.')
    _check(schema, ())


def fill(schema: Schema, reading: Reading) -> Any:
    return _Answer(schema, reading).value("", schema)


def fill_list(schema: Schema, readings: Mapping[str, Reading]) -> dict[str, Any]:
    """An entry for each reading, under its id, in the list that the schema has for entries with an id."""
    empty = Reading("", 0, "", None)
    filled: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        entry = part.get("items", {})
        if "id" in entry.get("properties", {}):
            answers = {key: _Answer(schema, reading).value("", entry) for key, reading in readings.items()}
            filled[name] = [answer | {"id": key} for key, answer in answers.items()]
        else:
            filled[name] = _Answer(schema, empty).value(name, part)
    return filled


def _check(schema: Schema, context: tuple[str, ...]) -> None:
    for word in _UNSUPPORTED:
        if word in schema:
            raise SchemaError(f"In context={context}, '{word}' is not permitted.")
    if schema.get("type") == "object":
        _check_object(schema, context)
    for name, part in [*schema.get("properties", {}).items(), *schema.get("$defs", {}).items()]:
        _check(part, (*context, name))
    for part in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        _check(part, context)


def _check_object(schema: Schema, context: tuple[str, ...]) -> None:
    if schema.get("additionalProperties") is not False:
        raise SchemaError(f"In context={context}, 'additionalProperties' is required to be supplied and to be false.")
    missing = sorted(set(schema.get("properties", {})) - set(schema.get("required", [])))
    if missing:
        raise SchemaError(
            f"In context={context}, 'required' is required to be supplied and to be an array including every key "
            f"in properties. Missing '{missing[0]}'."
        )


class _Answer:
    """Property names decide what goes where; what no name explains gets the emptiest value its type allows."""

    def __init__(self, root: Schema, reading: Reading) -> None:
        self._root = root
        self._reading = reading

    def value(self, name: str, schema: Schema) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(schema["enum"])
        if "anyOf" in schema:
            return self._first_that_fits(name, schema["anyOf"])
        kinds = schema.get("type", "string")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return self._typed(name, kinds, schema)

    def _typed(self, name: str, kinds: list[str], schema: Schema) -> Any:
        wanted = next(kind for kind in kinds if kind != "null")
        makers = {
            "object": lambda: {key: self.value(key, part) for key, part in schema.get("properties", {}).items()},
            "array": lambda: self._items(name, schema),
            "boolean": lambda: self._yes_or_no(name),
            "number": lambda: self._number(name, schema),
            "integer": lambda: self._number(name, schema),
            "string": lambda: self._words(name),
        }
        value = makers[wanted]()
        if value is None:
            return None if "null" in kinds else {"number": 0.0, "integer": 0, "string": ""}[wanted]
        return value

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            node: Any = self._root
            for step in schema["$ref"].removeprefix("#").strip("/").split("/"):
                node = node[step] if step else node
            schema = node
        return schema

    def _first_that_fits(self, name: str, parts: list[Schema]) -> Any:
        real = [part for part in parts if part.get("type") != "null"]
        value = self.value(name, real[0])
        is_empty = value in ("", 0, 0.0, [])
        return None if is_empty and len(real) < len(parts) else value

    def _choice(self, options: list[Any]) -> Any:
        label = self._reading.label
        for wanted in (label, _CLOSEST.get(label), "confused", "unclear", "unknown", "other"):
            if wanted in options:
                return wanted
        return options[-1]

    def _items(self, name: str, schema: Schema) -> list[Any]:
        item = self._resolved(schema.get("items", {}))
        is_quotes = item.get("type") == "string" and self._words(name)
        return [self._reading.evidence] if is_quotes and self._words(name) == self._reading.evidence else []

    def _yes_or_no(self, name: str) -> bool:
        return self._reading.opt_out if re.search(r"opt|stop|unsubscribe", name) else False

    def _number(self, name: str, schema: Schema) -> float | None:
        if re.search(r"price|amount|ask", name):
            return self._reading.asking_price
        if not re.search(r"confiden|probab|score|certain", name):
            return None
        is_percentage = schema.get("type") == "integer" or schema.get("maximum") == 100
        return round(self._reading.confidence * 100) if is_percentage else self._reading.confidence

    def _words(self, name: str) -> str | None:
        if re.search(r"label|class|intent|category|kind", name):
            return self._reading.label
        if re.search(r"evidence|quote|span|excerpt", name):
            return self._reading.evidence
        if re.search(r"reason|explan|why|summary|rationale", name):
            return f"The reply says: {self._reading.evidence}"
        return None

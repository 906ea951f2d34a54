"""Scenarios as YAML: read strictly, and refused in one line that says what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from local.twilio_simulator.errors import REFUSALS
from local.twilio_simulator.faults import ALWAYS, Faults, TextFaults, WebhookFaults
from local.twilio_simulator.scenario import People, Saying, Scenario, Stranger

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
DELAYS = {
    "status": "status_delay",
    "reply": "reply_delay",
    "late": "late_delay",
    "insert": "insert_delay",
    "hang": "hang_seconds",
    "retry_after": "retry_after",
    "retry": "retry_delay",
}
"""Names in a file -> names in `Settings`."""
Pairs = Mapping[Any, Any]
T = TypeVar("T")


class ScenarioError(Exception):
    """One line: which file, where in it, what is wrong, what to write instead."""


def shipped_scenarios() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_scenario(name: str | Path) -> Scenario:
    """One of the shipped ones by its name, or any file."""
    path = Path(name)
    if len(path.parts) == 1 and not path.suffix:
        path = SHIPPED / f"{name}.yaml"
        if not path.is_file():
            raise ScenarioError(f"no scenario “{name}”; there are {', '.join(shipped_scenarios())}, or name a file")
    try:
        return read_scenario(path.read_text(encoding="utf-8"), path.stem)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ScenarioError(f"{path}: {why}; name a YAML file that can be read") from None
    except ScenarioError as error:
        raise ScenarioError(f"{path}: {error}") from None


def read_scenario(text: str, name: str) -> Scenario:
    """Raises ScenarioError without the file's name."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioError(_syntax(error)) from None
    return _scenario(_mapping(found or {}, "the file"), name)


def _syntax(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "it cannot be read"
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}not YAML, {problem}; see local/scenarios/ for examples"


def _scenario(found: Pairs, name: str) -> Scenario:
    _known(found, [field.name for field in fields(Scenario) if field.name not in ("name", "faults")] + _FAULTS, "")
    return Scenario(
        name=name,
        about=str(found.get("about", "")),
        seed=_whole(found.get("seed", 1), "seed"),
        clock_skew=_number(found.get("clock_skew", 0), "clock_skew", lowest=None),
        delays=_delays(found.get("delays", {})),
        faults=_faults(found, ""),
        replies=_webhooks(found.get("replies", {}), "replies"),
        numbers=_numbers(found.get("numbers", {})),
        people=_people(found["people"]) if "people" in found else None,
        strangers=tuple(_each(found.get("strangers", []), "strangers", _stranger)),
    )


_FAULTS = ["texts", "callbacks"]


def _faults(found: Pairs, where: str) -> Faults:
    dot = f"{where}." if where else ""
    return Faults(
        _texts(found.get("texts", {}), f"{dot}texts"), _webhooks(found.get("callbacks", {}), f"{dot}callbacks")
    )


def _texts(value: object, where: str) -> TextFaults:
    found = _mapping(value, where)
    _known(found, [field.name for field in fields(TextFaults)], where)
    by_code = ("refused", "undelivered")
    plain = {name: _share(share, f"{where}.{name}") for name, share in found.items() if name not in by_code}
    refused, undelivered = (_codes(found.get(name, {}), f"{where}.{name}") for name in by_code)
    return TextFaults(refused, undelivered, **plain)


def _codes(value: object, where: str) -> dict[int, float]:
    """A code alone means always."""
    if isinstance(value, int):
        value = {value: ALWAYS}
    found = _mapping(value, where)
    for code in found:
        if code not in REFUSALS:
            raise ScenarioError(f"{where}: {code} is no error code; use one of {_list(sorted(REFUSALS))}")
    shares = {int(code): _share(share, f"{where}.{code}") for code, share in found.items()}
    if sum(shares.values()) > 1 + 1e-9:
        raise ScenarioError(f"{where}: the shares add up to {sum(shares.values()):g}; at most 1 is possible")
    return shares


def _webhooks(value: object, where: str) -> WebhookFaults:
    found = _mapping(value, where)
    allowed = [field.name for field in fields(WebhookFaults)]
    _known(found, [name for name in allowed if not (where == "replies" and name == "reordered")], where)
    return WebhookFaults(**{name: _share(share, f"{where}.{name}") for name, share in found.items()})


def _numbers(value: object) -> dict[str, Faults]:
    return {str(ending): _ending(ending, faults) for ending, faults in _mapping(value, "numbers").items()}


def _ending(ending: object, value: object) -> Faults:
    if not isinstance(ending, str) or not (ending.isascii() and ending.isdigit() and 2 <= len(ending) <= 11):
        raise ScenarioError(f"numbers.{ending}: an ending is 2 to 11 digits in quotation marks, such as '0042'")
    where = f"numbers.{ending}"
    found = _mapping(value, where)
    _known(found, _FAULTS, where)
    return _faults(found, where)


def _delays(value: object) -> dict[str, float]:
    found = _mapping(value, "delays")
    _known(found, DELAYS, "delays")
    return {DELAYS[name]: _number(seconds, f"delays.{name}") for name, seconds in found.items()}


def _people(value: object) -> People:
    found = _mapping(value, "people")
    _known(found, ["share", "says", "answers"], "people")
    says = tuple(_each(found.get("says", []), "people.says", _saying))
    if not says:
        raise ScenarioError("people.says: nobody can answer without words; list some under says")
    share, answers = _share(found.get("share", 0), "people.share"), _whole(found.get("answers", 1), "people.answers")
    return People(share, says, answers)


def _saying(value: object, where: str) -> Saying:
    if isinstance(value, str):
        return Saying(value)
    found = _mapping(value, where)
    _known(found, ["text", "weight", "media"], where)
    return Saying(
        _text(found, where),
        _number(found.get("weight", 1), f"{where}.weight"),
        _whole(found.get("media", 0), f"{where}.media"),
    )


def _stranger(value: object, where: str) -> Stranger:
    found = _mapping(value, where)
    _known(found, ["number", "text", "after", "media"], where)
    number = found.get("number", "")
    if not (isinstance(number, str) and number.startswith("+") and number[1:].isdigit()):
        raise ScenarioError(f"{where}.number: {number!r} is no number; write one such as '+12255550123'")
    after, media = found.get("after", 0), found.get("media", 0)
    return Stranger(number, _text(found, where), _number(after, f"{where}.after"), _whole(media, f"{where}.media"))


def _text(found: Pairs, where: str) -> str:
    """Empty only beside a picture."""
    text = found.get("text", "")
    if not isinstance(text, str) or not (text or found.get("media")):
        raise ScenarioError(f"{where}.text: {text!r} is no text; write the words in quotation marks")
    return text


def _each(value: object, where: str, read: Callable[[object, str], T]) -> list[T]:
    if not isinstance(value, list):
        raise ScenarioError(f"{where}: {value!r} is no list; start each entry with a dash")
    return [read(entry, f"{where}[{place}]") for place, entry in enumerate(value)]


def _mapping(value: object, where: str) -> Pairs:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where}: {value!r} is not a set of names with values; write “name: value” lines")
    return value


def _known(found: Pairs, allowed: Iterable[str], where: str) -> None:
    for name in found:
        if name not in (names := list(allowed)):
            raise ScenarioError(f"{f'{where}.' if where else ''}{name}: unknown; here belong {_list(names)}")


def _share(value: object, where: str) -> float:
    number = ALWAYS if value is True else _number(value, where)
    if number > 1:
        raise ScenarioError(f"{where}: {value!r} is no share; write a number from 0 (never) to 1 (always)")
    return number


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScenarioError(f"{where}: {value!r} is no whole number; write 0, 1, 2 ...")
    return value


def _number(value: object, where: str, lowest: float | None = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise ScenarioError(f"{where}: {value!r} is no number")
    if lowest is not None and value < lowest:
        raise ScenarioError(f"{where}: {value!r} is below {lowest:g}; write {lowest:g} or more")
    return float(value)


def _list(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))

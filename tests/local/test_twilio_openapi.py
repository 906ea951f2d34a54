"""The simulator's answers against Twilio's published specification: name and type of every field, no more, no less."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from local.twilio_simulator import TwilioSimulator

SID, TOKEN = "AC" + "1" * 32, "the-auth-token"
OURS, ADA = "+12255550100", "+12255550711"
SPECIFICATION = json.loads((Path(__file__).parent / "twilio_openapi.json").read_text())
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time-rfc-2822", raises=ValueError)
def is_rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


@FORMATS.checks("date-time", raises=ValueError)
def is_iso_8601(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("phone-number")
def is_phone_number(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\+[1-9]\d{1,14}", value) is not None


@FORMATS.checks("currency")
def is_currency(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch("[A-Za-z]{3}", value) is not None


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"(https?://[^/\s]+)?/\S*", value) is not None


def as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 in JSON Schema's words, and strict: every field of an object is there and no other."""
    if isinstance(part, list):
        return [as_json_schema(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    found = {name: as_json_schema(value) for name, value in part.items() if name != "nullable"}
    if isinstance(part.get("properties"), dict):
        found |= {"required": list(part["properties"]), "additionalProperties": False}
    if part.get("nullable") is True and found:
        return {"anyOf": [found, {"type": "null"}]}
    return found


SCHEMAS = as_json_schema(SPECIFICATION)


def problems(name: str, answer: object) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": SCHEMAS["components"]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.fixture(scope="module")
def simulator() -> Iterator[TwilioSimulator]:
    with TwilioSimulator(SID, TOKEN) as simulator:
        yield simulator


def ask(simulator: TwilioSimulator, path: str, token: str = TOKEN, **form: str) -> Any:
    url = f"{simulator.base_url}{path}"
    method = "POST" if form else "GET"
    return requests.request(method, url, data=form or None, auth=(SID, token), timeout=5).json()


MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages"


def create(simulator: TwilioSimulator, to: str = ADA, **form: str) -> Any:
    return ask(simulator, f"{MESSAGES}.json", To=to, Body="Hello", **({"From": OURS} | form))


@pytest.mark.parametrize("to", [ADA, "+12255550006", "+12255550007", "+12255550009", "+12255550010"])
def test_a_message_when_created_and_when_it_is_over(simulator: TwilioSimulator, to: str) -> None:
    made = create(simulator, to)
    simulator.wait_until_quiet()
    assert problems("message", made) == []
    fetched = ask(simulator, f"{MESSAGES}/{made['sid']}.json")
    assert fetched["status"] in ("delivered", "undelivered")
    assert problems("message", fetched) == []


def test_a_message_of_a_messaging_service(simulator: TwilioSimulator) -> None:
    assert problems("message", create(simulator, MessagingServiceSid="MG" + "a" * 32, From="")) == []


def test_the_list_and_what_came_in(simulator: TwilioSimulator) -> None:
    simulator.text_in(ADA, OURS, "hello 🏡")
    simulator.text_in(ADA, OURS, "", media=3)
    create(simulator)
    simulator.wait_until_quiet()
    for query in ("", "?PageSize=2", "?PageSize=1&Page=0", "?To=%2B19995550000"):
        page = ask(simulator, f"{MESSAGES}.json{query}")
        assert problems("message_list", page) == []
        if page["next_page_uri"]:
            assert problems("message_list", ask(simulator, page["next_page_uri"])) == []
    assert {message["direction"] for message in ask(simulator, f"{MESSAGES}.json")["messages"]} == {
        "inbound",
        "outbound-api",
    }


@pytest.mark.parametrize("number", [ADA, "+12255551000", "+12255551010", "+1225555", "+19995550123"])
@pytest.mark.parametrize("query", ["", "?Fields=line_type_intelligence"])
def test_a_lookup(simulator: TwilioSimulator, number: str, query: str) -> None:
    answer = ask(simulator, f"/v2/PhoneNumbers/{number}{query}")
    assert problems("lookup", answer) == []


@pytest.mark.parametrize(
    "query", ["", f"?PhoneNumber=%2B{OURS[1:]}", "?PhoneNumber=%2B19995550000", "?PhoneNumber=%2Bx"]
)
def test_the_accounts_numbers(query: str) -> None:
    path = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json{query}"
    for numbers, inbound_url in ((frozenset(), ""), (frozenset({OURS, ADA}), "http://127.0.0.1:1/twilio/inbound/")):
        with TwilioSimulator(SID, TOKEN, numbers=numbers, inbound_url=inbound_url) as simulator:
            assert problems("number_list", ask(simulator, path)) == []


def test_a_messaging_service(simulator: TwilioSimulator) -> None:
    assert problems("service", ask(simulator, f"/v1/Services/MG{'a' * 32}")) == []


def test_every_kind_of_error(simulator: TwilioSimulator) -> None:
    refused = [create(simulator, f"+1225555000{ending}") for ending in (1, 2, 3, 4)]
    refused += [ask(simulator, f"{MESSAGES}.json", token="guessed"), ask(simulator, f"{MESSAGES}/SM0.json")]
    refused += [ask(simulator, f"{MESSAGES}.json?PageSize=many"), ask(simulator, "/nowhere")]
    assert [answer["code"] for answer in refused] == [21211, 21610, 20429, 20500, 20003, 20404, 20001, 20404]
    assert [problem for answer in refused for problem in problems("error", answer)] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_segments": 1}, "$.num_segments: 1 is not valid under any of the given schemas"),
        ({"status": "arrived"}, "$.status: 'arrived' is not valid under any of the given schemas"),
        ({"sid": "SM1"}, "$.sid: 'SM1' is not valid under any of the given schemas"),
        ({"date_created": "2026-09-14T16:00:00Z"}, "$.date_created: '2026-09-14T16:00:00Z' is not valid under any"),
        ({"colour": "blue"}, "$: Additional properties are not allowed ('colour' was unexpected)"),
    ],
)
def test_the_check_sees_a_field_of_another_name_or_type(
    simulator: TwilioSimulator, change: dict[str, object], words: str
) -> None:
    (problem,) = problems("message", create(simulator) | change)
    assert problem.startswith(words)


def test_the_check_sees_a_missing_field(simulator: TwilioSimulator) -> None:
    made = copy.deepcopy(create(simulator))
    del made["num_media"]
    assert problems("message", made) == ["$: 'num_media' is a required property"]
